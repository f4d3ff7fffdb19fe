"""What an audit looks at, and what it means when it is not so."""

from openprep.coded import Coded, CodedError


class AuditCode(Coded):
    """Checks of an audit, and why a receipt or an audit is refused."""

    UNREACHABLE = ("X001", "The place to be audited cannot be read: see the address or folder.")
    TRUST = ("X002", "The keys given cannot be used, or the trust root does not hold together.")
    NO_SUCH_CUT = ("X003", "The log has no such cut.")
    NO_SUCH_ACTA = ("X004", "The published tree has no such acta, or it was not captured yet.")
    TOO_LARGE = ("X005", "It does not fit in a QR code, even without cosignatures.")
    NO_TREE = (
        "X006",
        "This is no published tree: give the address or folder that has its `current.json`.",
    )

    CHECKPOINT = ("X010", "The checkpoint is not signed by a key of this election's log.")
    COSIGNATURES = ("X011", "Fewer publishers cosigned the checkpoint than the policy asks for.")
    LOG_ENTRIES = ("X012", "The log's entries or tiles are not those that were signed.")
    LOG_RULES = (
        "X013",
        "The log breaks its own rules: order of cuts, versions, reasons, images; or who is named.",
    )
    SIGNED_CUTS = ("X014", "A cut was signed with another history than the log has now.")
    MANIFESTS = ("X015", "A manifest is not the one in the log, or does not follow the one before.")
    POINTER = ("X016", "The pointer does not say what was signed.")
    DESCRIPTION = ("X017", "The election shown is not the one that the log began with.")
    RESULTS = ("X018", "The results signed for a contest are not what the log gives.")
    FILES = ("X019", "A file is missing, or not what the manifest lists.")

    OBJECTS = ("X020", "An object is missing or withheld, altered, or not in its exact form.")
    PLACES = ("X021", "An area, section or acta stands where it does not belong, or twice.")
    ACTAS_IN_LOG = ("X022", "A leaf shown for an acta, or its place, is not what the log has.")
    LOG_IN_TREE = ("X023", "An acta of the log is not shown: it was left out.")
    SUMMARY = ("X025", "The 13 figures are not what the actas give.")
    VOTES = ("X026", "Votes by column are not the sum of the actas.")
    CANDIDACIES = ("X027", "Votes by candidacy are not the sum of the actas.")
    PARTIES = ("X028", "Votes by party are not what LGIPE 311.1.c gives, unit by unit.")
    BALANCE = ("X029", "Candidacies, parties and actas do not add up to the same votes.")
    WON = ("X030", "Constituencies led, or first minorities, are not what the votes give.")
    PROPORTIONAL = ("X031", "Actas of proportional representation are not kept apart as they must.")
    CHILDREN = ("X032", "A list of areas or sections does not say what they themselves give.")
    ZERO = ("X033", "The opening cut has a vote, or not every acta that is declared.")
    DATABASE_FIGURES = ("X034", "The 13 figures of an official database are not those of its cut.")
    DATABASE_ROWS = ("X035", "The rows of an official database are not the actas of its cut.")
    IMAGES = ("X036", "An image is missing or altered, or another size is said of it.")
    GROUPS = (
        "X037",
        "A group of actas (urban, special, abroad…) does not come to what is shown.",
    )

    IMAGE_CODES = (
        "X038",
        "The code printed on an image is another acta's than the one that it is shown for.",
    )

    CODES_NOT_READ = (
        "X039",
        "This machine could not read an image for its code: audit again with less running beside.",
    )

    RELEASE = (
        "X050",
        "The release shown is none that was given: get its list, not from here; use --release.",
    )
    PAGE_FILES = ("X051", "A script, style, worker or page is not what the release lists.")
    FOREIGN_CODE = (
        "X052",
        "Something runs, or a page fetches or hides, that no release has.",
    )
    PAGE_FIGURES = ("X053", "A page says a figure, or who leads, otherwise than was counted.")
    PAGE_BYTES = ("X054", "A page is not, byte for byte, what its release makes of the cut.")

    RECEIPT_FORMAT = ("X040", "The file is not a receipt of a version known here.")
    RECEIPT_PROOF = ("X042", "The receipt does not prove that the acta was in the signed log.")
    RECEIPT_KEYS = ("X043", "The receipt is not signed by a key that is trusted for it.")
    NOT_LISTED = ("X044", "The file's digest is listed nowhere in the signed cut or its log.")


class AuditRefused(CodedError[AuditCode]):
    """Something cannot be audited, or a receipt does not hold; nothing was written."""
