"""Doors: they translate and render, and decide nothing."""
