"""No error, log line or note holds a value of the data, and no outcome depends on one row's values.

A canary unit carries values found nowhere else. Every trap of docs/reference/sql.md under Totality is asked gated on
its rows; the outcome must be of the same shape with and without it, and nothing anywhere may spell one of its values.
"""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jali.engines.duckdb import DuckDBEngine
from jali.model.codes import EngineFailed
from jali.model.errors import JaliError
from jali.plan.answer import finish
from jali.store.snapshot import Snapshot
from jali.testing.samplers import NoNoise
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.sensitivity import ENGINE, KEY
from tests.guarantee.world import Caps, Row, World, store

CANARY = 99
NUMBER = 8_317_263_549_816_407
TEXTS = ("ZQ7CANARY", "%_ZQ7CANARY%" * 40, "\U0001f426ZQ7CANARY\u0301")
VALUES = ("ZQ7CANARY", str(NUMBER), str(NUMBER // 4), "9223372036854775807", "9223372036854775808")
_MAX, _MIN = 2**63 - 1, -(2**63)
_ORDINARY = [Row(u, k=u % 2, t="ab"[u % 2], s="pq"[u % 2], x=u, y=u % 4, b=u, item=u % 4) for u in range(12)]
_CANARIES = [
    Row(CANARY, k=k, t=t, s=t, x=x, y=y, b=0, item=item)
    for k, t, x, y, item in [
        (2, TEXTS[0], NUMBER, 0, NUMBER),
        (2, TEXTS[1], _MAX, _MIN, _MAX),
        (2, TEXTS[2], _MIN, _MAX, _MIN),
        (_MIN, "", -1, _MIN, 0),
        (_MAX, None, 0, 0, None),
    ]
]
WITH = World(
    [*_ORDINARY, *_CANARIES], [(CANARY, "ZQ7CANARY"), (1, "old")], [(CANARY, NUMBER, _MIN), (1, 0, 2)]
)
WITHOUT = WITH.without(CANARY)
OPEN = Caps(max_rows=8, max_groups=4, clip={}, per_unit=None, bounded=False)

TRAPS = [
    "SUM(LEAST(GREATEST(CASE WHEN k = 2 THEN {} END, 0), 3))",
    "COUNT(*) FILTER (WHERE k = 2 AND {} > 1)",
    "SUM(CASE WHEN {} > 5 THEN 1 WHEN {} IS NULL THEN 2 ELSE 0 END)",
]
NUMBERS = """
k // item
k % item
k // (item - item)
k % (k - 2)
x / y
x / (y - y)
1 / (k - 2)
ABS(k)
ABS(x)
-k
-x
k * item
x * x
k * k
x * x * 0.25
k + item
k - item
k * 1000000
x - 1000000000000
SQRT(k)
SQRT(-x)
LN(k)
LN(-x)
LN(k - k)
SQRT(x) / k
ROUND(x)
ROUND(x, 1)
FLOOR(x / 3)
CEIL(x * 7)
ROUND(k / 3, 2)
CAST(x AS BIGINT)
CAST(k AS DOUBLE)
CAST(SQRT(k) AS BIGINT)
LENGTH(t)
LENGTH(SUBSTR(t, 10000, 10000))
LENGTH(SUBSTR(t, 1, 0))
LENGTH(LEFT(t, 10000))
LENGTH(UPPER(t))
COALESCE(x, k)
NULLIF(k, item)
GREATEST(k, x)
LEAST(k, x)
EXP(k)
POWER(k, 100)
CAST(t AS INTEGER)
TRY_CAST(t AS INTEGER)
LENGTH(t || t)
LENGTH(REPEAT(t, 100000000))
CAST(t AS DATE)
LENGTH(REPLACE(t, 'a', t))
regexp_matches(t, '(a+)+b')
LENGTH(LPAD(t, 1000000000, 'x'))
ASCII(t)
t + 1
k / t
EXTRACT(year FROM t)
""".strip().splitlines()
WHOLE = [
    "SELECT t, COUNT(*) FROM events WHERE k = 2 GROUP BY t",
    "SELECT s, COUNT(*) FROM events GROUP BY s",
    "SELECT k * k AS q, COUNT(*) FROM events GROUP BY q",
    "SELECT FLOOR(x / 7) AS q, COUNT(*) FROM events GROUP BY q",
    "SELECT k // item AS q, COUNT(*) FROM events GROUP BY q",
    "SELECT COUNT(*) FROM events WHERE t LIKE '%a%b%c%' OR s ILIKE '%canary_%'",
    "SELECT SUM(m) FROM (SELECT unit_id, MAX(y) AS m FROM events GROUP BY unit_id) u",
    "SELECT COUNT(*) FROM (SELECT unit_id, SUM(x * k) AS m FROM events GROUP BY unit_id HAVING SUM(k) > 5) u",
    "SELECT AVG(m) FROM (SELECT unit_id, AVG(y) FILTER (WHERE k = 2) AS m FROM events GROUP BY unit_id) u",
    "SELECT COUNT(DISTINCT item), COUNT(DISTINCT b), COUNT(DISTINCT unit_id) FROM events",
    "SELECT i.color, SUM(y) FROM events e LEFT JOIN items i USING (item) GROUP BY i.color",
    "SELECT age, SUM(v.cost) FROM people p JOIN visits v USING (unit_id) GROUP BY age",
    "SELECT COUNT(*) FROM events e JOIN visits v USING (unit_id) WHERE v.cost // e.item > 1",
    "SELECT * FROM events",
    "SELECT nothing FROM events",
    "SELECT SUM(x) FROM events",
]
ASKED = [f"SELECT {trap.format(n, n)} FROM events" for n in NUMBERS for trap in TRAPS] + WHOLE


@pytest.fixture(scope="module")
def stores() -> Iterator[tuple[Snapshot, Snapshot]]:
    with store(WITH) as left, store(WITHOUT) as right:
        yield left, right


def spelled(error: BaseException | None) -> list[str]:
    """Return every text an error carries: its own, its arguments, and those of whatever caused or surrounded it."""
    found: list[str] = []
    while error is not None:
        found += [str(error), repr(error), repr(error.args), *getattr(error, "__notes__", [])]
        found += [str(r) for r in getattr(error, "reasons", ())]
        error = error.__cause__ or error.__context__
    return found


def ask(sql: str, snapshot: Snapshot, engine: Any = ENGINE, caps: Caps = OPEN) -> tuple[str, list[str]]:
    """Return the shape of an outcome and every text in it."""
    try:
        plan = plan_of(sql, caps)
        rows = finish(plan, Central(engine, NoNoise()).release(plan, snapshot))
    except JaliError as error:
        return str(error), spelled(error)
    shape = f"answered {rows.columns} {len(rows.rows) if not plan.exact.needs_selection else 'some'} rows"
    return shape, [repr(rows.notes), repr(rows.columns), repr(rows.rows)]


@pytest.mark.guarantee
def test_no_trap_tells_whether_the_canary_is_there_and_none_spells_it(
    stores: tuple[Snapshot, Snapshot], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    outcomes: list[str] = []
    for sql in ASKED:
        (left, texts), (right, _) = ask(sql, stores[0]), ask(sql, stores[1])
        assert left == right, sql
        assert not [t for t in texts for v in VALUES if v in t], sql
        assert "J501" not in left, f"the engine failed: {sql}"
        outcomes.append(left)
    printed = "".join(capfd.readouterr()) + caplog.text
    assert not [v for v in VALUES if v in printed]
    assert sum(o.startswith("answered") for o in outcomes) >= 60
    assert sum(o.startswith("[J") for o in outcomes) >= 25


# --- forced failures of the engine ------------------------------------------------------------------------------------

ONE_TEXT = "[J501] the engine could not compute the answer; the charge stands\nHint: tell the steward"


def _copy(snapshot: Snapshot, folder: Path) -> Snapshot:
    shutil.copytree(snapshot.root, folder)
    return replace(snapshot, root=folder)


def _text_where_numbers_belong(root: Path) -> None:
    table = pq.read_table(root / "events" / "part.parquet")
    texts = pa.array(["ZQ7CANARY"] * table.num_rows)
    pq.write_table(
        table.set_column(table.schema.get_field_index("k"), "k", texts), root / "events" / "part.parquet"
    )


def _cut_short(root: Path) -> None:
    path = root / "events" / "part.parquet"
    path.write_bytes(path.read_bytes()[:-40])


def _noise_bytes(root: Path) -> None:
    path = root / "events" / "part.parquet"
    raw = bytearray(path.read_bytes())
    raw[40:400] = b"ZQ7CANARY" * 40
    path.write_bytes(raw)


def _missing(root: Path) -> None:
    (root / "events" / "part.parquet").unlink()


def _column_gone(root: Path) -> None:
    table = pq.read_table(root / "events" / "part.parquet")
    pq.write_table(table.drop_columns(["k"]), root / "events" / "part.parquet")


@pytest.mark.guarantee
@pytest.mark.parametrize(
    "damage", [_text_where_numbers_belong, _cut_short, _noise_bytes, _missing, _column_gone]
)
def test_a_failing_engine_says_one_text_and_logs_the_kind_alone(
    damage: Any, stores: tuple[Snapshot, Snapshot], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = _copy(stores[0], tmp_path / "store")
    damage(broken.root)
    _check_failure("SELECT SUM(LEAST(GREATEST(k + 1, 0), 3)) FROM events", broken, ENGINE, caplog)


@pytest.mark.guarantee
def test_an_engine_without_memory_says_the_same_text(
    stores: tuple[Snapshot, Snapshot], caplog: pytest.LogCaptureFixture
) -> None:
    tiny = DuckDBEngine(KEY, memory_limit_bytes=1, threads=1)
    _check_failure("SELECT s, COUNT(DISTINCT item) FROM events GROUP BY s", stores[0], tiny, caplog)


def _check_failure(
    sql: str, snapshot: Snapshot, engine: DuckDBEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(EngineFailed) as caught:
        Central(engine, NoNoise()).release(plan_of(sql, OPEN), snapshot)
    assert str(caught.value) == ONE_TEXT
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None, (
        "the engine's own error, which quotes values, hangs on to the refusal"
    )
    records = [r for r in caplog.records if r.name.startswith("jali")]
    assert len(records) == 1
    assert records[0].getMessage().removeprefix("engine failed: ").isidentifier()
    assert records[0].exc_info is None
    assert not [v for v in VALUES if v in caplog.text]
