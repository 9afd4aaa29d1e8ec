"""Keys of a column that is open in bins alone: no expression shows its single values."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from jali.model.codes import GroupByNotAllowed
from jali.model.schema import Bounds, Catalog, GroupBy, PublicDomain
from jali.model.types import INTEGER, TEXT
from jali.plan.build import _check_bins, _keys
from jali.plan.domains import key_of
from jali.plan.guardrails import Guardrails
from jali.policy.check import _binned
from jali.sql.parse import parse
from jali.sql.tree import ColumnRef, Named
from tests.guarantee.plans import public_values
from tests.guarantee.world import Caps, catalog, column


def _world() -> Catalog:
    """Return the world's catalogue with an `age` in 0 to 120 that is open in bins."""
    found = catalog(Caps(max_rows=5))
    events = found.tables["events"]
    reach = Bounds(Fraction(0), Fraction(120), Fraction(1))
    age = column("age", INTEGER, bounds=reach, group_by=GroupBy.BINNED)
    return Catalog({**found.tables, "events": replace(events, columns=(*events.columns, age))})


WORLD = _world()


def check(sql: str, guardrails: Guardrails) -> None:
    query = parse(sql, WORLD)
    _check_bins(_keys(query, guardrails), _binned(query), guardrails)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT age + 0, COUNT(*) FROM events GROUP BY 1",
        "SELECT -age, COUNT(*) FROM events GROUP BY 1",
        "SELECT age * 2, COUNT(*) FROM events GROUP BY 1",
        "SELECT GREATEST(age, 10), COUNT(*) FROM events GROUP BY 1",
        "SELECT a, COUNT(*) FROM (SELECT LAG(age) OVER (PARTITION BY unit_id ORDER BY x) AS a FROM events) GROUP BY 1",
        "SELECT a, COUNT(*) FROM (SELECT unit_id, MAX(age) AS a FROM events GROUP BY 1) e GROUP BY 1",
        "SELECT a + 0, COUNT(*) FROM (SELECT age AS a FROM events UNION ALL SELECT age AS a FROM events) GROUP BY 1",
    ],
)
def test_single_values_are_refused(sql: str, guardrails: Guardrails) -> None:
    with pytest.raises(GroupByNotAllowed):
        check(sql, guardrails)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT FLOOR(age / 10), COUNT(*) FROM events GROUP BY 1",
        "SELECT age // 2, COUNT(*) FROM events GROUP BY 1",
        "SELECT age > 30, COUNT(*) FROM events GROUP BY 1",
        "SELECT k, SUM(age) FROM events GROUP BY k",
    ],
)
def test_bins_are_keys(sql: str, guardrails: Guardrails) -> None:
    check(sql, guardrails)


@pytest.fixture
def guardrails() -> Guardrails:
    from jali.model.schema import Hints

    return Guardrails(
        "urn:world", "unit", Fraction(1, 10**6), None, 1, 10**6, 10**9, 1000, True, Hints(), public_values
    )


@pytest.mark.parametrize(
    ("scans", "has_other"), [({"t1": "items"}, False), ({"t1": "colours"}, True), ({}, True)]
)
def test_only_the_table_that_lists_a_domain_has_no_other_values(
    scans: Mapping[str, str], *, has_other: bool
) -> None:
    """A column of the same name in another public table may hold values that are not listed."""
    listed = column("color", TEXT, PublicDomain("items", "color"))
    named = Named("color", ColumnRef("t1", "color", TEXT, column=listed))
    assert key_of(named, public_values, 100, scans).has_other is has_other
