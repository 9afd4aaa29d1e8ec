"""Shipped test tools: samplers without noise, strategies, conformance suites; the product never imports them."""
