"""What keeps a house from starting, and what who runs it is told."""

from openprep.coded import Coded, CodedError


class HouseCode(Coded):
    """Why a house does not start, or what it needs a person for. What was sealed stays sealed."""

    NO_PLACE = ("K450", "The folder has no place: make each there by `openprep station init`.")
    SPEAKS_FOR_NOTHING = (
        "K451",
        "The entry lists nothing that the place does: remove it, keep the key, and make it again.",
    )
    UNKNOWN_SCOPE = (
        "K452",
        "The entry lists an area that the election lacks: remove it, keep the key, make it again.",
    )
    TAKEN = ("K453", "Another process has this house: end it, or give this one another folder.")
    SECRET = (
        "K454",
        "The secret is damaged, or others may read it: remove it. What is on screens is lost.",
    )
    NOT_SECURE = (
        "K455",
        "Other machines give camera and storage to HTTPS only: give --certificate and --key.",
    )
    POLICY = ("K456", "The file does not say how work is handed out: correct what is named.")
    ADDRESS_TAKEN = ("K457", "The address cannot be listened on: see what has it, or whose it is.")
    SHORT_OF_PLACES = (
        "K458",
        "Too few places here capture them: a second capture waits for another house to make it.",
    )
    DELIVERY_STOPS = (
        "K459",
        "It waits until this is mended, with what comes of it; it is kept, and offered again.",
    )
    SET_ASIDE = ("K460", "The centre took it, and publishes it once a person there has looked.")
    NO_SUCH_PLACE = ("K462", "The house has no place of this id: see the folder of --places.")
    OUTSIDE = (
        "K470",
        "The desks' authority speaks for its domain, and for addresses of private networks.",
    )
    AUTHORITY = (
        "K471",
        "The desks' authority cannot be used: take its copy, or make one in another folder.",
    )
    CERTIFICATE_THERE = ("K472", "A key is there already, and stays: give a new folder.")
    NOT_A_HOUSE = ("K461", "No house has worked in this folder: see the path.")


class HouseTrouble(CodedError[HouseCode]):
    """A house does not start, or cannot be looked at, and why; nothing was changed."""
