"""No unit can make a question run for long: rows, functions and characters are bounded before the charge."""

from dataclasses import replace

import pytest

from jali.engines.duckdb.relations import Relations
from jali.engines.duckdb.statements import Statements
from jali.model.codes import JoinNotBounded, TooLarge, Unsupported, WrongType
from jali.model.schema import Catalog, Table
from jali.sql.parse import parse
from jali.sql.work import calls_of, characters_of
from jali.store.snapshot import Snapshot, TableFiles
from tests.guarantee.plans import plan_of
from tests.guarantee.world import Caps, catalog

JOIN = "SELECT COUNT(*) FROM events e JOIN visits v USING (unit_id)"


def likes(count: int, column: str = "s") -> str:
    return " OR ".join(f"{column} LIKE '%{i}%'" for i in range(count))


def windows(count: int) -> str:
    """Return a question that sorts the rows of each unit so often: 303 s for one unit before windows were counted."""
    over = (f"LAG(x, {i + 1}) OVER (PARTITION BY unit_id ORDER BY x) AS w{i}" for i in range(count))
    return f"SELECT COUNT(w0) FROM (SELECT unit_id, {', '.join(over)} FROM events) e"


def test_windows_within_the_work_of_a_unit_are_answered() -> None:
    plan_of(windows(100), Caps(max_rows=5000))


@pytest.mark.parametrize(("max_rows", "patterns"), [(316, 0), (316, 15), (100, 156)])
def test_joins_within_the_work_of_a_unit_are_answered(max_rows: int, patterns: int) -> None:
    where = f" WHERE {likes(patterns)}" if patterns else ""
    plan_of(JOIN + where, Caps(max_rows=max_rows))


@pytest.mark.parametrize(
    ("max_rows", "patterns", "error", "said"),
    [
        (317, 0, JoinNotBounded, "100489 joined rows; at most 100000 are joined\n"),
        (316, 16, TooLarge, "one unit can have 99856 rows here; with this many functions at most 97656"),
        (317, 16, JoinNotBounded, "100489 joined rows"),
    ],
)
def test_more_is_refused_from_the_caps_alone(
    max_rows: int, patterns: int, error: type[Exception], said: str
) -> None:
    where = f" WHERE {likes(patterns)}" if patterns else ""
    with pytest.raises(error, match=said):
        plan_of(JOIN + where, Caps(max_rows=max_rows))


@pytest.mark.parametrize(
    ("sql", "max_rows"),
    [
        ("SELECT COUNT(*) FROM events WHERE " + likes(156), 3000),
        (
            "SELECT color, COUNT(*) FROM events JOIN items USING (item) WHERE "
            + likes(156)
            + " GROUP BY color",
            3000,
        ),
        ("SELECT COUNT(*) FROM events WHERE " + likes(2), None),
        (
            "SELECT SUM(n) FROM (SELECT unit_id, COUNT(*) AS n FROM events WHERE "
            + likes(156)
            + " GROUP BY 1) u",
            3000,
        ),
        ("SELECT COUNT(*) FROM events WHERE " + " OR ".join(f"ROUND(x) = {i}" for i in range(3000)), 9000),
        (windows(100), 30_000),
    ],
    ids=["one table", "with a public one", "no cap", "within a unit", "numbers", "windows"],
)
def test_one_table_is_work_too(sql: str, max_rows: int | None) -> None:
    with pytest.raises(TooLarge, match="one unit can have"):
        plan_of(sql, Caps(max_rows=max_rows))


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COUNT(*) FROM events WHERE {likes(157)}",
        "SELECT "
        + ", ".join(f"COUNT(*) FILTER (WHERE LOWER(UPPER(LOWER(s))) LIKE '{i}%')" for i in range(49))
        + " FROM events",
        f"SELECT COUNT(*) FROM (SELECT unit_id, COUNT(*) AS n FROM events WHERE {likes(157)} GROUP BY unit_id) q",
    ],
)
def test_too_many_characters_of_a_row_are_refused(sql: str) -> None:
    with pytest.raises(TooLarge, match="characters of every row"):
        plan_of(sql, Caps())


def test_comparing_texts_reads_nothing_but_is_a_function() -> None:
    many = "SELECT COUNT(*) FROM events WHERE " + " OR ".join(f"s = '{i}'" for i in range(500))
    plan_of(many, Caps())
    assert characters_of(parse(many, catalog(Caps()))) == 0


