"""Every function of the allow-list is total: it never raises, stays in its reach, and means the same in Python."""

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jali.model.codes import OutOfNumbers
from jali.model.errors import JaliError
from jali.model.types import TEXT, Kind
from jali.sql import dates, functions, intervals, texts, typed
from jali.sql.duckdb import LOWERINGS
from jali.sql.evaluate import FUNCTIONS, simple_lower, simple_upper
from jali.sql.tree import Call, Expr, Range, walk
from tests.property.expressions import Rows, col, compare, kinds_of, lower, rows

N = Fraction
COUNT = int(os.environ.get("JALI_TOTALITY_ROWS", "2600"))


def num(value: int | str) -> Expr:
    return typed.number(Fraction(value))


def _text(function: str) -> Callable[[Expr], Expr]:
    reach = Range(N(0), N(2**31)) if function == "length" else Range()
    kind = num(0).type if function == "length" else TEXT
    return lambda x: Call(function, (x,), kind, Range(), reach, x.nullable)


def _cut(function: str, *parameters: int) -> Callable[[Expr], Expr]:
    return lambda x: Call(
        function, (x,), TEXT, nullable=x.nullable, parameters=tuple(N(p) for p in parameters)
    )


def _joined(*parts: Expr) -> Expr:
    return Call("concat", parts, TEXT, nullable=any(p.nullable for p in parts))


def _short(text: Expr) -> Expr:
    return _cut("left", 20)(text)


def _spaced(text: Expr) -> Expr:
    return texts.replaced(_short(text), typed.text("a"), typed.text(" a"))


def _first_word(text: Expr) -> Expr:
    return texts.split_part(text, typed.text(" "), num(1))


ESCAPED = ("100!%", "a!_b", "%!%%", "!!", "!a", "!%!%!%%", "_!__", "%a!%b%", "a!%b", "!.*", "%!_%!_%")
LIKE_PATTERNS = (
    "%a%", "_", "", "100%", "%%%\\_%", "%_a%_", "a.c%_", "%(_[b]%", "_%_%_%_%_%_%_%_", "%_|%", "^_%$", "{_}%", "%\n_",
    "%_'%",
)  # fmt: skip


