"""pyqrlew at the events questions: it rewrites the question, DuckDB runs it; (1, 1e-6)."""

import json
import sys

import duckdb
import pyqrlew as qrl
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, create_engine

RUNS = 5
ROWS = 123
KEYS = {"Q1": 1, "Q2": 1, "Q3": 1, "Q4": 5, "Q5": 20, "Q6": 20}
SQL = {
    "Q1": "SELECT COUNT(*) AS n FROM events",
    "Q2": "SELECT COUNT(DISTINCT user_id) AS n FROM events",
    "Q3": "SELECT SUM(amount) AS n FROM events",
    "Q4": "SELECT country, AVG(amount) AS n FROM events GROUP BY country",
    "Q5": "SELECT category, COUNT(*) AS n FROM events GROUP BY category",
    "Q6": "SELECT country, category, COUNT(*) AS n FROM events GROUP BY country, category",
}


def dataset(rows: int) -> qrl.Dataset:
    engine = create_engine("sqlite://")
    meta = MetaData()
    Table(
        "events", meta, Column("user_id", Integer), Column("country", String), Column("category", Integer),
        Column("amount", Float),
    )  # fmt: skip
    meta.create_all(engine)
    empty = qrl.Dataset.from_database("bench", engine)
    text, schema = (part.partition(": ")[2] for part in str(empty).splitlines()[:2])
    # the declared size, without a copy of the data in SQLite
    size = (empty.size or "").replace('"multiplicity": 1.0', f'"size": "{rows}", "multiplicity": 1.0')
    found = qrl.Dataset.from_str(text, schema, size)
    found = found.with_range(None, "events", "amount", 0.0, 200.0)
    return found.with_possible_values(None, "events", "country", [f"C{i:02d}" for i in range(50)])


def main() -> None:
    question, source = sys.argv[1:]
    if question not in SQL:
        sys.exit("no such aggregate")
    db = duckdb.connect()
    db.execute(f"CREATE VIEW events AS SELECT * FROM '{source}'")
    data = dataset(db.execute("SELECT count(*) FROM events").fetchone()[0])
    relation = data.relation(SQL[question])
    private = relation.rewrite_with_differential_privacy(
        data,
        [("events", [], "user_id")],
        {"epsilon": 1.0, "delta": 1e-6},
        max_multiplicity=ROWS,
        max_privacy_unit_groups=KEYS[question],
    ).relation()
    query = private.to_query(qrl.Dialect.PostgreSql)
    runs = [[list(map(_plain, r)) for r in db.execute(query).fetchall()] for _ in range(RUNS)]
    print(json.dumps({"runs": runs, "note": f"{ROWS} rows and {KEYS[question]} keys a user"}))


def _plain(value: object) -> object:
    return value if isinstance(value, str | int) or value is None else float(value)  # type: ignore[arg-type]


main()
