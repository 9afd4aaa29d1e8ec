"""Strategies: worlds, caps and accepted queries; they lean towards data that attain the claimed sensitivity."""

from fractions import Fraction

from hypothesis import strategies as st

from jali.model.schema import AutoBound
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
    "VAR_SAMP(x)",
    "STDDEV_POP(y)",
    "VAR_POP(x * 2 - y)",
    "STDDEV(x / (y + 1))",
    "COVAR_SAMP(x, y)",
    "MEDIAN(x)",
    "MAX(y - x), QUANTILE_CONT(y - x, 0.2)",
    "MIN(x * y) FILTER (WHERE t = 'a')",
    "QUANTILE_DISC(y, 0.9)",
    "CORR(y, x)",
    "REGR_SLOPE(x, y) FILTER (WHERE k = 1)",
    "COUNT(*) FILTER (WHERE x > 0)",
    "COUNT_IF(x > 0)",
    "SUM(t = 'a')",
    "SUM(LENGTH(s || t))",
    "AVG(LN(y + 2))",
    "COUNT(DISTINCT b) FILTER (WHERE REPLACE(s, 'p', '') = '')",
    "COUNT(DISTINCT item + 1)",
    "COUNT(DISTINCT CASE WHEN x > 0 THEN unit_id END)",
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
    "t || k",
    "REPLACE(s, 'p', 'pq')",
    "SPLIT_PART(s, 'p', 2)",
]
_WHERES = [
    "",
    "",
    "x > 0",
    "k IN (0, 1)",
    "t = 'a' OR s IS NULL",
    "NOT (y BETWEEN 1 AND 2)",
    "k IS NOT NULL",
    "s LIKE 'p!_%' ESCAPE '!' OR k = 1",
]


def _select(keys: str, aggregates: list[str], tail: str, *, is_short: bool = False) -> str:
    parts = ([keys] if keys else []) + aggregates
    group = f" GROUP BY {'ALL' if is_short else keys}" if keys else ""
    return f"SELECT {', '.join(parts)} {tail}{group}"


@st.composite
def flat(draw: st.DrawFn) -> str:
    aggregates = draw(st.lists(st.sampled_from(_AGGREGATES), min_size=1, max_size=3, unique=True))
    where = draw(st.sampled_from(_WHERES))
    tail = "FROM events" + (f" WHERE {where}" if where else "")
    return _select(draw(st.sampled_from(_KEYS)), aggregates, tail, is_short=draw(st.booleans()))


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
                "(SELECT unit_id, MIN(x) AS s, MAX(y) AS n FROM events GROUP BY 1)",
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
        "SUM(s - n)",
        "AVG(n * 2 - s)",
    ]
    aggregates = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True))
    keys, tail = draw(
        st.sampled_from(
            [("", ""), ("n", ""), ("age", " JOIN people p ON u.unit_id = p.unit_id"), ("n > 1", "")]
        )
    )
    return _select(keys, aggregates, f"FROM {inner} u{tail}")


@st.composite
def shared(draw: st.DrawFn) -> str:
    """Draw aggregates beside totals of the same rows."""
    pool = ["COUNT(*)", "SUM(x)", "AVG(y)", "COUNT(DISTINCT unit_id)", "COUNT_IF(k = 1)"]
    first, second = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
    inner, outer = (draw(st.sampled_from(_WHERES)) for _ in range(2))
    tail = f" WHERE {outer}" if outer else ""
    condition = f" WHERE {inner}" if inner else ""
    return f"SELECT {first} - (SELECT {second} FROM events{condition}) AS d FROM events{tail}"


@st.composite
def listing(draw: st.DrawFn) -> str:
    """Draw a question about keys alone."""
    keys = draw(
        st.sampled_from(["s", "s, k", "UPPER(s) AS u, t", "LEFT(s, 1) AS f", "s, x > 0 AS p", "k, t"])
    )
    where = draw(st.sampled_from(["", " WHERE x > 0", " WHERE t = 'a'"]))
    return f"SELECT DISTINCT {keys} FROM events{where}"


