"""What can go wrong when a night is relived."""

from openprep.coded import Coded


class DrillCode(Coded):
    """Why a night is not relived, or ended before its end."""

    ANOTHER_DRILL = ("N010", "The demo's folder has another drill: nothing of it was changed.")
    OTHER_ROWS = ("N011", "The files of the night are not those of the election's folder.")
    OTHER_COLUMNS = ("N012", "The file of the night's votes has other columns than it must.")
    PROCESS_ENDED = ("N013", "A process of the replay ended by itself: its last words say why.")
    CROWD_STUCK = (
        "N014",
        "A simulated person does not find what they look for on a page: see the log of the house.",
    )
    NIGHT_IS_OVER = (
        "N015",
        "The night of this demo is over: begin another with --fresh, or look at its page.",
    )
