"""Which texts a spreadsheet would compute instead of showing them (OWASP, CSV injection)."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_text(cell: str) -> str:
    """``cell`` so that no spreadsheet computes it: with an apostrophe where it begins so."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