n, m, q, c, b, e, t, s, d, f, z, w, p, g = (col(x) for x in "nmqcbetsdfzwpg")
ratio = typed.divide(c, e)
small = typed.divide(b, num(3))
CASES: dict[str, list[Expr]] = {
    "and": [
        typed.boolean("and", (p, g)),
        typed.boolean("and", (p, g, typed.compare("gt", n, m))),
        typed.boolean("and", (typed.is_null(t), p)),
        typed.boolean("and", (g, g)),
    ],
    "or": [
        typed.boolean("or", (p, g)),
        typed.boolean("or", (p, g, typed.is_null(n))),
        typed.boolean("or", (g, typed.compare("lt", t, s))),
        typed.boolean("or", (p, p)),
    ],
    "not": [
        typed.boolean("not", (p,)),
        typed.boolean("not", (g,)),
        typed.boolean("not", (typed.compare("eq", n, m),)),
        typed.boolean("not", (typed.is_null(d),)),
    ],
    "in": [
        typed.membership(n, (num(0), num(1), num(-1))),
        typed.membership(t, (typed.text("a"), typed.text("ß"))),
        typed.membership(n, (num(7), typed.null())),
        typed.membership(c, (num("0.25"), num("0.53"))),
    ],
    "is_null": [typed.is_null(x) for x in (n, t, d, ratio)],
    "case": [
        typed.case([p, g], [n, q], c),
        typed.case([typed.compare("gt", e, num(0))], [typed.divide(n, e)], typed.negative(b)),
        typed.case([p], [typed.case([g], [t], s)], None),
        typed.case([typed.is_null(n)], [d], f),
    ],
    "coalesce": [
        typed.coalesce([n, q, num(3)]),
        typed.coalesce([t, s]),
        typed.coalesce([d, f]),
        typed.coalesce([ratio, e]),
    ],
    "least": [
        typed.extremum("least", [n, m]),
        typed.extremum("least", [q, num(10)]),
        typed.extremum("least", [b, e, n]),
        typed.extremum("least", [ratio, num(2)]),
    ],
    "greatest": [
        typed.extremum("greatest", [n, m]),
        typed.extremum("greatest", [typed.extremum("least", [n, num(9)]), num(-2)]),
        typed.extremum("greatest", [b, c]),
        typed.extremum("greatest", [small, e]),
    ],
    "clamp": [
        typed.tighten(b),
        typed.tighten(e),
        typed.tighten(typed.extremum("least", [b, num(7)])),
        typed.tighten(typed.divide(b, num(7))),
    ],
    "rescale": [
        typed.at_step(n, N(1, 100)),
        typed.at_step(q, N(1, 1000)),
        typed.at_step(c, N(1, 10**9)),
        typed.at_step(b, N(1, 300)),
    ],
    "to_real": [typed.to_real(x) for x in (n, q, c, typed.arithmetic("mul", n, m))],
    "int_div": [
        typed.whole_division("int_div", x, y)
        for x, y in ((n, m), (m, e), (typed.arithmetic("mul", n, m), e), (n, num(-1)))
    ],
    "mod": [
        typed.whole_division("mod", x, y)
        for x, y in ((n, m), (c, q), (typed.arithmetic("mul", n, m), e), (n, num(-1)))
    ],
    "neg": [typed.negative(x) for x in (n, q, b, typed.arithmetic("mul", n, m))],
    "abs": [typed.absolute(x) for x in (n, q, b, typed.arithmetic("mul", n, m))],
    "real_neg": [typed.negative(x) for x in (ratio, small, typed.to_real(n), typed.real_function("sqrt", n))],
    "real_abs": [typed.absolute(x) for x in (ratio, small, typed.to_real(n), typed.real_function("ln", n))],
    "divide": [typed.divide(x, y) for x, y in ((n, m), (b, e), (c, q), (typed.real_function("sqrt", n), e))],
    "sqrt": [typed.real_function("sqrt", x) for x in (n, b, ratio, typed.arithmetic("mul", n, m))],
    "ln": [typed.real_function("ln", x) for x in (n, b, ratio, typed.real_function("sqrt", n))],
    "log10": [functions.logarithm(x, num(10)) for x in (n, b, ratio, q)],
    "log2": [functions.logarithm(x, num(2)) for x in (n, b, ratio, q)],
    "exp": [
        functions.exponential(x)
        for x in (
            e,
            typed.negative(e),
            typed.extremum("least", [n, num(690)]),
            typed.extremum("least", [ratio, num(1)]),
        )
    ],
    "ltrim": [_text("ltrim")(x) for x in (t, s, _cut("left", 2)(t), _text("upper")(s))],
    "rtrim": [_text("rtrim")(x) for x in (t, s, _cut("left", 2)(t), _text("upper")(s))],
    "contains": [
        texts.contains(x, typed.text(p))
        for x in (t, s)
        for p in ("", "a", "%", "_b", "ß", "\u0301", "'", " ")
    ],
    "concat": [
        _joined(t, s),
        _joined(t, typed.text("&-"), t),
        _joined(_cut("left", 3)(t), s),
        _joined(s, t),
    ],
    "replace": [
        texts.replaced(x, typed.text(old), typed.text(new))
        for x in (_short(t), _short(s), _cut("left", 3)(t))
        for old, new in (
            ("a", ""),
            ("aa", "b"),
            ("%", "'"),
            ("b", "é\u0301"),
            ("\u0301", "x"),
            ("x" * 200, "y"),
        )
    ],
    "split_part": [
        texts.split_part(x, typed.text(sign), num(k))
        for x in (t, s, _cut("left", 3)(t))
        for sign, k in ((" ", 1), (" ", 2), ("a", 3), ("aa", 2), ("é", 1000), ("'", 1))
    ],
    "to_text": [
        texts.to_text(x)
        for x in (n, m, e, typed.arithmetic("mul", n, m), typed.rounding("floor", q), typed.negative(n))
    ],
    "shift": [
        intervals.shifted(x, intervals.Interval(months, micros))
        for x in (d, z, w)
        for months, micros in (
            (0, 1),
            (0, -1),
            (1, 0),
            (-1, 0),
            (12, 0),
            (-12_000, 0),
            (11_999, 17),
            (1, -intervals.DAY),
            (0, 36 * 3_600 * 10**6),
            (-3, 366_000 * intervals.DAY),
            (0, 0),
        )
    ],
    "bucket": [
        intervals.bucket(x, intervals.Interval(months, micros), None)
        for x in (d, z)
        for months, micros in (
            (1, 0),
            (2, 0),
            (7, 0),
            (12_000, 0),
            (0, intervals.DAY),
            (0, 7 * intervals.DAY),
            (0, 1000 * intervals.DAY),
        )
    ]
    + [
        intervals.bucket(z, intervals.Interval(0, micros), typed.text(origin))
        for micros in (1, 10**6, 900 * 10**6, 25 * 3_600 * 10**6)
        for origin in ("0001-01-01 00:00:00", "2024-02-29 12:34:56.000007", "9999-12-31 23:59:59")
    ]
    + [
        intervals.bucket(d, intervals.Interval(0, k * intervals.DAY), typed.text("2024-02-29"))
        for k in (1, 3, 7)
    ],
    "last_day": [intervals.last_day(x) for x in (d, f, z, w)],
    "day_number": [functions.day_number(x) for x in (d, f, z, w)],
    "like": [
        *(typed.like("like", t, typed.text(x)) for x in LIKE_PATTERNS),
        *(typed.like("like", x, typed.text(y), typed.text("!")) for x in (t, s) for y in ESCAPED),
    ],
    "ilike": [
        typed.like("ilike", t, typed.text(x))
        for x in (*LIKE_PATTERNS, "%A%", "É", "i%", "%ss%", "ß", "É_%", "%_\u0130_%")
    ]
    + [typed.like("ilike", t, typed.text(x), typed.text("!")) for x in (*ESCAPED, "A!_B", "%É!%")],
    "extract": [dates.extract(part, x) for part in dates.PARTS for x in (d, z)],
    "truncate": [
        dates.truncate(part, x)
        for part in dates.TRUNCATIONS
        for x in (d, z)
        if x is z or part not in {"hour", "minute"}
    ],
    "to_timestamp": [
        typed.compare("lt", x, y).args[i] for x, y, i in ((d, z, 0), (f, w, 0), (z, d, 1), (w, f, 1))
    ],  # type: ignore[union-attr]
    "to_date": [dates.to_date(x) for x in (z, w, dates.truncate("hour", z), dates.truncate("week", w))],
    "lower": [_text("lower")(x) for x in (t, s, _text("upper")(t), _cut("left", 3)(t))],
    "upper": [_text("upper")(x) for x in (t, s, _text("lower")(t), _cut("left", 3)(t))],
    "trim": [_text("trim")(x) for x in (t, s, _cut("left", 2)(t), _text("upper")(s))],
    "length": [_text("length")(x) for x in (t, s, _text("trim")(t), _cut("substring", 2, 3)(t))],
    "left": [_cut("left", k)(t) for k in (0, 1, 3, 10_000)],
    "substring": [_cut("substring", k, j)(t) for k, j in ((1, 0), (1, 10_000), (3, 2), (10_000, 10_000))],
}
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    CASES[_name] = [
        typed.compare(_name, x, y) for x, y in ((n, m), (q, c), (t, s), (d, f), (d, z), (ratio, e), (p, g))
    ]
