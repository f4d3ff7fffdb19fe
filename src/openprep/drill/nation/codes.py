"""What can go wrong when a drill is generated."""

from openprep.coded import Coded, CodedError


class NationCode(Coded):
    """Why no drill was generated; nothing of it was left behind."""

    NOT_GENERATED_FROM = (
        "N001",
        "Drills are generated from a federal folder with a shape: name federal-2024, or its path.",
    )
    FOLDER_IN_USE = ("N002", "The folder for the drill exists: name one that does not.")
    NOT_WRITTEN = (
        "N003",
        "The drill could not be written: free space or give this user the right, and begin again.",
    )
    WRONG_SCALE = ("N004", "The scale must be from 0.001 to 1: the part of the sections to take.")
    WRONG_PART = ("N005", "The part of the actas to draw images of must be from 0 to 1.")


class GenerationRefused(CodedError[NationCode]):
    """No drill was generated."""
