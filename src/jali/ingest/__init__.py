"""Data enters under contract: minimised, pseudonymised, clustered by unit."""
