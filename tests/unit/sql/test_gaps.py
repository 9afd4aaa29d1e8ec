"""Caps of looked-up rows, the ends of the calendar, patterns, and the lengths that bound texts."""

import datetime as dt

import pytest

from jali.model.errors import JaliError
from jali.sql import caps, moments, patterns
from jali.sql.parse import parse
from jali.sql.tree import ColumnRef, Rows
from jali.sql.work import characters_of, length_of
from tests.cases.conformance.tables import catalog


def _rows(sql: str) -> Rows:
    return parse(sql, catalog()).rows


def test_a_lookup_changes_no_cap_on_rows() -> None:
    """The tables declare joinRows, which a join that multiplies rows would have."""
    plain = _rows("SELECT COUNT(*) FROM events e")
    looked = _rows(
        "SELECT COUNT(*) FROM events e WHERE e.units > "
        "(SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id AND f.kind = e.kind)"
    )
    joined = _rows("SELECT COUNT(*) FROM events e JOIN events f USING (person_id)")
    assert caps.rows_of(looked) == caps.rows_of(plain) == 40
    assert caps.rows_of(joined) == 20_000
    assert [join.is_lookup for join in looked.joins] == [True]
    assert caps.work_of(looked) == 40


@pytest.mark.parametrize(
    ("months", "microseconds"), [(0, 1), (0, -1), (1, 0), (-1, 0), (12_000, -86_400_000_000), (-7, 10**15)]
)
def test_the_ends_of_the_calendar_are_exact(months: int, microseconds: int) -> None:
    first, last = moments.domain_of(lambda m: moments.shifted(m, months, microseconds))
    for edge, beyond in ((first, -moments.MICROSECOND), (last, moments.MICROSECOND)):
        assert moments.shifted(edge, months, microseconds) is not None
        try:
            outside = edge + beyond
        except OverflowError:
            continue
        assert moments.shifted(outside, months, microseconds) is None


def test_months_are_cut_to_their_last_day() -> None:
    assert moments.shifted(dt.datetime(2023, 12, 31, 5), 2, 0) == dt.datetime(2024, 2, 29, 5)  # noqa: DTZ001
    assert moments.shifted(dt.datetime(2024, 2, 29), -12, 0) == dt.datetime(2023, 2, 28)  # noqa: DTZ001


def test_a_pattern_whose_escapes_mean_nothing_is_plain() -> None:
    assert patterns.plain(patterns.parts_of("a!b%", "!")) == "ab%"
    assert patterns.plain(patterns.parts_of("a!%", "!")) is None


def test_a_text_made_in_a_subquery_keeps_its_length() -> None:
    union = (
        "(SELECT person_id, channel || kind AS x FROM events UNION ALL SELECT person_id, town FROM people) u"
    )
    query = parse(f"SELECT COUNT(*) FROM {union} WHERE UPPER(x) = 'A'", catalog())
    column = next(a for a in query.rows.where[0].args[0].args)  # type: ignore[union-attr]
    assert isinstance(column, ColumnRef)
    assert length_of(column) == 512
    assert characters_of(query) >= 1024


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT (SELECT COUNT(*) FROM events) AS n FROM events",
        "SELECT COUNT(*) / (SELECT COUNT(*) FROM events LIMIT 1) FROM events WHERE flag",
        "SELECT COUNT(*) / (SELECT COUNT(*) FROM events e) FROM events WHERE flag",
    ],
)
def test_a_total_that_would_change_what_is_asked_is_refused(sql: str) -> None:
    with pytest.raises(JaliError) as refused:
        parse(sql, catalog())
    assert refused.value.code == "J104"
