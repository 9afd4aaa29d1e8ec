"""No unit can make a question run for long: joined rows and functions of text are bounded before the charge."""

import pytest

from jali.model.codes import JoinNotBounded, TooLarge, Unsupported
from tests.guarantee.plans import plan_of
from tests.guarantee.world import Caps

JOIN = "SELECT COUNT(*) FROM events e JOIN visits v USING (unit_id)"


def likes(count: int) -> str:
    return " OR ".join(f"s LIKE '%{i}%'" for i in range(count))


@pytest.mark.parametrize(
    ("max_rows", "text_calls"), [(316, 0), (316, 1), (31, 100)], ids=["plain", "some", "many"]
)
def test_joins_within_the_work_of_a_unit_are_answered(max_rows: int, text_calls: int) -> None:
    where = f" WHERE {likes(text_calls)}" if text_calls else ""
    plan_of(JOIN + where, Caps(max_rows=max_rows))


@pytest.mark.parametrize(
    ("max_rows", "text_calls", "said"),
    [
        (317, 0, "100489 joined rows; at most 100000 are joined\n"),
        (316, 2, "99856 joined rows; at most 50000 are joined with this many functions of text"),
        (32, 100, "at most 1000 are joined with"),
    ],
)
def test_more_is_refused_from_the_caps_alone(max_rows: int, text_calls: int, said: str) -> None:
    where = f" WHERE {likes(text_calls)}" if text_calls else ""
    with pytest.raises(JoinNotBounded, match=said):
        plan_of(JOIN + where, Caps(max_rows=max_rows))


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COUNT(*) FROM events WHERE {likes(101)}",
        "SELECT "
        + ", ".join(f"SUM(CASE WHEN UPPER(LOWER(s)) LIKE '{i}%' THEN x END)" for i in range(34))
        + " FROM events",
        f"SELECT COUNT(*) FROM (SELECT unit_id, COUNT(*) AS n FROM events WHERE {likes(101)} GROUP BY unit_id) q",
    ],
)
def test_too_many_functions_of_text_are_refused(sql: str) -> None:
    with pytest.raises(TooLarge, match="more than 100 functions of text"):
        plan_of(sql, Caps())


def test_comparing_texts_is_no_work() -> None:
    plan_of("SELECT COUNT(*) FROM events WHERE " + " OR ".join(f"s = '{i}'" for i in range(500)), Caps())


LATER = (
    "SELECT COUNT(*) FROM events e WHERE EXISTS "
    "(SELECT 1 FROM visits v WHERE v.unit_id = e.unit_id AND v.cost {} e.y)"
)


def test_a_semi_join_by_equality_is_looked_up_and_costs_no_product() -> None:
    plan_of(LATER.format("="), Caps(max_rows=10_000))


@pytest.mark.parametrize("operator", ["<", "<>", ">="])
def test_a_semi_join_by_another_comparison_counts_as_a_join(operator: str) -> None:
    plan_of(LATER.format(operator), Caps(max_rows=316))
    with pytest.raises(JoinNotBounded, match="100489 joined rows"):
        plan_of(LATER.format(operator), Caps(max_rows=317))
    with pytest.raises(JoinNotBounded, match="no cap on one unit's rows"):
        plan_of(LATER.format(operator), Caps(max_rows=None))


def test_joins_inside_a_semi_join_count_too() -> None:
    inside = "SELECT COUNT(*) FROM people WHERE unit_id IN (SELECT unit_id FROM events JOIN visits USING (unit_id))"
    with pytest.raises(JoinNotBounded, match="100489 joined rows"):
        plan_of(inside, Caps(max_rows=317))


def test_functions_of_text_inside_a_semi_join_count_too() -> None:
    inside = f"SELECT COUNT(*) FROM people WHERE unit_id IN (SELECT unit_id FROM events WHERE {likes(101)})"
    with pytest.raises(TooLarge, match="more than 100 functions of text"):
        plan_of(inside, Caps())


def test_more_than_sixty_relations_are_refused() -> None:
    many = "SELECT unit_id FROM people"
    for _ in range(61):
        many = f"SELECT unit_id FROM people WHERE unit_id IN ({many})"
    with pytest.raises(Unsupported, match="more than 60 relations"):
        plan_of(f"SELECT COUNT(*) FROM events WHERE unit_id IN ({many})", Caps())
