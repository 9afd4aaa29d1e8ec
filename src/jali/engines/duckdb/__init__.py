"""Answers plans on DuckDB, the only place that imports duckdb."""
