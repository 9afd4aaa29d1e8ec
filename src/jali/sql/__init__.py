"""SQL text to our own small query tree, and that tree to an engine's dialect; the only package that knows sqlglot."""
