"""Who may see exact aggregates; the only package that opens secrets."""