for _name in ("add", "sub", "mul"):
    CASES[_name] = [typed.arithmetic(_name, x, y) for x, y in ((n, m), (q, c), (b, e), (n, num("2.5")))]
    CASES["real_" + _name] = [
        typed.arithmetic(_name, x, y)
        for x, y in (
            (ratio, n),
            (small, small),
            (typed.to_real(n), q),
            (typed.real_function("sqrt", b), ratio),
        )
    ]
for _name in ("floor", "ceil", "round", "nearest"):
    if _name != "nearest":
        CASES[_name] = [
            typed.rounding(_name, x, k)
            for x, k in ((q, 0), (c, 1), (q, 1), (typed.arithmetic("mul", b, c), 2), (typed.negative(c), 0))
        ]
    CASES["real_" + _name] = [
        typed.rounding(_name, x, k)
        for x, k in (
            (ratio, 0),
            (small, 1),
            (typed.real_function("sqrt", n), 3),
            (typed.real_function("ln", n), 2),
        )
    ]


def _between(moment: Expr) -> Expr:
    """Return a date or timestamp kept within ten years by LEAST and GREATEST."""
    first, last = (dates.as_date_like(typed.text(x), moment) for x in ("2010-02-28", "2020-02-29"))
    return typed.extremum("least", [typed.extremum("greatest", [moment, first]), last])


