"""SmartNoise SQL at the events questions over DuckDB, (1, 1e-6); rows a user (`max_ids`) as the hints suggest.

SmartNoise spends its epsilon on each column of a question, so AVG, which is a sum and a count, is given half to each.
"""

import json
import re
import sys

import duckdb
from snsql import Privacy, from_connection

RUNS = 5
ROWS = {"Q1": 123, "Q2": 1, "Q3": 123, "Q4": 32, "Q5": 32, "Q6": 32}
SQL = {
    "Q1": "SELECT COUNT(*) AS n FROM bench.events",
    "Q2": "SELECT COUNT(DISTINCT user_id) AS n FROM bench.events",
    "Q3": "SELECT SUM(amount) AS n FROM bench.events",
    "Q4": "SELECT country, SUM(amount) AS s, COUNT(amount) AS n FROM bench.events GROUP BY country",
    "Q5": "SELECT category, COUNT(*) AS n FROM bench.events GROUP BY category",
    "Q6": "SELECT country, category, COUNT(*) AS n FROM bench.events GROUP BY country, category",
}


class Cursor:
    """What SmartNoise expects of SQLite's cursor, over DuckDB."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self.description: list[tuple[object, ...]] | None = None

    def execute(self, sql: str) -> None:
        # DuckDB orders no window by a volatile expression: the order is drawn once, into a column
        drawn = re.sub(r"RANDOM ?\( ?\)", "_order", sql).replace(
            " FROM bench.events", ", _order FROM bench.events"
        )
        self._db.execute(drawn)
        self.description = self._db.description

    def __iter__(self) -> object:
        return iter(self._db.fetchall())


class Connection:
    """What SmartNoise expects of SQLite's connection, over DuckDB."""

    def __init__(self, source: str) -> None:
        self.db = duckdb.connect()
        self.db.execute("CREATE SCHEMA bench")
        # SmartNoise reads floats; no value is changed by it
        self.db.execute(
            f"CREATE TABLE bench.events AS SELECT * REPLACE (CAST(amount AS DOUBLE) AS amount), random() AS _order "
            f"FROM '{source}'"
        )

    def cursor(self) -> Cursor:
        return Cursor(self.db)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


def metadata(question: str, rows: int) -> dict[str, object]:
    table = {
        "max_ids": ROWS[question], "row_privacy": False, "rows": rows, "censor_dims": True, "clamp_counts": False,
        "user_id": {"type": "int", "private_id": True}, "country": {"type": "string"}, "category": {"type": "int"},
        "amount": {"type": "float", "lower": 0.0, "upper": 200.0, "nullable": True},
    }  # fmt: skip
    return {"": {"bench": {"events": table}}}


def main() -> None:
    question, source = sys.argv[1:]
    if question not in SQL:
        sys.exit("no such aggregate")
    epsilon = 0.5 if question == "Q4" else 1.0
    connection = Connection(source)
    rows = connection.db.execute("SELECT count(*) FROM bench.events").fetchone()[0]
    runs = []
    for _ in range(RUNS):
        privacy = Privacy(epsilon=epsilon, delta=1e-6)
        reader = from_connection(
            connection, privacy=privacy, metadata=metadata(question, rows), engine="sqlite"
        )
        found = reader.execute(SQL[question])[1:]
        runs.append(
            [[r[0], r[1] / r[2]] for r in found if r[2]] if question == "Q4" else [list(r) for r in found]
        )
    print(json.dumps({"runs": runs, "note": f"{ROWS[question]} rows a user"}))


main()
