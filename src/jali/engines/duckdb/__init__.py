"""DuckDB: the only package that knows duckdb."""

from jali.engines.duckdb.engine import DuckDBEngine

__all__ = ["DuckDBEngine"]