def _near(value: Expr) -> Expr:
    """Return a double that is surely above 0."""
    return typed.divide(typed.arithmetic("add", value, num(1)), num(3))


BY_HAND: dict[str, list[Expr]] = {
    "wide to double": [
        typed.rounding("nearest", typed.divide(typed.arithmetic("mul", n, num(4)), num(4))),
        typed.compare("eq", typed.to_real(typed.arithmetic("mul", n, m)), typed.divide(n, num(1))),
    ],
    "names of months and days": [
        functions.name_of(*part, x)
        for part in (("month", functions.MONTHS), ("isodow", functions.DAYS))
        for x in (d, z)
    ],
    "signs and cuts": [make(x) for make in (functions.sign, functions.cut) for x in (n, q, b, ratio, small)],
    "powers": [
        functions.power(x, num(k))
        for x, k in ((n, 2), (q, 1), (b, 3), (e, 8), (e, 7), (n, 0), (typed.to_real(e), 4), (small, 3))
    ],
    "bins": [
        functions.width_bucket(x, num(low), num(high), num(k))
        for x, low, high, k in (
            (n, 0, 100, 10),
            (q, "-2.5", "0.3", 7),
            (c, 0, "0.01", 3),
            (b, 10, 60, 1),
            (e, -5, 30, 10_000),
            (typed.arithmetic("mul", n, e), -(10**6), 10**6, 12),
        )
    ],
    "equal or both NULL": [
        functions.is_same(x, y)
        for x, y in ((n, m), (q, c), (t, s), (d, f), (d, z), (ratio, e), (p, g), (e, n))
    ],
    "starts": [texts.starts_with(x, typed.text(k)) for x in (t, s) for k in ("", "a", "ab", "%", "É", "xx")],
    "days between": [
        functions.date_difference(unit, x, y)
        for unit in ("day", "week", "month", "quarter", "year")
        for x, y in ((d, f), (z, w), (d, z), (_between(d), _between(z)), (_between(z), f))
    ],
    "days on": [
        intervals.days_on(x, num(k), sign) for x in (d, f) for k in (0, 7, 365_999) for sign in (1, -1)
    ],
    "dates kept between two": [
        make(_between(x))
        for make in (
            lambda x: x,
            dates.to_date,
            dates.to_timestamp,
            lambda x: dates.extract("year", x),
            intervals.last_day,
            lambda x: intervals.shifted(x, intervals.Interval(13, -5)),
            lambda x: intervals.bucket(x, intervals.Interval(0, 10 * intervals.DAY), None),
            lambda x: intervals.bucket(x, intervals.Interval(5, 0), None),
            *(partial(dates.truncate, part) for part in ("year", "quarter", "month", "week", "day")),
        )
        for x in (d, z)
    ],
    "logarithms of bounded numbers": [
        make(x)
        for make in (
            lambda x: typed.real_function("ln", x),
            lambda x: functions.logarithm(x, num(10)),
            lambda x: functions.logarithm(x, num(2)),
        )
        for x in (b, e, typed.arithmetic("add", b, num("0.01")), typed.arithmetic("add", e, num(4)), _near(b))
    ],
    "rounding to tens": [
        typed.rounding(name, x, k)
        for name in ("floor", "ceil", "round")
        for x, k in ((n, -1), (q, -2), (b, -1), (c, -9), (typed.arithmetic("mul", n, e), -3))
    ],
    "truth as a number": [functions.to_whole(x) for x in (p, g, typed.compare("lt", n, m))],
    "a rounded root keeps to its grid": [
        typed.arithmetic("add", typed.rounding("floor", typed.real_function("sqrt", n)), e),
        typed.arithmetic("mul", typed.rounding("round", typed.divide(b, num(7)), 2), e),
    ],
}


