"""Options that only the ceremony's commands take."""

from datetime import datetime

import click

from openprep.cli.options import FILE, FOLDER, NEW_PATH, Function, unfit


class Moment(click.ParamType[datetime]):
    """A date and time with its offset, as 2024-06-03T20:00:00-06:00."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment, or a usage error."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise unfit(
                "{value!r} is not a date and time as 2024-06-03T20:00:00-06:00", value=value
            ) from None
        if moment.tzinfo is None:
            raise unfit("{value!r} needs its offset from UTC, as -06:00", value=value)
        return moment


MOMENT = Moment()


def passphrase_option(function: Function) -> Function:
    """``--passphrase-file FILE``; else ``OPENPREP_PASSPHRASE``; else a prompt."""
    return click.option(
        "--passphrase-file",
        type=FILE,
        help="Take the passphrase from the first line of a file; "
        "else from OPENPREP_PASSPHRASE; else it is asked for.",
    )(function)


def lifetime_option(function: Function) -> Function:
    """``--timestamp-hours``."""
    return click.option(
        "--timestamp-hours",
        default=24,
        show_default=True,
        type=click.IntRange(1, 24 * 14),
        help="Hours for which publishers may go on without hearing of a newer version.",
    )(function)


def start_options(function: Function) -> Function:
    """Everything that a version of the trust root may say."""
    options = (
        click.option("--election", "folder", type=FOLDER, help="The election's folder."),
        click.option("--previous", type=FOLDER, help="The trust folder that stands, if any."),
        click.option("--out", type=NEW_PATH, required=True, help="Folder for the proposal."),
        click.option("--member", "members", type=FILE, multiple=True, help="A member's .pub file."),
        click.option("--threshold", type=int, help="How many members must sign."),
        click.option("--online", type=FILE, multiple=True, help="The centre's online .pub file."),
        click.option("--root-expires", type=MOMENT, help="Until when the members hold office."),
        click.option(
            "--enrolment-expires",
            type=MOMENT,
            required=True,
            help="Until when this version is good, if no other follows.",
        ),
        click.option(
            "--log-key",
            "log_keys",
            type=(str, int),
            multiple=True,
            help="A key of the log, and the first cut that it signs.",
        ),
        click.option(
            "--end-log-key",
            "ended",
            type=(str, int),
            multiple=True,
            help="A key of the log, and the last cut that it signs.",
        ),
        click.option("--stations", type=FILE, help="Stations to enrol: a stations.json."),
        click.option(
            "--request",
            "requests",
            type=FILE,
            multiple=True,
            help="A publisher's request to enrol.",
        ),
        click.option(
            "--revoke-publisher", "publishers", multiple=True, help="Id of a publisher to revoke."
        ),
        click.option(
            "--revoke-station", "revoked", multiple=True, help="Id of a station to revoke."
        ),
        click.option("--quorum", type=int, help="Cosignatures after which a cut counts as held."),
        click.option("--retain-until", type=MOMENT, help="Until when mirrors keep the last cut."),
    )
    for option in reversed(options):
        function = option(function)
    return function