_SEMIS = [
    "e.unit_id IN (SELECT unit_id FROM visits)",
    "e.unit_id NOT IN (SELECT unit_id FROM visits WHERE v = 1)",
    "e.unit_id IN (SELECT DISTINCT unit_id FROM people WHERE age = 'old')",
    "e.unit_id IN (SELECT unit_id FROM visits GROUP BY unit_id HAVING COUNT(*) > 1)",
    "e.unit_id NOT IN (SELECT unit_id FROM events GROUP BY unit_id, k HAVING SUM(y) > 3)",
    "e.unit_id IN (SELECT unit_id FROM events JOIN items USING (item) WHERE color = 'blue')",
    "e.unit_id IN (SELECT unit_id FROM visits v WHERE NOT EXISTS (SELECT 1 FROM people p WHERE p.unit_id = v.unit_id))",
    "(e.unit_id, e.k) IN (SELECT unit_id, v FROM visits)",
    "e.b IN (SELECT f.b FROM events f WHERE f.unit_id = e.unit_id AND f.k = 1)",
    "EXISTS (SELECT 1 FROM visits v WHERE v.unit_id = e.unit_id AND v.v = e.k)",
    "NOT EXISTS (SELECT * FROM visits v WHERE v.unit_id = e.unit_id AND v.cost > e.y)",
    "EXISTS (SELECT 1 FROM events f WHERE f.unit_id = e.unit_id AND f.x > e.x AND e.t = f.t)",
    "NOT EXISTS (SELECT 1 FROM events f WHERE e.unit_id = f.unit_id AND f.y BETWEEN e.k AND e.y)",
    "EXISTS (SELECT 1 FROM visits v JOIN people p USING (unit_id) WHERE v.unit_id = e.unit_id AND p.age = 'young')",
    (
        "EXISTS (SELECT 1 FROM (SELECT unit_id, k, COUNT(*) AS n FROM events GROUP BY 1, 2) u "
        "WHERE u.unit_id = e.unit_id AND u.k = e.k AND u.n > 1)"
    ),
    "e.item IN (SELECT item FROM items WHERE color = 'red')",
    "e.item NOT IN (SELECT item FROM items WHERE color IS NOT NULL)",
    "e.k NOT IN (SELECT item FROM items WHERE color = 'white')",
    "NOT EXISTS (SELECT 1 FROM items i WHERE i.item = e.k AND i.color = 'red')",
    "e.s IS NOT NULL",
]
_SEMI_TAILS = [
    ("FROM events e", ["", "e.k", "e.s", "e.k, e.t"]),
    ("FROM events e", ["", "e.k", "e.s", "e.k, e.t"]),
    ("FROM events e JOIN people p USING (unit_id)", ["", "age", "e.k"]),
    ("FROM people p LEFT JOIN events e ON p.unit_id = e.unit_id", ["", "age"]),
    ("FROM events e SEMI JOIN visits v ON v.unit_id = e.unit_id AND v.v = e.k", ["", "e.k"]),
    (
        "FROM events e SEMI JOIN events f ON f.unit_id = e.unit_id AND f.x > e.x AND e.t <> f.t",
        ["", "e.k"],
    ),  # as EXISTS, DuckDB 1.5 finds no row at all
    ("FROM events e ANTI JOIN people USING (unit_id)", ["", "e.s"]),
    ("FROM events e SEMI JOIN items USING (item) LEFT JOIN items i ON e.item = i.item", ["", "i.color"]),
    (
        "FROM (SELECT * FROM events ANTI JOIN visits v USING (unit_id)) e JOIN items i ON e.item = i.item",
        ["", "i.color"],
    ),
]


@st.composite
def related(draw: st.DrawFn) -> str:
    """Draw semi and anti joins, written as IN, EXISTS and SEMI or ANTI JOIN."""
    tail, keys = draw(st.sampled_from(_SEMI_TAILS))
    where = draw(st.lists(st.sampled_from(_SEMIS), min_size=1, max_size=2, unique=True))
    pool = ["COUNT(*)", "COUNT(DISTINCT e.unit_id)", "SUM(e.x)", "AVG(e.y)", "COUNT(DISTINCT e.b)"]
    aggregates = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True))
    return _select(draw(st.sampled_from(keys)), aggregates, f"{tail} WHERE {' AND '.join(where)}")