@pytest.fixture(scope="module")
def table() -> Iterator[Rows]:
    found = rows(COUNT)
    yield found
    found.connection.close()


def test_both_engines_know_exactly_these_functions() -> None:
    assert set(LOWERINGS) == FUNCTIONS
    assert set(CASES) == FUNCTIONS


@pytest.mark.parametrize("function", sorted(CASES))
def test_a_function_is_total_and_means_the_same_in_both_engines(function: str, table: Rows) -> None:
    nodes = CASES[function]
    assert all(any(isinstance(x, Call) and x.function == function for x in walk(node)) for node in nodes)
    assert compare(table, nodes) >= 10_000 or COUNT < 2600


@pytest.mark.parametrize("shape", sorted(BY_HAND))
def test_a_shape_means_the_same_in_both_engines(shape: str, table: Rows) -> None:
    compare(table, BY_HAND[shape])


@pytest.mark.parametrize(
    "make",
    [
        lambda: functions.exponential(n),
        lambda: functions.power(n, num(9)),
        lambda: functions.power(n, m),
        lambda: functions.power(n, num(3)),
        lambda: functions.logarithm(n, num(3)),
        lambda: functions.width_bucket(n, num(5), num(5), num(2)),
        lambda: functions.width_bucket(n, num(0), num(5), num(0)),
        lambda: functions.width_bucket(ratio, num(0), num(5), num(2)),
        lambda: texts.contains(t, s),
        lambda: functions.date_difference("hour", z, w),
        lambda: texts.joined([t, s], skips_null=False),
        lambda: typed.rounding("round", ratio, -1),
        lambda: texts.replaced(t, s, num(1)),
        lambda: texts.replaced(_short(t), typed.text(""), typed.text("x")),
        lambda: texts.replaced(t, typed.text("a"), typed.text("bb")),
        lambda: texts.split_part(t, typed.text(""), num(1)),
        lambda: texts.split_part(t, typed.text("a"), num(0)),
        lambda: texts.split_part(t, s, n),
        lambda: texts.to_text(q),
        lambda: texts.to_text(d),
        lambda: texts.to_text(p),
        lambda: typed.like("like", t, typed.text("a!"), typed.text("!")),
        lambda: typed.like("like", t, typed.text("a"), typed.text("a")),
        lambda: typed.like("like", t, typed.text("%" * 9 + "!%"), typed.text("!")),
    ],
)
def test_what_is_not_total_is_refused(make: Callable[[], Expr]) -> None:
    with pytest.raises(JaliError):
        make()


