"""The conformance corpus: what is accepted plans and means plain SQL on every engine; what is refused says why.

`later_` files hold questions of spec/sql.md that are being built: they are expected to fail for now.
JALI_UPDATE_CASES=1 writes the expected lines anew: read the difference before you commit it.
"""

import os
import time
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from jali.model.errors import JaliError
from tests.cases.conformance.asking import ENGINES, answer, plan_case, summary
from tests.cases.conformance.cases import Case, cases, update
from tests.cases.conformance.people_of import private_texts
from tests.cases.conformance.plainly import asked_plainly
from tests.cases.conformance.same import difference
from tests.cases.conformance.stored import plain, stored

HANG_S = 5.0
_UPDATES = bool(os.environ.get("JALI_UPDATE_CASES"))


def _params(folder: str) -> list[Any]:
    later = pytest.mark.xfail(strict=False, reason="being built")
    return [pytest.param(c, id=c.id, marks=[later] if c.is_later else []) for c in cases(folder)]


@pytest.fixture(scope="module")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    with plain() as found:
        yield found


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Any]:
    with stored() as found:
        yield found


@pytest.mark.parametrize("case", _params("accepted"))
def test_an_accepted_question_plans_without_data(case: Case) -> None:
    found = summary(plan_case(case))
    if _UPDATES and not case.is_later:
        update("accepted", case, found)
        return
    assert case.expected in {found, "?"}


@pytest.mark.guarantee
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", [p for p in _params("accepted") if "house" not in p.values[0].facts])
def test_an_accepted_question_means_what_plain_sql_means(
    case: Case, engine: str, snapshot: Any, tables: duckdb.DuckDBPyConnection
) -> None:
    plan = plan_case(case)
    got = answer(plan, ENGINES[engine], snapshot)
    wanted = asked_plainly(case, tables)
    is_ordered = bool(plan.cleared.query.order)
    assert difference(plan, got, wanted, is_ordered=is_ordered) == "", case.sql
    assert wanted, "a comparison with nothing shows nothing"


@pytest.mark.parametrize("case", _params("refused"))
def test_a_refused_question_is_refused_with_its_code_at_once_and_without_data(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_data(*_args: Any, **_more: Any) -> None:
        raise AssertionError("a refusal opened the data")

    monkeypatch.setattr(duckdb, "connect", no_data)
    start = time.process_time()
    with pytest.raises(JaliError) as caught:
        plan_case(case)
    assert time.process_time() - start < HANG_S
    refused = caught.value
    if _UPDATES and not case.is_later:
        update("refused", case, f"{refused.code} {refused.said}")
        return
    code, _, words = case.expected.partition(" ")
    assert refused.code == code, str(refused)
    assert words in refused.said
    assert refused.hint, "a refusal ends with a way out"
    for text in private_texts():
        assert text not in str(refused) or text in case.sql


def test_the_corpus_is_as_large_as_the_specification_asks() -> None:
    for folder in ("accepted", "refused"):
        ready = [c for c in cases(folder) if not c.is_later]
        assert len(ready) >= 120
        assert len({(c.sql, *c.facts.values()) for c in ready}) == len(ready)
        assert len({c.id for c in cases(folder)}) == len(cases(folder))
