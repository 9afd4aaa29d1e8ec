"""Facts about the source that no run can show: one maker per station, one opener of secrets, one source of noise."""

import ast
import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jali.model.errors import JaliError
from jali.model.secret import Secret
from jali.plan.exact import ExactPlan, Group
from jali.plan.private import PrivatePlan
from jali.policy.settings import Settings
from jali.testing.samplers import Recorder
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.queries import caps, queries, worlds
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.world import Caps, World, store

SOURCE = Path(__file__).parents[2] / "src" / "jali"
MAKERS = {
    "Cleared": {"policy/check.py"},
    "PrivatePlan": {"plan/build.py"},
    "Release": {"pipeline.py"},  # `workload.py` asks it for the answers of a workload
    "Charge": {"ledger/sqlite.py"},
    "Secret": {"engines/duckdb/engine.py"},
    "Noisy": {"trust/central.py", "plan/noisy.py"},
    "OpenDPSampler": {"trust/central.py"},
}
"""Type of a station -> the files that may make one; `plan/noisy.py` reads back what was kept."""

SEALED = {"Secret", "unseal"}
LATE_IMPORTS = {"serve/python.py"}
"""Files that may call import_module: for data frames, by a name that stands in the code."""


@cache
def modules() -> dict[str, ast.Module]:
    found = {
        str(p.relative_to(SOURCE)): ast.parse(p.read_text(encoding="utf-8")) for p in SOURCE.rglob("*.py")
    }
    assert len(found) > 90
    return found


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            yield name, node


def imports() -> Iterator[tuple[str, str]]:
    """Yield (file, full dotted name imported)."""
    for name, node in nodes():
        if isinstance(node, ast.Import):
            yield from ((name, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)
            yield name, node.module


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    for file, node in nodes():
        if isinstance(node, ast.Call) and name_of(node.func) in names:
            yield file, node


@pytest.mark.guarantee
@pytest.mark.parametrize("station", sorted(MAKERS))
def test_a_station_has_one_maker(station: str) -> None:
    assert {file for file, _ in calls(station)} == MAKERS[station]


@pytest.mark.guarantee
def test_no_station_is_changed_once_made_except_its_price_by_its_own_layer() -> None:
    """`dataclasses.replace` on a station would be a second maker; it is used on plain facts only."""
    for file, call in calls("replace"):
        if isinstance(call.func, ast.Attribute):
            continue  # text.replace
        first = call.args[0]
        named = ast.unparse(first)
        forbidden = {
            "cleared",
            "plan",
            "prepared.plan",
            "noisy",
            "charge",
            "plan.cleared",
            "prepared.plan.cleared",
        }
        priced = {"plan/build.py", "plan/derive.py", "plan/refine.py", "pipeline.py"}
        assert named not in forbidden or file in priced, (file, named)


@pytest.mark.guarantee
def test_secrets_are_opened_under_trust_alone() -> None:
    assert {file for file, name in imports() if name.startswith("jali.model.unseal")} == {"trust/central.py"}
    touched = {f for f, n in nodes() if isinstance(n, ast.Attribute) and n.attr == "_value"}
    assert touched == {"model/secret.py", "model/unseal.py"}
    hidden = {f for f, n in nodes() if isinstance(n, ast.Constant) and n.value == "_value"}
    assert hidden == {"model/secret.py"}, "the slot's name stands nowhere else, not even as text for getattr"


@pytest.mark.guarantee
def test_a_secret_has_no_text_and_cannot_be_copied_or_compared() -> None:
    import copy
    import json
    import pickle

    secret = Secret([8_317_263])
    assert {str(secret), repr(secret), f"{secret}", f"{secret:>30}"} == {"<secret>"}
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps, json.dumps, list, len, bool, hash, vars):
        with pytest.raises(TypeError):
            attempt(secret)  # type: ignore[operator]
    with pytest.raises(TypeError):
        _ = secret == secret  # noqa: PLR0124  # the comparison is what is tested


@pytest.mark.guarantee
def test_nothing_draws_random_numbers_but_the_sampler_and_the_keys() -> None:
    banned = ("random", "numpy", "scipy", "numba")
    assert not [(f, n) for f, n in imports() if n.split(".")[0] in banned]
    assert {f for f, n in imports() if n.split(".")[0] == "opendp"} == {"privacy/mechanisms.py"}
    strong = {f for f, n in imports() if n.split(".")[0] == "secrets"} | {f for f, _ in calls("urandom")}
    assert strong <= {
        "keys/vault.py",
        "keys/identifiers.py",
        "ledger/audit.py",
        "ledger/sqlite.py",
        "ledger/merkle.py",
    }
    sql = {
        f
        for f, n in nodes()
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and "setseed" in n.value
    }
    assert not sql