@pytest.mark.parametrize("function", sorted(CASES))
def test_a_guarded_call_that_stands_in_several_places_is_never_run_outside_its_guard(
    function: str, table: Rows
) -> None:
    """DuckDB shares equal subexpressions, even with ones inside a CASE that excludes a row."""
    for one in CASES[function]:
        node = lower(one)
        guard = "(r.i % 7 = 3)"
        cased = f"CASE WHEN {guard} THEN {node} END"
        table.ask(
            f"SELECT {guard}, COUNT({cased}), COUNT({node}) FILTER (WHERE {guard} AND {node} IS NOT NULL), "
            f"COUNT(CASE WHEN NOT {guard} THEN {node} END), MAX({node}) FILTER (WHERE {cased} IS NOT NULL) "
            f"FROM r WHERE ({cased} IS NULL OR {node} IS NOT NULL) GROUP BY 1 HAVING COUNT({cased}) >= 0"
        )


def test_case_mapping_is_the_simple_one_on_every_character() -> None:
    """DuckDB maps case one character to one; Python's own mapping does not, so the evaluator has its own."""
    text = [chr(i) for i in range(1, 0x110000) if not 0xD800 <= i <= 0xDFFF]
    import duckdb
    import pyarrow as pa

    connection = duckdb.connect(config={"threads": "1"})
    connection.register("x", pa.table({"t": pa.array(text)}))
    found = connection.execute("SELECT t, lower(t), upper(t) FROM x").fetchall()
    wrong = [
        hex(ord(one)) for one, low, high in found if (simple_lower(one), simple_upper(one)) != (low, high)
    ]
    assert len(found) > 10**6
    assert not wrong


@pytest.mark.parametrize(
    "make",
    [
        lambda: typed.rounding("round", typed.arithmetic("mul", q, q), 1),
        lambda: typed.rounding("ceil", typed.at_step(n, N(1, 2**62)), 0),
        lambda: num(10**40),
        lambda: typed.compare("lt", c, num(10**37)),
        lambda: typed.divide(_product("0.00000000000000001", 20), num(3)),
        lambda: typed.compare("gt", _product("0.00000000000000001", 3), num(0)),
    ],
)
def test_what_could_leave_the_numbers_on_some_row_is_refused_before_any_row_is_read(
    make: Callable[[], Expr],
) -> None:
    with pytest.raises(OutOfNumbers):
        make()


def _product(factor: str, times: int) -> Expr:
    found: Expr = num(1)
    for _ in range(times):
        found = typed.arithmetic("mul", found, num(factor))
    return found


# --- deep trees -------------------------------------------------------------------------------------------------------


def _try(make: Callable[[], Expr], otherwise: Expr) -> Expr:
    try:
        found = make()
    except JaliError:
        return otherwise
    return found


