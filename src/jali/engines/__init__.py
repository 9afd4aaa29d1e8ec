"""Exact bounded aggregates; every result is a Secret."""
