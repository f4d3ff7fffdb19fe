"""What can go wrong when a night is relived."""

from openprep.coded import Coded


class DrillCode(Coded):
    """Why a night is not relived, or ended before its end."""

    ANOTHER_DRILL = ("N010", "The demo's folder has another drill: nothing of it was changed.")
    OTHER_ROWS = ("N011", "The files of the night are not those of the election's folder.")
    OTHER_COLUMNS = ("N012", "The file of the night's votes has other columns than it must.")
    PROCESS_ENDED = ("N013", "A process of the replay ended by itself: its last words say why.")
