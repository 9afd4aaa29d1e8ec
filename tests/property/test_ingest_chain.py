"""What ingestion makes of one unit depends on that unit's rows, the contract and the keys alone."""

import tempfile
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jali.ingest.grid import Grid, certain_sql, to_grid
from jali.ingest.load import Rules, ingest
from jali.ingest.report import Limits
from jali.keys.vault import Vault
from jali.model.schema import Catalog, Column, ColumnClass, Contribution, GroupBy, Table, Transform
from jali.model.types import IDENTIFIER, INTEGER, TEXT, TIMESTAMP, Kind, Type

STEPS = ["1", "0.01", "0.25", "0.001", "5", "0.3", "1e-9", "1000"]
WIDE = Context(prec=900, Emax=10**6, Emin=-(10**6))


def column(name: str, source: str, type_: Type, transform: Transform | None = None) -> Column:
    class_ = ColumnClass.IDENTIFIER if type_ == IDENTIFIER else ColumnClass.QUASI
    return Column(
        name, source, type_, class_, True, True, False, False, False, GroupBy.DENIED, None, None, None,
        frozenset(), True, transform, "", "line 1",
    )  # fmt: skip


def hmac_of(key: str) -> Transform:
    return Transform("hmac", {"key": f"keys:{key}", "context": key})


VISITS = Table(
    "visits", False,
    (
        column("who", "string", IDENTIFIER, hmac_of("person")),
        column("card", "string", IDENTIFIER, hmac_of("card")),
        column("place", "string", TEXT, Transform("prefix", {"length": 2})),
        column("cost", "number", Type(Kind.NUMBER, Fraction(1, 100))),
        column("age", "integer", INTEGER, Transform("bin", {"width": 10, "from": 0, "until": 100})),
        column("at", "timestamp", TIMESTAMP, Transform("truncate", {"to": "day"})),
    ),
    "who", (), Contribution(), (), "urn:test", "line 1",
)  # fmt: skip

ROW = st.tuples(
    st.sampled_from(["ann", " ann", "bob", "cyd", "dan", "", None]),
    st.one_of(st.none(), st.sampled_from(["c1", "c2", "c3"])),
    st.one_of(st.none(), st.text("aå|:1", max_size=4)),
    st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from([0.005, 0.015, 1e300, float("nan")])),
    st.one_of(st.integers(-50, 150), st.integers(-(2**63), 2**63 - 1)),
    st.sampled_from(
        ["2020-01-01 10:00:00", "2020-01-02", "no date", "infinity", "294247-01-01", "10000 BC", None]
    ),
)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return Vault.create(tmp_path_factory.mktemp("house") / "vault")


def stored(
    rows: list[tuple[object, ...]], vault: Vault, rows_per_file: int
) -> dict[object, list[tuple[object, ...]]]:
    """Return pseudonym -> stored rows in stored order, without the dense number."""
    kinds = [pa.string(), pa.string(), pa.string(), pa.float64(), pa.int64(), pa.string()]
    names = [c.name for c in VISITS.columns]
    arrays = [pa.array([r[i] for r in rows], kind) for i, kind in enumerate(kinds)]
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(pa.table(arrays, names), f"{folder}/source.parquet")
        store = Path(folder) / "store"
        limits = Limits(rows_per_file=rows_per_file)
        report = ingest(
            VISITS, f"{folder}/source.parquet", store, vault, Rules(Catalog({}), "d", "p"), limits=limits
        )
        assert report.rows_read == len(rows) == report.rows_stored + report.rows_quarantined
        found = duckdb.sql(
            "SELECT u.pseudonym, t.* EXCLUDE (_unit)"
            f" FROM read_parquet('{store}/tables/visits/*/*.parquet') t"
            f" JOIN read_parquet('{store}/units/*.parquet') u USING (_unit) ORDER BY t._unit, t._rank"
        ).fetchall()
    by_unit: dict[object, list[tuple[object, ...]]] = {}
    for pseudonym, *rest in found:
        by_unit.setdefault(pseudonym, []).append(tuple(rest))
    return by_unit


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROW, max_size=40),
    gone=st.sampled_from(["ann", "bob"]),
    shuffle=st.randoms(use_true_random=False),
)
def test_removing_one_unit_leaves_every_other_unit_as_it_was(
    vault: Vault, rows: list[tuple[object, ...]], gone: str, shuffle: object
) -> None:
    with_all = stored(rows, vault, 5)
    others = [row for row in rows if not isinstance(row[0], str) or row[0].strip() != gone]
    shuffle.shuffle(others)  # type: ignore[attr-defined]
    without = stored(others, vault, 1000)
    assert len(with_all) - len(without) in {0, 1}
    for pseudonym, kept in without.items():
        assert kept == with_all[pseudonym]
        assert [row[0] for row in kept] == list(range(1, len(kept) + 1))