@pytest.mark.parametrize(
    ("condition", "characters"),
    [
        ("s LIKE 'a%'", 256),
        ("s LIKE 'a_b%'", 256),
        ("s LIKE '%a_b'", 8 * 256),
        ("LEFT(s, 3) LIKE '%a%'", 256 + 3),
        ("SUBSTR(UPPER(s), 2, 5) = 'a'", 256 + 256),
        ("COALESCE(s, 'none') LIKE 'a%'", 256),
        ("LENGTH(t) > 3", 1000),
    ],
)
def test_what_functions_of_text_read(condition: str, characters: int) -> None:
    found = catalog(Caps())
    table = found.tables["events"]
    columns = tuple(replace(c, max_length=1000) if c.name == "t" else c for c in table.columns)
    longer = Catalog({**found.tables, "events": replace(table, columns=columns)})
    assert characters_of(parse(f"SELECT COUNT(*) FROM events WHERE {condition}", longer)) == characters


def test_a_pattern_takes_few_single_characters_behind_its_first_percent_sign() -> None:
    plan_of("SELECT COUNT(*) FROM events WHERE s LIKE '________________%a________'", Caps())
    with pytest.raises(WrongType, match="8 _ behind"):
        plan_of("SELECT COUNT(*) FROM events WHERE s LIKE '%a_________'", Caps())


@pytest.mark.parametrize(
    ("sql", "cuts"),
    [
        ("SELECT COUNT(*) FROM events", ["_rank <= 16"]),
        (JOIN, ["_rank <= 4", "_rank <= 4"]),
        ("SELECT AVG(n) FROM (SELECT unit_id, COUNT(*) AS n FROM events GROUP BY 1) u", ["_rank <= 16"]),
        ("SELECT color, COUNT(*) FROM events JOIN items USING (item) GROUP BY color", ["_rank <= 16"]),
    ],
)
def test_rows_of_a_unit_far_above_its_cap_are_never_read(sql: str, cuts: list[str], tmp_path: object) -> None:
    plan = plan_of(sql, Caps(max_rows=4)).exact
    names = ("events", "visits", "items", "people")
    files = tuple(TableFiles(n, n == "items", "1", n, (), "", {}) for n in names)
    statement = Statements(plan, Relations(Snapshot(tmp_path, 1, files, "u"))).create_cells()  # type: ignore[arg-type]
    assert [f"_rank <= {part.split(')')[0]}" for part in statement.split("_rank <= ")[1:]] == cuts


def test_a_table_without_a_cap_has_one_million_rows_of_a_unit() -> None:
    from jali.sql.caps import MOST_STORED, stored_rows

    table: Table = catalog(Caps(max_rows=None)).tables["events"]
    assert stored_rows(table, is_joined=False) == MOST_STORED


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
    inside = f"SELECT COUNT(*) FROM people WHERE unit_id IN (SELECT unit_id FROM events WHERE {likes(157)})"
    with pytest.raises(TooLarge, match="characters of every row"):
        plan_of(inside, Caps())


def test_more_than_sixty_relations_are_refused() -> None:
    many = "SELECT unit_id FROM people"
    for _ in range(61):
        many = f"SELECT unit_id FROM people WHERE unit_id IN ({many})"
    with pytest.raises(Unsupported, match="more than 60 relations"):
        plan_of(f"SELECT COUNT(*) FROM events WHERE unit_id IN ({many})", Caps())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(n) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY unit_id, {} ORDER BY x) AS n FROM events) e",
        "SELECT COUNT(n) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY {}) AS n FROM events) e",
        "SELECT COUNT(n) FROM (SELECT COUNT(*) AS n FROM events GROUP BY unit_id, {}) e",
        "SELECT COUNT(*) FROM (SELECT DISTINCT unit_id, b, {} FROM events) e",
    ],
)
def test_few_columns_divide_and_sort_the_rows_of_a_unit(sql: str) -> None:
    """4,000 of them took 277 us a row, which the work of a unit did not count."""
    with pytest.raises(Unsupported, match="more than 8 columns"):
        plan_of(sql.format(", ".join(f"k + {i}" for i in range(9))), Caps(max_rows=5))


def test_what_windows_sort_by_and_subqueries_pass_on_is_work() -> None:
    few, many, passed = (
        calls_of(parse(sql, catalog(Caps(max_rows=5))))
        for sql in (
            "SELECT COUNT(n) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY x) AS n FROM events) e",
            "SELECT COUNT(n) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY unit_id, k ORDER BY x, y) AS n FROM events)",
            "SELECT COUNT(c0) FROM (SELECT "
            + ", ".join(f"x AS c{i}" for i in range(50))
            + " FROM events UNION ALL "
            "SELECT " + ", ".join(f"x AS c{i}" for i in range(50)) + " FROM events) e",
        )
    )
    assert many >= few + 2
    assert passed >= 100


def test_texts_that_windows_sort_by_are_read() -> None:
    few, many = (
        parse(
            "SELECT COUNT(n) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY "
            f"{', '.join(['s'] * count)}) AS n FROM events) e",
            catalog(Caps(max_rows=5)),
        )
        for count in (1, 3)
    )
    assert characters_of(few) == 8 * 256
    assert characters_of(many) == 3 * 8 * 256
