"""What whoever publishes may see when the page cannot be shown."""

from openprep.coded import Coded, CodedError


class PageCode(Coded):
    """Trouble with the installed page."""

    MISSING = ("P001", "The citizen's page is not built: run `make site` and start again.")
    DAMAGED = ("P020", "The installed page is not what its release lists: install it anew.")
    NOT_RENDERED = (
        "P021",
        "The installed page cannot show this cut: install the release that the centre has.",
    )
    NOT_A_RELEASE = ("P022", "The file is no list of a release: get `release.json` of one.")


class PageTrouble(CodedError[PageCode]):
    """The page cannot be shown; what was up stays up."""
