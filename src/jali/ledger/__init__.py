"""Budgets, charges, kept releases and the audit log."""
