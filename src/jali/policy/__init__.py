"""Contracts, charter, purposes and roles: what may be asked by whom."""
