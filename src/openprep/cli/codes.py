"""How a command was given that cannot be done so."""

from openprep.coded import Coded


class CommandCode(Coded):
    """Why a command was not begun; nothing was changed."""

    PATH = ("U001", "The path given is not there, is of another kind, or may not be read.")
    OPTIONS = ("U002", "The options given do not make a command together: see --help.")
    VALUE = ("U003", "The value of an option is none that it may have: see --help.")
    MISSPELT = ("U005", "The command is not one that there is, or lacks something: see --help.")
    NOBODY_TO_ASK = ("U006", "It asks a person, and no terminal is there: give it as an option.")
    SYSTEM = ("U004", "The system refused it: see the path or address named, and one's rights.")