_LOOKUPS = [
    "e.y > (SELECT AVG(f.y) FROM events f WHERE f.unit_id = e.unit_id)",
    "(SELECT COUNT(*) FROM visits v WHERE v.unit_id = e.unit_id AND v.v = e.k) > 0",
    "e.x >= (SELECT MAX(f.x) FROM events f WHERE f.unit_id = e.unit_id AND f.k = e.k AND f.t = e.t)",
    "e.y <= (SELECT SUM(cost) FROM visits v JOIN people p USING (unit_id) WHERE e.unit_id = v.unit_id) OR e.k = 1",
    "(SELECT COUNT(DISTINCT f.t) + COUNT(*) FROM events f WHERE f.unit_id = e.unit_id AND f.s LIKE 'p%') < 3",
]
_LOOKED = [
    "COUNT(*)",
    "SUM(e.x)",
    "COUNT(DISTINCT e.unit_id)",
    "SUM((SELECT COUNT(*) FROM visits v WHERE v.unit_id = e.unit_id))",
    "AVG(e.y - (SELECT MIN(f.y) FROM events f WHERE f.unit_id = e.unit_id))",
    "COUNT(*) FILTER (WHERE e.x > (SELECT AVG(cost) FROM visits v WHERE v.unit_id = e.unit_id))",
]


@st.composite
def looked(draw: st.DrawFn) -> str:
    """Draw scalar subqueries about the same unit."""
    aggregates = draw(st.lists(st.sampled_from(_LOOKED), min_size=1, max_size=2, unique=True))
    where = draw(st.lists(st.sampled_from(_LOOKUPS), min_size=0, max_size=2, unique=True))
    tail = draw(
        st.sampled_from(
            [
                "FROM events e",
                "FROM events e JOIN people p USING (unit_id)",
                "FROM events e JOIN items i USING (item)",
            ]
        )
    )
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return _select(draw(st.sampled_from(["", "e.k", "e.s", "e.k, e.t"])), aggregates, tail + condition)


_UNIONS = [
    "(SELECT unit_id, k, x, 'e' AS t FROM events UNION ALL SELECT unit_id, v, cost, 'v' FROM visits)",
    "(SELECT unit_id, 1 AS k, y AS x, t FROM events UNION ALL SELECT unit_id, 5, cost, NULL FROM visits)",
    "(SELECT unit_id, k, x, t FROM events UNION ALL SELECT unit_id, v, cost, NULL FROM visits)",
    "(SELECT unit_id, k, x, t FROM events WHERE t = 'a' UNION ALL SELECT unit_id, k, x, t FROM events WHERE k = 1)",
    (
        "(SELECT unit_id, k, COUNT(*) AS x, 'many' AS t FROM events GROUP BY unit_id, k UNION ALL "
        "SELECT unit_id, v AS k, cost, 'one' FROM visits)"
    ),
    (
        "(SELECT unit_id, NULL AS k, 2.5 AS x, age AS t FROM people UNION ALL SELECT unit_id, v, cost, 'a' FROM visits "
        "UNION ALL SELECT unit_id, k, y / 2, s FROM events)"
    ),
    (
        "(SELECT e.unit_id, e.k, e.x, p.age AS t FROM events e JOIN people p USING (unit_id) UNION ALL "
        "(SELECT unit_id, v, cost, NULL FROM visits WHERE unit_id NOT IN (SELECT unit_id FROM people)))"
    ),
    (
        "(SELECT e.unit_id, i.item AS k, e.y AS x, i.color AS t FROM events e LEFT JOIN items i ON e.item = i.item "
        "UNION ALL SELECT unit_id, k, y, t FROM events)"
    ),
]


@st.composite
def united(draw: st.DrawFn) -> str:
    """Draw UNION ALL in FROM, joined or aggregated per unit or as it is."""
    union = draw(st.sampled_from(_UNIONS))
    tail, keys, pool = draw(
        st.sampled_from(
            [
                (f"FROM {union} u", ["", "u.k", "u.t", "u.k, u.t"], ["SUM(u.x)", "COUNT(u.x)", "AVG(u.x)"]),
                (f"FROM {union} u WHERE u.x > 0", ["", "u.k"], ["SUM(u.x)", "SUM(u.k)"]),
                (
                    f"FROM people p LEFT JOIN {union} u USING (unit_id)",
                    ["", "p.age"],
                    ["COUNT(u.k)", "SUM(u.x)"],
                ),
                (
                    f"FROM (SELECT unit_id, COUNT(*) AS n, SUM(x) AS s FROM {union} w GROUP BY unit_id) u",
                    ["", "u.n"],
                    ["AVG(u.n)", "SUM(u.s)"],
                ),
                (
                    f"FROM events u WHERE EXISTS (SELECT 1 FROM {union} w WHERE w.unit_id = u.unit_id AND w.k = u.k)",
                    ["", "u.k"],
                    ["SUM(u.x)"],
                ),
            ]
        )
    )
    chosen = st.sampled_from([*pool, "COUNT(*)", "COUNT(DISTINCT u.unit_id)"])
    aggregates = draw(st.lists(chosen, min_size=1, max_size=2, unique=True))
    return _select(draw(st.sampled_from(keys)), aggregates, tail)


