"""What may be found in an official file, and why one may be refused; every code is stable."""

from openprep.coded import Coded, CodedError, Text, said


class DatabaseCode(Coded):
    """D0xx: departures that are reported while the file is read whole; D1xx: refusals."""

    TITLE_MISSING = ("D001", "No title stands before the column names: name the contest yourself.")
    CUT_TIME_MISSING = ("D002", "The time of the cut is missing or cannot be read.")
    CUT_TIME_WITHOUT_OFFSET = ("D003", "The time of the cut has no UTC offset; UTC-6 was taken.")
    HEADER_NAMES = ("D004", "The header does not name the 13 official figures.")
    HEADER_VALUE_COUNT = ("D005", "The header has more or fewer values than names.")
    HEADER_FORMAT = ("D006", "A header value carries signs (%, apostrophe, thousands comma).")
    HEADER_DECIMAL = ("D007", "A count in the header is written with decimals.")
    HEADER_UNREADABLE = ("D008", "A header value is empty or is not a number.")
    SHARE_DECIMALS = ("D009", "A percentage does not have the four decimals of the norm.")
    HEADER_DISAGREES = ("D010", "A header figure is not what the rows give.")
    OTHER_PARTICIPATION = (
        "D011",
        "The participation is by the other of the two formulas than this cut calls for.",
    )
    SHARE_ROUNDED = ("D012", "A percentage is rounded; the norm truncates it.")
    COMPUTOS = (
        "D013",
        "These are cómputos, not a PREP: what only a PREP has, its header first, was not judged.",
    )
    NOT_CHECKED = ("D014", "Something could not be checked: the file does not have its column.")
    COUNTING_DERIVED = (
        "D015",
        "There is no CONTABILIZADA: which actas count was taken by the rule from their figures.",
    )
    TRAILING_DELIMITER = ("D020", "Rows end with a delimiter: one field more than column names.")
    UNNAMED_COLUMN = ("D021", "A column has no name, as copies made with spreadsheets have.")
    DUPLICATE_COLUMN = ("D022", "Two columns have the same name; both are kept.")
    UNKNOWN_COLUMN = ("D023", "A column outside the votes is not known; it is kept as text.")
    MISSING_COLUMN = ("D024", "A column that the norm asks for is missing.")
    ROW_WIDTH = ("D025", "A row has fewer or more cells than column names.")
    LOOSE_LINE = ("D026", "A line among the rows is not an acta: too few cells; kept apart.")
    MIXED_LINE_ENDS = ("D027", "Lines end in more than one way.")
    BROKEN_QUOTES = ("D028", "Quotes do not follow CSV; they were read as ordinary characters.")
    WINDOWS_1252 = ("D029", "Characters of Windows-1252 in a Latin-1 file.")
    NO_FINAL_LINE_END = ("D030", "The last line has no line end: the file may be cut short.")
    KEY_SHARED = ("D031", "Several rows share one CLAVE_ACTA.")
    KEY_BLANK = ("D032", "A row of the catalogue has no key.")
    KEYLESS_OUT_OF_CATALOGUE = (
        "D035",
        "Rows out of catalogue have no key, as the norm has it: their digest tells them apart.",
    )
    CONTIGUA_AS_01 = ("D033", "Contiguas from 10 up are written 01, so that keys collide.")
    KEY_MISMATCH = ("D034", "A key does not hold the row's own seccion, kind and numbers.")
    TEXT_IN_COUNT = ("D040", "A count holds text that the norm does not know; it adds no votes.")
    DECIMAL_IN_COUNT = ("D041", "A count is written with decimals.")
    COUNT_OUT_OF_BOUNDS = ("D042", "A count is negative or beyond any acta; it adds no votes.")
    NOT_ADDING_UP = ("D043", "The votes of a row do not add up to its calculated total.")
    EXCESS_NOT_FLAGGED = ("D044", "More votes than the lista nominal allows, and not flagged.")
    EXCESS_FLAG_WRONG = ("D045", "Flagged EXCEDE LISTA NOMINAL, though the votes do not exceed it.")
    COUNTED_AGAINST_RULE = ("D046", "CONTABILIZADA is not what the row's figures call for.")
    COUNTED_UNKNOWN = ("D047", "CONTABILIZADA holds something else than 1, 0, 2 or -.")
    UNKNOWN_OBSERVATION = ("D050", "OBSERVACIONES holds words that no norm has; kept as text.")
    UNKNOWN_WORD = ("D051", "A cell holds a word that no norm has for its column; kept as text.")
    TIME_UNREADABLE = ("D060", "A date or time cannot be read.")
    TIME_FORMATS = ("D061", "One column holds times in more than one format.")
    RECEIVED_BEFORE_ELECTION = ("D062", "An acta was received before the election day.")
    RECEIVED_BEFORE_CLOSING = ("D063", "An acta was received before casillas close at 18:00.")
    RECEIVED_AFTER_CUT = ("D064", "An acta was received after the cut it is in.")
    CAPTURED_BEFORE_RECEIVED = ("D065", "An acta was captured before it was received.")
    VERIFIED_BEFORE_CAPTURED = ("D066", "An acta was verified before it was captured.")
    HASH_MISSING = ("D070", "A captured acta has no image digest.")
    HASH_MALFORMED = ("D071", "An image digest is not a SHA-256 in hexadecimal.")
    HASH_REPEATED = ("D072", "Several rows have the same image digest.")
    CANDIDACY_WITHOUT_NAME = ("D080", "A candidacy has no name.")
    CANDIDACY_REPEATED = ("D081", "A party or combination is listed twice in one unit.")
    PADDED_END = ("D082", "The text ends with Ctrl-Z or NULs, as old systems end a file.")
    FORMULA_CELL = (
        "D083",
        'Cells are kept from spreadsheets by a formula, as ="0523"; they were read without it.',
    )
    INVISIBLE_CHARACTER = (
        "D084",
        "Cells have characters that nobody sees, or blanks of another kind; read without them.",
    )
    IDENTITY_UNREADABLE = (
        "D085",
        "An identity cell is no number, nor blank, - or N/A: it cannot be held against the key.",
    )
    UNKNOWN_VOTE_COLUMN = (
        "D086",
        "A column among the votes is nobody's that is known: look whether it is votes.",
    )
    NOT_A_ROW = (
        "D087",
        "A line among the rows is a total, a note or the column names again; kept apart.",
    )
    THOUSANDS_IN_COUNT = ("D088", "A count is written with commas between its thousands.")
    LETTERS_SPOILED = (
        "D089",
        "Letters were spoiled on the way (another encoding): names may not be what was written.",
    )
    QUOTED_LINES = (
        "D090",
        "Whole lines stand in quotes, as copies made with spreadsheets have; read without them.",
    )

    NOT_FOUND = ("D101", "The file cannot be opened: check its path and permissions.")
    FILE_TOO_LARGE = ("D102", "The file is over the size that was allowed.")
    EMPTY = ("D103", "The file is empty.")
    ENCODING = ("D104", "The text is in no accepted encoding: save it as UTF-8 or Latin-1.")
    NUL = ("D105", "The file has NUL characters: it is not text, or was damaged on the way.")
    NO_COLUMN_ROW = ("D106", "No row of column names was recognised: this is another kind of file.")
    NO_VOTE_COLUMN = ("D107", "No column of votes was recognised.")
    TOO_MANY_COLUMNS = ("D108", "The file has more columns than any acta.")
    FIELD_TOO_LONG = ("D109", "A line or field is longer than any real one.")
    TOO_MANY_ROWS = ("D110", "The file has more rows than were allowed.")
    TRUNCATED = ("D111", "The file ends in the middle: fetch it again.")
    SEVERAL = ("D112", "The file holds several databases, one after another: take them apart.")
    ZIP_BROKEN = ("D120", "The ZIP is damaged: fetch it again.")
    ZIP_PATH = ("D121", "The ZIP holds an absolute path or one that leaves its folder.")
    ZIP_LINK = ("D122", "The ZIP holds a link or another thing that is not a file.")
    ZIP_TOO_MANY = ("D123", "The ZIP holds too many files.")
    ZIP_NESTED = ("D124", "ZIPs are nested over two levels.")
    ZIP_EXPANDS = ("D125", "The ZIP expands beyond the bound.")
    ZIP_ENCRYPTED = ("D126", "The ZIP is encrypted: official files never are.")
    ZIP_WITHOUT_DATABASE = ("D127", "The ZIP holds no database.")
    ZIP_REPEATED = ("D128", "The ZIP holds two files of the same name.")
    ZIP_METHOD = (
        "D129",
        "A file in the ZIP is compressed in a way that is not read: pack it as an ordinary ZIP.",
    )


