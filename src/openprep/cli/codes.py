"""How a command was given that cannot be done so. Of one misspelt click itself tells, uncoded."""

from openprep.coded import Coded


class CommandCode(Coded):
    """Why a command was not begun; nothing was changed."""

    PATH = ("U001", "The path given is not there, is of another kind, or may not be read.")
    OPTIONS = ("U002", "The options given do not make a command together: see --help.")
    VALUE = ("U003", "The value of an option is none that it may have: see --help.")
    SYSTEM = ("U004", "The system refused it: see the path or address named, and one's rights.")
