"""The check itself: exact bounded answers with and without one unit differ by no more than the plan claims."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from jali.engines.duckdb import DuckDBEngine
from jali.model.unseal import unseal
from jali.plan.choice import rank_weights, scores
from jali.plan.exact import FINE, AutoClip, CellClamp, Group, SharedDistinct, Totals
from jali.plan.noise import l1_of, noise_for
from jali.plan.private import PrivatePlan
from jali.store.snapshot import Snapshot
from jali.testing.samplers import Recorder
from jali.trust.central import Central
from tests.guarantee.world import World, store

NOTHING: Mapping[str, int] = {}
KEY = b"\x07" * 32
ENGINE = DuckDBEngine(KEY, memory_limit_bytes=2**28, threads=1)


@dataclass
class Tightness:
    """Largest share of each claim that any case reached, by shape."""

    reached: dict[str, Fraction] = field(default_factory=dict)

    def note(self, shape: str, share: Fraction) -> None:
        self.reached[shape] = max(self.reached.get(shape, Fraction(0)), share)


Exact = tuple[dict[str, list[int]], list[Totals]]


def exact(
    plan: PrivatePlan, snapshot: Snapshot, choices: list[dict[str, int]], found: Mapping[str, int]
) -> tuple[dict[str, list[int]], Exact]:
    """Return units by number for each bound that is found first, norm buckets, and totals for every choice of norms."""
    spreads: dict[str, list[int]] = {}
    values: dict[str, int] = {}
    with ENGINE.open(plan.exact, snapshot) as run:
        for choice in plan.choices:
            spreads[choice.what] = unseal(run.spread(choice.number))
            values[choice.what] = found[choice.what]
            run.settle(plan.settled(values).exact)
        return spreads, (unseal(run.norms()), [unseal(run.totals(tuple(norms.items()))) for norms in choices])


def shape_of(group: Any) -> str:
    if not isinstance(group, Group):
        return "shared distinct"
    kinds = "+".join(s.kind.value for s, _ in group.statistics)
    return f"{kinds} {type(group.bound).__name__} {'one key' if group.max_keys == 1 else 'keys'}"


def check(
    plan: PrivatePlan,
    world: World,
    unit: int,
    choices: list[dict[str, int]],
    seen: Tightness | None = None,
    found: Mapping[str, int] = NOTHING,
) -> None:
    """Assert every claim of the plan for removing `unit`; layout numbers differ between the two sides on purpose."""
    dense = {u: i for i, u in enumerate(world.units)}
    other = {u: i for i, u in enumerate(reversed(world.without(unit).units))}
    with store(world, dense) as left, store(world.without(unit), other) as right:
        compare(plan, left, right, choices, seen, found)


def compare(
    plan: PrivatePlan,
    left: Snapshot,
    right: Snapshot,
    choices: list[dict[str, int]],
    seen: Tightness | None = None,
    found: Mapping[str, int] = NOTHING,
) -> None:
    """Assert every claim of the plan for two neighbouring snapshots, under bounds that were found as given."""
    spreads_with, (norms_with, with_unit) = exact(plan, left, choices, found)
    spreads_without, (norms_without, without) = exact(plan, right, choices, found)
    for choice in plan.choices:
        a, b = spreads_with[choice.what], spreads_without[choice.what]
        assert a[-1] == b[-1] == 0  # the end of the grid is enforced
        assert sum(abs(x - y) for x, y in zip(a, b, strict=True)) <= 1
        pairs = zip(scores(a, choice.rank, choice.prior), scores(b, choice.rank, choice.prior), strict=True)
        assert all(abs(x - y) <= choice.sensitivity for x, y in pairs)
    plan = plan.settled(found)
    for group in plan.exact.groups:
        if isinstance(group.bound, AutoClip):
            _check_choice(group, norms_with[group.id], norms_without[group.id])
    for norms, a, b in zip(choices, with_unit, without, strict=True):
        for group in plan.exact.groups:
            _check_group(group, a, b, norms.get(group.id), seen)
        for shared in plan.exact.shared:
            _check_shared(shared, a, b, seen)
        if plan.selection is not None:
            _check_selection(plan, a, b)


def _check_shared(shared: SharedDistinct, a: Totals, b: Totals, seen: Tightness | None) -> None:
    changes = _changes(a, b, shared.id)
    assert sum(c * c for c in changes) <= shared.squared()
    assert sum(abs(c) for c in changes) <= shared.max_keys * shared.per_key
    if seen is not None:
        seen.note("shared distinct", Fraction(sum(c * c for c in changes), shared.squared()))


def _changes(a: Totals, b: Totals, name: str) -> list[int]:
    left = dict(zip(a.keys, a.values[name], strict=True))
    right = dict(zip(b.keys, b.values[name], strict=True))
    return [left.get(k, 0) - right.get(k, 0) for k in {*left, *right}]


def _check_group(group: Group, a: Totals, b: Totals, norm: int | None, seen: Tightness | None) -> None:
    weights = [1] * len(group.ids) if group.tree is not None else [w for _, w in group.statistics]
    squared = sum(
        w * w * sum(c * c for c in _changes(a, b, one)) for one, w in zip(group.ids, weights, strict=True)
    )
    claim = group.squared(norm)
    assert squared <= claim, (shape_of(group), squared, claim)
    for one in group.ids:
        touched = sum(c != 0 for c in _changes(a, b, one))
        assert touched <= group.max_keys, (shape_of(group), touched, group.max_keys)
    if isinstance(group.bound, CellClamp) and group.l1 is not None:
        assert sum(abs(c) for c in _changes(a, b, group.statistics[0][0].id)) <= group.l1
    absolute = sum(
        w * sum(abs(c) for c in _changes(a, b, one)) for one, w in zip(group.ids, weights, strict=True)
    )
    assert absolute <= l1_of(group, norm), (shape_of(group), absolute, l1_of(group, norm))
    if seen is not None and claim:
        seen.note(f"L1 of {shape_of(group)}", Fraction(absolute, l1_of(group, norm)))
        seen.note(shape_of(group), Fraction(squared, claim))


def _check_choice(group: Group, a: list[int], b: list[int]) -> None:
    moved = [x - y for x, y in zip(a, b, strict=True)]
    assert sum(abs(m) for m in moved) <= 1
    bound = group.bound
    assert isinstance(bound, AutoClip)
    below_weight, above_weight = rank_weights(bound.rank)
    most = max(below_weight, above_weight)
    for left, right in zip(_scores(bound, a), _scores(bound, b), strict=True):
        assert abs(left - right) <= most


def _scores(bound: AutoClip, counts: list[int]) -> list[int]:
    group = Group("g0", (), bound, 1, False)
    recorder = Recorder()
    Central(ENGINE, recorder)._choose(noise_for(group, 10**9), counts)
    return list(recorder.scores[0])


def _check_selection(plan: PrivatePlan, a: Totals, b: Totals) -> None:
    left = dict(zip(a.keys, a.weights, strict=True))
    right = dict(zip(b.keys, b.weights, strict=True))
    moved = [left.get(k, 0) - right.get(k, 0) for k in {*left, *right}]
    assert sum(m * m for m in moved) <= FINE * FINE
    assert all(abs(m) <= FINE for m in moved)
    selection = plan.selection
    assert selection is not None
    new = [k for k, w in left.items() if w > 0 and right.get(k, 0) == 0]
    assert len(new) <= selection.max_keys
