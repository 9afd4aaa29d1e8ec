"""The snapshot format: immutable versions of clustered tables, read by engines and written by ingestion."""