@pytest.mark.guarantee
def test_no_setting_variable_or_flag_can_choose_a_sampler() -> None:
    """A sampler is a parameter of one constructor, and only jali.testing passes it."""
    for file, call in calls("Central"):
        passes = len(call.args) > 1 or any(k.arg == "sampler" for k in call.keywords)
        assert not passes or file.startswith("testing/"), file
    assert not [(f, n) for f, n in imports() if n.startswith("jali.testing") and not f.startswith("testing/")]
    words = ("noise", "sampler", "seed", "epsilon", "debug")
    assert not [f.name for f in dataclasses.fields(Settings) if any(w in f.name for w in words)]
    for file, node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("JALI_"):
            assert not any(w in node.value.lower() for w in ("noise", "sampler", "seed")), (file, node.value)
    assert "os" not in {
        n.split(".")[0] for f, n in imports() if f.startswith(("privacy/", "trust/", "plan/", "sql/"))
    }


@pytest.mark.guarantee
def test_no_import_goes_round_the_layers() -> None:
    assert not list(calls("__import__", "exec", "eval", "compile_command"))
    assert {f for f, _ in calls("import_module")} <= LATE_IMPORTS
    assert not [
        f
        for f, n in imports()
        if n in {"importlib.util.spec_from_file_location", "runpy", "ctypes", "gc", "inspect"}
    ]
    for file, call in calls("getattr"):
        if file.startswith(("trust/", "engines/", "privacy/")):
            pytest.fail(f"{file} reads an attribute by a computed name: {ast.unparse(call)}")


@pytest.mark.guarantee
def test_plans_know_nothing_of_the_store() -> None:
    """Planning and explaining read no private file: nothing under plan or sql imports the store or an engine."""
    low = ("plan/", "sql/", "privacy/", "policy/")
    wrong = [
        (f, n)
        for f, n in imports()
        if f.startswith(low) and n.startswith(("jali.store", "jali.engines", "duckdb", "pyarrow"))
    ]
    assert not wrong


# --- record and replay ------------------------------------------------------------------------------------------------


class _Fixed(Recorder):
    """Chooses the same norm on both sides: frozen noise, as record and replay asks."""

    def choose(self, scores: Any, scale: float) -> int:
        super().choose(scores, scale)
        return 0


def _scales(plan: PrivatePlan, measured: Any) -> list[float]:
    """Return the scale of each draw of a measure: one a statistic, or one a node of a tree."""
    scales = list(measured.noise.scales(_first_norm(plan, measured)))
    group = measured.noise.group
    return scales * len(group.ids) if isinstance(group, Group) and group.tree is not None else scales


@pytest.mark.guarantee
def test_neighbouring_data_ask_the_same_mechanisms_with_the_same_scales() -> None:
    """Record and replay (arXiv 2602.17454): frozen choices, one unit removed, the same sequence of calls.

    For selected keys the number of draws is left out: keys show or not, and that is what the threshold pays for.
    """
    seen: list[str] = []

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(sql=queries, cap=caps(), world=worlds())
    def run(sql: str, cap: Caps, world: World) -> None:
        try:
            plan = plan_of(sql, cap)
        except JaliError:
            return
        left, right = (_calls(plan, w) for w in (world, world.without(0)))
        assert left == right, sql
        wanted = [scale for m in plan.measured for scale in _scales(plan, m)]
        drawn = [s for kind, s, _ in left if kind != "choose"]
        found = [plan.selection.sigma] if plan.selection is not None else []
        assert drawn[len(drawn) - len(wanted) :] == wanted
        assert drawn[: len(drawn) - len(wanted)] == found
        seen.append(sql)

    run()
    assert len(seen) >= 20


def _first_norm(plan: PrivatePlan, measured: Any) -> int | None:
    norms = (
        getattr(measured.noise.group.bound, "norms", None) if hasattr(measured.noise.group, "bound") else None
    )
    assert isinstance(plan.exact, ExactPlan)
    return norms[0] if norms and measured.noise.choice_nano_rho else None


def _calls(plan: PrivatePlan, world: World) -> list[tuple[str, float, int | None]]:
    recorder = _Fixed()
    with store(world) as snapshot:
        Central(ENGINE, recorder).release(plan, snapshot)
    selects = plan.selection is not None
    return [(kind, s, None if selects and kind != "choose" else n) for kind, s, n in recorder.calls]


@pytest.mark.guarantee
@given(
    st.sampled_from(
        ["SELECT k, COUNT(*) FROM events GROUP BY k", "SELECT s, AVG(y), SUM(x) FROM events GROUP BY s"]
    )
)
@settings(max_examples=4, deadline=None)
def test_the_price_recomputed_from_what_was_asked_equals_the_charge(sql: str) -> None:
    plan = plan_of(sql, Caps(max_rows=4, max_groups=2, clip={}))
    assert plan.price_again().nano_rho <= plan.cost.nano_rho
    assert plan.cost.nano_rho - plan.price_again().nano_rho <= 10 * len(plan.measured) + 10
    assert Fraction(plan.cost.atto_delta, 10**18) == (Fraction(1, 10**6) if plan.selection else 0)
