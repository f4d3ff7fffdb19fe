"""What can go wrong when a file becomes the image of an acta."""

from openprep.coded import Coded, CodedError


class DigitisingCode(Coded):
    """Why a file does not become an image. Nothing of it is kept; the next one is taken."""

    TOO_LARGE = (
        "K101",
        "The file is too large for one page: scan it in grey at 300 dpi, or photograph it again.",
    )
    NOT_A_PICTURE = ("K102", "It is no JPEG, PNG, TIFF or PDF, whatever its name: give one.")
    DAMAGED = ("K103", "The picture is damaged or cut short: scan or photograph the acta again.")
    TOO_MANY_PIXELS = (
        "K104",
        "The picture has more pixels than one page needs: scan it at 300 dpi.",
    )
    ENCRYPTED = ("K105", "The PDF asks for a password: scan the page without one.")
    NO_PAGE = ("K106", "The PDF has no page: scan the acta again.")
    TOO_LONG = (
        "K107",
        "The picture takes longer to decode than any page: scan or photograph the acta again.",
    )
    TOO_MUCH_MEMORY = (
        "K108",
        "The picture takes more memory than any page: scan or photograph the acta again.",
    )
    DECODER_DIED = (
        "K109",
        "The decoder ended without a picture: scan or photograph the acta again.",
    )
    UNFIT_ANSWER = (
        "K110",
        "The decoder gave what it may not: keep the file for who looks into attacks, scan again.",
    )
    BUSY = ("K111", "Too many pictures wait to be decoded: try again in a moment.")
    NO_DECODER = (
        "K112",
        "No decoder can be started: free memory or processes of this machine, then try again.",
    )


class DecoderCode(Coded):
    """What who runs a decoder is told of the machine, once."""

    NOT_SHUT_IN = (
        "K113",
        "This kernel shuts no decoder in (seccomp): memory, time and files alone are bounded.",
    )


class NotDigitised(CodedError[DigitisingCode]):
    """A file did not become an image."""
