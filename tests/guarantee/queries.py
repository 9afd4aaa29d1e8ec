"""Strategies: worlds, caps and accepted queries; they lean towards data that attain the claimed sensitivity."""

from fractions import Fraction

from hypothesis import strategies as st

from tests.guarantee.world import AUTO, Caps, Row, World

VICTIM = 0

_AGGREGATES = [
    "COUNT(*)",
    "COUNT(x)",
    "COUNT(DISTINCT unit_id)",
    "COUNT(DISTINCT b)",
    "COUNT(DISTINCT item)",
    "SUM(x)",
    "SUM(y)",
    "SUM(x * 2 - y)",
    "SUM(CASE WHEN t = 'a' THEN x ELSE -1 END)",
    "SUM(LEAST(GREATEST(k, 0), 2))",
    "SUM(x / (y + 1))",
    "SUM(ROUND(x))",
    "AVG(x)",
    "AVG(y)",
    "AVG(y - x)",
    "COUNT(*) FILTER (WHERE x > 0)",
    "SUM(y) FILTER (WHERE t IS NOT NULL)",
    "COUNT(DISTINCT unit_id) FILTER (WHERE k = 1)",
    "AVG(x) FILTER (WHERE s LIKE 'p%')",
]
_KEYS = [
    "",
    "k",
    "t",
    "k, t",
    "s",
    "s, k",
    "FLOOR(x)",
    "k + 1",
    "CASE WHEN k = 0 THEN 'zero' ELSE 'more' END",
    "x > 0",
    "UPPER(t)",
    "LEFT(s, 1)",
    "k % 2",
]
_WHERES = ["", "", "x > 0", "k IN (0, 1)", "t = 'a' OR s IS NULL", "NOT (y BETWEEN 1 AND 2)", "k IS NOT NULL"]


def _select(keys: str, aggregates: list[str], tail: str) -> str:
    parts = ([keys] if keys else []) + aggregates
    group = f" GROUP BY {keys}" if keys else ""
    return f"SELECT {', '.join(parts)} {tail}{group}"


@st.composite
def flat(draw: st.DrawFn) -> str:
    aggregates = draw(st.lists(st.sampled_from(_AGGREGATES), min_size=1, max_size=3, unique=True))
    where = draw(st.sampled_from(_WHERES))
    return _select(
        draw(st.sampled_from(_KEYS)), aggregates, "FROM events" + (f" WHERE {where}" if where else "")
    )


@st.composite
def joined(draw: st.DrawFn) -> str:
    shape = draw(
        st.sampled_from(
            [
                ("FROM events e JOIN people p USING (unit_id)", ["", "age", "e.k", "age, e.t"], "e."),
                ("FROM people p LEFT JOIN events e ON p.unit_id = e.unit_id", ["", "age", "e.k"], "e."),
                ("FROM events e JOIN items i USING (item)", ["", "i.color", "i.color, e.k"], "e."),
                (
                    "FROM events e LEFT JOIN items i ON e.item = i.item",
                    ["", "i.color", "e.s", "i.color IS NULL, e.s", "COALESCE(i.color, 'none')"],
                    "e.",
                ),
                ("FROM items i JOIN events e ON i.item = e.item", ["i.color"], "e."),
                ("FROM events e JOIN visits v USING (unit_id)", ["", "v.v", "e.k, v.v"], "e."),
                ("FROM events e, visits v WHERE e.unit_id = v.unit_id AND v.v = 1", ["", "e.s"], "e."),
            ]
        )
    )
    pool = [
        "COUNT(*)",
        "COUNT(DISTINCT e.unit_id)",
        "SUM(e.x)",
        "AVG(e.y)",
        "COUNT(DISTINCT e.b)",
        "SUM(e.y * 2)",
    ]
    aggregates = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True))
    return _select(draw(st.sampled_from(shape[1])), aggregates, shape[0])