HABITS = frozenset(
    {
        DatabaseCode.CUT_TIME_WITHOUT_OFFSET,
        DatabaseCode.HEADER_FORMAT,
        DatabaseCode.HEADER_DECIMAL,
        DatabaseCode.THOUSANDS_IN_COUNT,
        DatabaseCode.SHARE_DECIMALS,
        DatabaseCode.OTHER_PARTICIPATION,
        DatabaseCode.COMPUTOS,
        DatabaseCode.TRAILING_DELIMITER,
        DatabaseCode.UNNAMED_COLUMN,
        DatabaseCode.UNKNOWN_COLUMN,
        DatabaseCode.MIXED_LINE_ENDS,
        DatabaseCode.WINDOWS_1252,
        DatabaseCode.CONTIGUA_AS_01,
        DatabaseCode.KEYLESS_OUT_OF_CATALOGUE,
        DatabaseCode.TIME_FORMATS,
        DatabaseCode.CAPTURED_BEFORE_RECEIVED,
        DatabaseCode.VERIFIED_BEFORE_CAPTURED,
        DatabaseCode.PADDED_END,
        DatabaseCode.FORMULA_CELL,
        DatabaseCode.INVISIBLE_CHARACTER,
        DatabaseCode.QUOTED_LINES,
    }
)
"""What official generators and the people of an election do: no figure is in doubt for it."""


class UnreadableDatabase(CodedError[DatabaseCode]):
    """The file was refused; nothing of it was used.

    ``line`` counts from 1, or is ``None`` where the whole file is meant.
    """

    def __init__(
        self, code: DatabaseCode, template: str = "", /, line: int | None = None, **facts: object
    ) -> None:
        self.line = line
        super().__init__(code, template, **facts)

    def within(self, path: str) -> "UnreadableDatabase":
        """The same of a file that stands at ``path`` in a ZIP."""
        return UnreadableDatabase(
            self.code,
            "{path}{between}{reason}",
            line=self.line,
            path=path,
            between=" " if path and self.detail else "",
            reason=self.text,
        )

    def in_a_line(self) -> str:
        """The code and what it means before what was wrong: a file's owner knows no codes."""
        code, meaning, what = self.code.code, self.code.meaning, self._what_and_where()
        if what is None:
            return str(said("{code} {meaning} Nothing was used.", code=code, meaning=meaning))
        return str(
            said(
                "{code} {meaning} {what}. Nothing was used.", code=code, meaning=meaning, what=what
            )
        )

    def _what_and_where(self) -> Text | None:
        if self.line is None:
            return self.text if self.detail else None
        if not self.detail:
            return said("(line {line})", line=self.line)
        return said("{detail} (line {line})", detail=self.text, line=self.line)
