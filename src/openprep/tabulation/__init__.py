"""The arithmetic: summary figures, totals per level, coalition shares, percentages. Pure."""
