"""Why a step changes nothing: it is kept as evidence, and a person looks at it."""

from openprep.coded import Coded


class StepCode(Coded):
    """Why a step moves no figure. Its envelope was taken, and it stays as evidence."""

    SAME_PERSON = ("R030", "The same person took the other part: another person takes this one.")
    SAME_SESSION = ("R031", "The same session took the other part: another session takes this one.")
    SAME_PLACE = ("R032", "The same place made the other capture: another place makes this one.")
    UNKNOWN_IMAGE = ("R033", "No image of this digest was digitised for this acta: digitise first.")
    OTHER_IMAGE = ("R034", "The other capture was made of another image: capture that one.")
    IMAGE_OF_ANOTHER = (
        "R035",
        "The image is that of another acta: identify it by the technical procedure.",
    )
    OTHER_FORM = ("R036", "The capture has another number of columns than the one before.")
    NOTHING_DISPUTED = ("R037", "No two captures differ here: there is nothing to arbitrate.")
    BEYOND_THE_DISPUTE = ("R038", "Both captures agree on a field that the arbiter changed.")
    WITHOUT_REASON = ("R039", "What nobody had read, or was not accepted, needs its reason.")
    NOTHING_TO_CHECK = ("R040", "No figures of that image stand: there is nothing to check.")
    HAS_A_PAPER = ("R041", "The acta has a paper here: it is not missing.")
    OTHER_CAUSE = ("R042", "Another cause was given for which there is no acta: ask the place.")
    NOT_UNIDENTIFIED = ("R043", "No image of this digest waits to be identified.")
    ALREADY_HAS = ("R044", "The acta that it would be has figures of another image.")
    NOT_AT_WORK = ("R045", "The image is not the one at work: figures stand, or another is shown.")
    TOO_MANY_IMAGES = ("R046", "The acta has as many images as any may have.")
    TOO_MANY_ROUNDS = ("R047", "The acta was sent back as often as any may be.")
    TOO_MANY_UNIDENTIFIED = ("R048", "The place has as many papers without identity as any may.")
    NOTHING_TO_SAMPLE = ("R049", "No figures of that image stand: there is nothing to sample.")
    NOT_DRAWN = ("R050", "The draw that is named does not have this acta: it is not of the sample.")
    TOO_MANY_DRAWS = ("R051", "As many samples were drawn as may be: go on with those.")
    WITHOUT_A_SECOND = (
        "R052",
        "What stands goes back by two people, in two sessions: have a second one agree.",
    )