@st.composite
def nested(draw: st.DrawFn) -> str:
    inner = draw(
        st.sampled_from(
            [
                "(SELECT unit_id, SUM(x) AS s, COUNT(*) AS n FROM events GROUP BY unit_id)",
                "(SELECT unit_id, k, SUM(x) AS s, COUNT(*) AS n FROM events GROUP BY unit_id, k)",
                "(SELECT unit_id, MAX(y) AS s, COUNT(DISTINCT b) AS n FROM events WHERE t = 'a' GROUP BY 1)",
                "(SELECT unit_id, MIN(x) AS s, COUNT(*) AS n FROM events GROUP BY 1 HAVING COUNT(*) > 1)",
                "(SELECT unit_id, AVG(y) AS s, COUNT(x) AS n FROM events GROUP BY unit_id)",
                "(SELECT unit_id, b, SUM(y) AS s, COUNT(*) AS n FROM events GROUP BY unit_id, b)",
                "(SELECT e.unit_id, SUM(cost) AS s, COUNT(*) n FROM events e JOIN visits USING (unit_id) GROUP BY 1)",
                "(SELECT unit_id, x AS s, y AS n FROM events WHERE k = 1)",
                "(SELECT DISTINCT unit_id, y AS s, k AS n FROM events)",
            ]
        )
    )
    pool = [
        "COUNT(*)",
        "SUM(s)",
        "AVG(s)",
        "SUM(n)",
        "AVG(n)",
        "COUNT(DISTINCT u.unit_id)",
        "SUM(CASE WHEN s > 1 THEN 1 ELSE 0 END)",
    ]
    aggregates = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True))
    keys, tail = draw(
        st.sampled_from(
            [("", ""), ("n", ""), ("age", " JOIN people p ON u.unit_id = p.unit_id"), ("n > 1", "")]
        )
    )
    return _select(keys, aggregates, f"FROM {inner} u{tail}")


@st.composite
def listing(draw: st.DrawFn) -> str:
    """Draw a question about keys alone."""
    keys = draw(
        st.sampled_from(["s", "s, k", "UPPER(s) AS u, t", "LEFT(s, 1) AS f", "s, x > 0 AS p", "k, t"])
    )
    where = draw(st.sampled_from(["", " WHERE x > 0", " WHERE t = 'a'"]))
    return f"SELECT DISTINCT {keys} FROM events{where}"


queries = st.one_of(flat(), flat(), joined(), nested(), listing())


@st.composite
def caps(draw: st.DrawFn) -> Caps:
    clip = draw(
        st.sampled_from(
            [
                AUTO,
                AUTO,
                {},
                {"rows": Fraction(2), "x": Fraction(3, 2), "y": Fraction(3), "b": Fraction(2)},
                AUTO | {"x": Fraction(1)},
            ]
        )
    )
    per_group = draw(
        st.sampled_from([{}, {}, {"rows": Fraction(2)}, {"x": Fraction(2), "rows": Fraction(3)}])
    )
    return Caps(
        max_rows=draw(st.sampled_from([1, 2, 4, 7, None])),
        max_groups=draw(st.sampled_from([1, 2, 3, 9, None])),
        per_group=per_group,
        clip=clip,
        max_distinct=draw(st.sampled_from([{"b": 1, "item": 1}, {"b": 2, "item": 3}])),
        join_rows=draw(st.sampled_from([1, 3, 8, None])),
        per_unit=draw(st.sampled_from([Fraction(5), Fraction(1), None])),
        bounded=draw(st.sampled_from([True, True, True, False])),
    )


_extreme = st.sampled_from([-(2**62), -5, -4, -1, 0, 1, 9, 10, 11, 2**62])
_mild = st.integers(-5, 11)


def _row(unit: int, value: st.SearchStrategy[int]) -> st.SearchStrategy[Row]:
    return st.builds(
        Row,
        unit=st.just(unit),
        k=st.sampled_from([0, 1, 2, 0, 5, None]),
        t=st.sampled_from(["a", "b", "a", "zz", None]),
        s=st.sampled_from(["p", "q", "pp", "r", "", None]),
        x=st.one_of(value, st.none()),
        y=st.one_of(value, st.none()),
        b=st.sampled_from([0, 1, 2, 3, None]),
        item=st.sampled_from([0, 1, 2, 3, 9, None]),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world whose victim (unit 0) has rows that are often repeated, so that it reaches its caps."""
    events: list[Row] = []
    for unit in range(draw(st.integers(1, 4))):
        value = _extreme if unit == VICTIM else _mild
        mine = draw(st.lists(_row(unit, value), min_size=1 if unit == VICTIM else 0, max_size=5))
        events += mine * draw(st.sampled_from([1, 1, 2, 4]) if unit == VICTIM else st.just(1))
    units = sorted({r.unit for r in events} | {0, 1, 2})
    people = [
        (u, draw(st.sampled_from(["young", "old", "alien", None]))) for u in units if draw(st.booleans())
    ]
    people += people[:1] * draw(st.integers(0, 2))
    visits = [
        (u, draw(st.sampled_from([0, 1, 7, None])), draw(st.one_of(_extreme, st.none())))
        for u in units
        for _ in range(draw(st.integers(0, 4)))
    ]
    return World(events, people, visits)