_RUNNING = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
_WINDOWS = [
    "(SELECT unit_id, k, x AS s, ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY x DESC) AS n FROM events)",
    (
        "(SELECT unit_id, k, x - LAG(x) OVER (PARTITION BY unit_id ORDER BY x) AS s, "
        "RANK() OVER (PARTITION BY unit_id ORDER BY y) AS n FROM events)"
    ),
    (
        "(SELECT unit_id, k, LEAD(y, 2) OVER (PARTITION BY unit_id, t ORDER BY x) AS s, "
        "DENSE_RANK() OVER (PARTITION BY unit_id ORDER BY t DESC, k) AS n FROM events WHERE y >= 0)"
    ),
    (
        f"(SELECT unit_id, k, SUM(x) OVER (PARTITION BY unit_id ORDER BY x {_RUNNING}) AS s, "
        "COUNT(*) OVER (PARTITION BY unit_id, k) AS n FROM events)"
    ),
    (
        "(SELECT unit_id, k, AVG(y) OVER (PARTITION BY unit_id) AS s, "
        "COUNT(x) OVER (PARTITION BY unit_id ORDER BY k) AS n FROM events)"
    ),
    (
        "(SELECT unit_id, k, MAX(x) OVER (PARTITION BY unit_id) AS s, y AS n FROM events "
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY x) = 1)"
    ),
    (
        "(SELECT e.unit_id, e.k, v.cost AS s, ROW_NUMBER() OVER (PARTITION BY e.unit_id ORDER BY e.x, v.cost) AS n "
        "FROM events e JOIN visits v USING (unit_id))"
    ),
    (
        "(SELECT unit_id, k, x AS s, ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY x, w) AS n FROM (SELECT unit_id, "
        "k, x, 1 AS w FROM events UNION ALL SELECT unit_id, v, cost, 2 FROM visits) q)"
    ),
    (
        "(SELECT unit_id, b AS k, c AS s, ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY c, d) AS n FROM (SELECT "
        "unit_id, b, COUNT(*) AS c, SUM(x) AS d FROM events GROUP BY unit_id, b) q)"
    ),
]


@st.composite
def windowed(draw: st.DrawFn) -> str:
    """Draw windows within one unit, whose ties the repeated rows of the worlds make frequent."""
    window = draw(st.sampled_from(_WINDOWS))
    where = draw(st.sampled_from(["", "WHERE n = 1", "WHERE n <= 2 AND s IS NOT NULL", "WHERE s > 0"]))
    tail = draw(st.sampled_from([f"FROM {window} u", f"FROM people p JOIN {window} u USING (unit_id)"]))
    pool = ["COUNT(*)", "SUM(s)", "AVG(s)", "SUM(n)", "COUNT(DISTINCT u.unit_id)", "COUNT(s)"]
    aggregates = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True))
    return _select(draw(st.sampled_from(["", "n", "n > 1"])), aggregates, f"{tail} {where}")


queries = st.one_of(
    flat(), flat(), joined(), nested(), related(), united(), windowed(), listing(), looked(), shared()
)


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
        max_groups=draw(st.sampled_from([1, 2, 3, 9, None, AutoBound()])),
        per_group=per_group,
        clip=clip,
        max_distinct=draw(
            st.sampled_from([{"b": 1, "item": 1}, {"b": 2, "item": 3}, {"b": 2, "item": AutoBound()}])
        ),
        join_rows=draw(st.sampled_from([1, 3, 8, None, AutoBound()])),
        per_unit=draw(st.sampled_from([Fraction(5), Fraction(1), None])),
        bounded=draw(st.sampled_from([True, True, True, False])),
    )


_extreme = st.sampled_from([-(2**63), -(2**62), -5, -4, -1, 0, 1, 9, 10, 11, 2**62, 2**63 - 1])
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
