"""Amounts in Spanish words, as an acta asks for them beside the figure."""

_SMALL = (
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
)
_TENS = ("treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
_HUNDREDS = (
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
)


def in_words(amount: int) -> str:
    """``amount``, from 0 to below a million, in words: ``doscientos cuarenta y uno``.

    Raises:
        ValueError: it is outside these bounds; no acta has such an amount.
    """
    if not 0 <= amount < 1_000_000:
        raise ValueError(f"{amount} is no amount of an acta")
    thousands, rest = divmod(amount, 1000)
    if not thousands:
        return _below_thousand(rest)
    before = "mil" if thousands == 1 else f"{_shortened(_below_thousand(thousands))} mil"
    return f"{before} {_below_thousand(rest)}" if rest else before


def _below_thousand(amount: int) -> str:
    if amount == 100:
        return "cien"
    hundreds, rest = divmod(amount, 100)
    before = f"{_HUNDREDS[hundreds - 1]} " if hundreds else ""
    return f"{before}{_below_hundred(rest)}" if rest or not hundreds else before.rstrip()


def _below_hundred(amount: int) -> str:
    if amount < 30:
        return _SMALL[amount]
    tens, units = divmod(amount, 10)
    name = _TENS[tens - 3]
    return f"{name} y {_SMALL[units]}" if units else name


def _shortened(words: str) -> str:
    """Before ``mil``, ``uno`` is cut short: ``veintiún mil``, ``sesenta y un mil``."""
    if words.endswith("veintiuno"):
        return f"{words.removesuffix('uno')}ún"
    return f"{words.removesuffix('uno')}un" if words.endswith("uno") else words