@st.composite
def trees(draw: st.DrawFn, kind: Kind, depth: int) -> Expr:  # noqa: C901, PLR0911  # one branch per kind
    """Draw an expression of a kind through the makers; what they refuse is replaced by a column."""
    leaf: Expr = col(draw(st.sampled_from(list(kinds_of(Kind.NUMBER if kind is Kind.REAL else kind)))))
    if depth == 0 or draw(st.integers(0, 9)) == 0:
        if kind is Kind.NUMBER and draw(st.booleans()):
            return num(draw(st.sampled_from(["0", "1", "-1", "2.5", "0.01", "1000000", "0.333"])))
        return typed.to_real(leaf) if kind is Kind.REAL else leaf

    def sub(wanted: Kind) -> Expr:
        return draw(trees(wanted, depth - 1))

    def number() -> Expr:
        return sub(draw(st.sampled_from([Kind.NUMBER, Kind.NUMBER, Kind.REAL])))

    shared = draw(st.sampled_from(["case", "coalesce", "plain", "plain", "plain"]))
    if shared == "case":
        return _try(
            lambda: typed.case(
                [sub(Kind.BOOLEAN), sub(Kind.BOOLEAN)],
                [sub(kind), sub(kind)],
                draw(st.sampled_from([None, leaf])),
            ),
            leaf,
        )
    if shared == "coalesce":
        return _try(lambda: typed.coalesce([sub(kind), sub(kind)]), leaf)
    match kind:
        case Kind.NUMBER | Kind.REAL:
            make = draw(
                st.sampled_from(
                    [
                        lambda: typed.arithmetic(
                            draw(st.sampled_from(["add", "sub", "mul"])), number(), number()
                        ),
                        lambda: typed.divide(number(), number()),
                        lambda: typed.whole_division(
                            draw(st.sampled_from(["int_div", "mod"])), sub(Kind.NUMBER), sub(Kind.NUMBER)
                        ),
                        lambda: typed.rounding(
                            draw(st.sampled_from(["floor", "ceil", "round", "nearest"])),
                            number(),
                            draw(st.integers(0, 3)),
                        ),
                        lambda: typed.real_function(draw(st.sampled_from(["sqrt", "ln"])), number()),
                        lambda: draw(st.sampled_from([typed.absolute, typed.negative, typed.tighten]))(
                            number()
                        ),
                        lambda: typed.extremum(
                            draw(st.sampled_from(["least", "greatest"])),
                            [number(), number(), num(draw(st.integers(-9, 99)))],
                        ),
                        lambda: dates.extract(
                            draw(st.sampled_from(list(dates.PARTS))),
                            sub(draw(st.sampled_from([Kind.DATE, Kind.TIMESTAMP]))),
                        ),
                        lambda: _text("length")(sub(Kind.TEXT)),
                    ]
                )
            )
            return _try(make, leaf)
        case Kind.TEXT:
            make_text = draw(
                st.sampled_from(
                    [
                        _text("lower"),
                        _text("upper"),
                        _text("trim"),
                        _cut("left", 2),
                        _cut("substring", 2, 3),
                        _spaced,
                        _first_word,
                    ]
                )
            )
            return make_text(sub(Kind.TEXT))
        case Kind.BOOLEAN:
            some = draw(st.sampled_from([Kind.NUMBER, Kind.REAL, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP]))
            return draw(
                st.sampled_from(
                    [
                        lambda: typed.boolean(
                            draw(st.sampled_from(["and", "or"])), (sub(Kind.BOOLEAN), sub(Kind.BOOLEAN))
                        ),
                        lambda: typed.boolean("not", (sub(Kind.BOOLEAN),)),
                        lambda: _try(
                            lambda: typed.compare(
                                draw(st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])),
                                sub(some),
                                sub(some),
                            ),
                            leaf,
                        ),
                        lambda: typed.is_null(sub(some)),
                        lambda: typed.like(
                            "like", sub(Kind.TEXT), typed.text(draw(st.sampled_from(["%a%", "_", "%"])))
                        ),
                    ]
                )
            )()
        case Kind.DATE:
            return draw(
                st.sampled_from(
                    [
                        lambda: dates.to_date(sub(Kind.TIMESTAMP)),
                        lambda: dates.truncate("week", sub(Kind.DATE)),
                        lambda: intervals.last_day(sub(Kind.TIMESTAMP)),
                        lambda: intervals.days_on(sub(Kind.DATE), num(draw(st.integers(-99, 99))), 1),
                    ]
                )
            )()
        case _:
            moment = sub(draw(st.sampled_from([Kind.TIMESTAMP, Kind.DATE])))
            if draw(st.booleans()):
                return intervals.shifted(
                    moment,
                    intervals.Interval(draw(st.integers(-50, 50)), draw(st.integers(-(10**14), 10**14))),
                )
            return dates.truncate(
                draw(st.sampled_from(["month", "week", "hour"])), dates.to_timestamp(moment)
            )


@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=int(os.environ.get("JALI_TREES", "150")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_deep_random_expressions_are_total_and_mean_the_same(table: Rows, data: st.DataObject) -> None:
    kinds = [Kind.NUMBER, Kind.REAL, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP]
    nodes = [data.draw(trees(data.draw(st.sampled_from(kinds)), 4)) for _ in range(3)]
    nodes = [x for x in nodes if sum(1 for _ in walk(x)) < 400]
    if nodes:
        compare(table, nodes, where="i < 120")
