"""Shipped test tools: samplers without noise, strategies, conformance suites. Never imported by the product."""
