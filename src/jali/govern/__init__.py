"""Checks of a whole house: contracts against charter, populations and settings."""
