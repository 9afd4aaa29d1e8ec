"""The same question of plain SQL: our own words are taken off, and Postgres is written as DuckDB by sqlglot."""

import re
from typing import Any

import duckdb
import sqlglot

from tests.cases.conformance.cases import Case

_OURS = re.compile(
    r"^\s*EXPLAIN\s+PRIVACY\s+|\s+WITH\s+ACCURACY\s.*$|\s+EPSILON\s+[\d.]+\s*$", re.IGNORECASE | re.DOTALL
)


def plain_sql(case: Case) -> str:
    """Return what plain SQL is asked; a case may give it by itself where our words or keys have no plain form."""
    if (given := case.facts.get("plainly")) is not None:
        return given
    sql = _OURS.sub("", case.sql)
    if case.facts.get("dialect") == "postgres":
        return sqlglot.transpile(sql, read="postgres", write="duckdb")[0]
    return sql


def asked_plainly(case: Case, tables: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Return the rows plain SQL gives."""
    return tables.execute(plain_sql(case)).fetchall()