def reference(text: str, step: str, *, whole_only: bool) -> tuple[int | None, str | None]:
    """Round with decimals: an implementation that shares nothing with `to_grid`."""
    number = Decimal(text)
    if not number.is_finite():
        return None, None
    if whole_only and number != number.to_integral_value(context=WIDE):
        return None, "lossy"
    low = WIDE.divide(number, Decimal(step)).to_integral_value(ROUND_FLOOR, WIDE)
    rest = WIDE.subtract(number, WIDE.multiply(low, Decimal(step)))  # exact, where the quotient may not be
    doubled, unit = WIDE.multiply(rest, Decimal(2)), Decimal(step)
    up = doubled > unit or (doubled == unit and int(low) % 2 == 1)
    value = int(low) + up
    return (value, None) if -(2**63) <= value < 2**63 else (None, "out_of_range")


@given(number=st.floats(allow_nan=True), step=st.sampled_from(STEPS), whole_only=st.booleans())
@example(number=12.34, step="0.01", whole_only=False)
@example(number=0.285, step="0.01", whole_only=False)
@example(number=2.675, step="0.01", whole_only=False)
@example(number=9.223372036854775e18, step="1", whole_only=True)
def test_grid_is_decimal_rounding_of_the_shortest_text(number: float, step: str, *, whole_only: bool) -> None:
    got = to_grid(repr(number), Grid(Fraction(step), whole_only=whole_only))
    assert got == reference(repr(number), step, whole_only=whole_only)


@given(
    number=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25),
    step=st.sampled_from(STEPS),
)
def test_grid_equals_python_decimal(number: Decimal, step: str) -> None:
    value, problem = to_grid(str(number), Grid(Fraction(step)))
    exact = Fraction(number) / Fraction(step)
    if problem is None and Decimal(step).scaleb(0).as_tuple().digits == (1,):
        assert value == int(WIDE.divide(number, Decimal(step)).to_integral_value(ROUND_HALF_EVEN, WIDE))
    assert problem == (None if -(2**63) <= round(exact) < 2**63 else "out_of_range")


NEAR_TIES = st.builds(
    lambda k, step, nudge: (float(Fraction(2 * k + 1, 2) * Fraction(step)) * (1 + nudge), step),
    st.integers(-(10**9), 10**9), st.sampled_from(STEPS), st.sampled_from([0.0, 2e-16, -2e-16, 1e-12, -1e-9]),
)  # fmt: skip
ANY_DOUBLES = st.tuples(st.floats(), st.sampled_from(STEPS))


@settings(max_examples=60, deadline=None)
@given(
    cases=st.lists(st.one_of(NEAR_TIES, ANY_DOUBLES), min_size=20, max_size=60),
    bins=st.booleans(),
    whole_only=st.booleans(),
    origin=st.sampled_from([0, 18, -7, 10**9]),
)
def test_what_sql_calls_certain_is_what_python_decides(
    cases: list[tuple[float, str]], origin: int, *, bins: bool, whole_only: bool
) -> None:
    for step in {step for _, step in cases}:
        size = Fraction(step)
        start = Fraction(origin) - Fraction(origin) % size if bins else Fraction(0)
        grid = Grid(size, start, is_bin=bins, stored_step=size, whole_only=whole_only)
        numbers = [number for number, other in cases if other == step]
        rows = duckdb.execute(
            f"SELECT x, {certain_sql('x', grid)} FROM (SELECT unnest($1::DOUBLE[]) AS x)", [numbers]
        ).fetchall()
        for number, certain in rows:
            if certain is not None:
                assert to_grid(repr(number), grid) == (certain, None)


@pytest.mark.parametrize(
    "text", ["1e999999999", "-1e999999999", "1e-999999999", "0e-999999999", "0e999999999", "9" * 5000]
)
def test_absurd_numbers_cost_nothing(text: str) -> None:
    value, problem = to_grid(text, Grid(Fraction(1, 100)))
    assert value == 0 or problem is not None
