"""Options and habits that several sub-commands share."""

import asyncio
import logging
import os
import re
import signal
import sys
import warnings
from collections.abc import Callable, Coroutine
from getpass import GetPassWarning
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from openprep.cli.codes import CommandCode
from openprep.clock import Clock, system_clock
from openprep.coded import Coded, CodedError
from openprep.election import Election
from openprep.election.declared.folder import load_election
from openprep.election.declared.mistakes import FolderRefused
from openprep.masking import MaskedFormatter
from openprep.plain import without_unseen

if TYPE_CHECKING:
    from openprep.hosting.verdicts import Check

Function = TypeVar("Function", bound=Callable[..., Any])


class PathOption(click.Path[Path]):
    """A path; one that is not there, or not of that kind, is refused with a code."""

    def __init__(
        self, *, exists: bool = False, file_okay: bool = True, dir_okay: bool = True
    ) -> None:
        super().__init__(exists, file_okay, dir_okay, path_type=Path)

    def fail(
        self,
        message: str,
        param: click.Parameter | None = None,
        ctx: click.Context | None = None,
    ) -> NoReturn:
        """Refuse it in click's words, under a code."""
        super().fail(CommandCode.PATH.of("{message}", message=message), param, ctx)


FOLDER = PathOption(exists=True, file_okay=False)
FILE = PathOption(exists=True, dir_okay=False)
NEW_PATH = PathOption()
PORT = click.IntRange(0, 65535)


def misused(template: str, /, **facts: object) -> click.UsageError:
    """Options that do not go together; one helper of three, so that each has a code."""
    return click.UsageError(CommandCode.OPTIONS.of(template, **facts))


def unfit(template: str, /, **facts: object) -> click.BadParameter:
    """The value of an option is none that it may have."""
    return click.BadParameter(CommandCode.VALUE.of(template, **facts))


def unfit_by(refused: CodedError[Any]) -> click.BadParameter:
    """The value of an option is refused by the room that it is for."""
    return click.BadParameter(str(refused))


def under_a_code(error: click.UsageError) -> click.UsageError:
    """What click itself says of a command, under a code where it has none."""
    said = error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError) or _CODED.search(said):
        return error
    return click.UsageError(CommandCode.MISSPELT.of("{said}", said=said), error.ctx)


_CODED = re.compile(r"\b[A-Z]\d{3} ")


def asked_for(what: str, instead: str, *, hidden: bool = False, twice: bool = False) -> str:
    """What a person types, or a line of what is piped in; ``instead`` is how else to give it.

    Raises:
        click.UsageError: no terminal is there, and nothing is piped in.
        click.Abort: the person left.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GetPassWarning)  # nobody sees what is piped in
            asked: str = click.prompt(what, hide_input=hidden, confirmation_prompt=twice)
    except click.Abort as left:
        if sys.stdin.isatty():
            raise
        code = CommandCode.NOBODY_TO_ASK
        said = code.of("{what}: give {instead}", what=what, instead=instead)
        raise click.UsageError(said) from left
    return asked


class Address(click.ParamType[str]):
    """An http(s) address to ask; one that cannot be asked would be tried for ever."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address as given, or a usage error that says what it lacks."""
        from openprep.mirror.addresses import check_address

        try:
            check_address(value)
        except CodedError as refused:
            raise unfit_by(refused) from refused
        return value


ADDRESS = Address()


def election_option(function: Function) -> Function:
    """``--election FOLDER``."""
    return click.option(
        "--election", "folder", type=FOLDER, required=True, help="The election's folder."
    )(function)


def clock_option(function: Function) -> Function:
    """``--replay-clock FILE``."""
    return click.option(
        "--replay-clock",
        "clock_file",
        type=NEW_PATH,
        help="Take the time from the file of a replay, not from this machine.",
    )(function)


def certificate_options(function: Function) -> Function:
    """``--certificate FILE`` and ``--key FILE``; see :func:`check_pair`."""
    key = click.option("--key", type=FILE, help="The certificate's private key (PEM).")
    chain = click.option("--certificate", type=FILE, help="Speak TLS with this chain (PEM).")
    return chain(key(function))


def check_pair(certificate: Path | None, key: Path | None) -> None:
    """See that certificate and key were both given, or neither.

    Raises:
        click.UsageError: one of them is missing.
    """
    if (certificate is None) != (key is None):
        raise misused("--certificate and --key go together")


def open_election(folder: Path) -> Election:
    """The election in ``folder``, or its mistakes on the terminal and exit code 2."""
    from openprep.databases.check.declared import check_column_names

    try:
        election = load_election(folder)
        check_column_names(election, str(folder))
    except FolderRefused as refused:
        fail(refused)
    return election


def clock_of(clock_file: Path | None) -> Clock:
    """The machine's clock, or that of a replay.

    Raises:
        click.UsageError: the replay's file cannot be read, or is of something else.
    """
    if clock_file is None:
        return system_clock
    import msgspec

    from openprep.drill.nights.replay_clock import ReplayClock

    clock = ReplayClock(clock_file)
    try:
        clock()
    except (OSError, OverflowError, msgspec.MsgspecError) as error:
        raise misused("--replay-clock {file}: {error}", file=clock_file, error=error) from error
    return clock


def fail(trouble: CodedError[Any] | OSError, exit_code: int = 2, heading: str = "") -> NoReturn:
    """Say what is wrong and leave. Every command tells its trouble by this."""
    click.echo(printable(heading + _in_a_line(trouble)), err=True)
    sys.exit(exit_code)


def _in_a_line(trouble: CodedError[Any] | OSError) -> str:
    if isinstance(trouble, CodedError):
        return str(trouble)
    from openprep.record.codes import BY_ERRNO

    code: Coded = BY_ERRNO.get(trouble.errno or 0, CommandCode.SYSTEM)
    return code.of("{trouble}", trouble=trouble)


def printable(text: str) -> str:
    """``text``, of as many lines, without what could write on a terminal by itself."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\ufffd"
        for character in text
    )


def plain_line(text: str) -> str:
    """``text`` as one line, where nothing hides, turns what stands beside it, or begins another."""
    return without_unseen(printable(text))


def tell_verdicts(checks: list["Check"], *, as_json: bool) -> None:
    """Say what a self-test found, and leave with exit code 1 if one check says no-go."""
    import msgspec

    from openprep.hosting.verdicts import Verdict, table_of

    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(checks)).decode())
    else:
        click.echo("\n".join(table_of(checks)))
    if any(check.verdict is Verdict.NO_GO for check in checks):
        raise SystemExit(1)


def log_to_stderr() -> None:
    """Log what an operator wants to see, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    form, moment = "%(asctime)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"
    handler.setFormatter(MaskedFormatter(form, moment))
    logging.basicConfig(level=os.environ.get("OPENPREP_LOG", "INFO"), handlers=[handler])
    logging.getLogger("aiohttp.access").setLevel("WARNING")
    logging.getLogger("tuf").setLevel("ERROR")


def run_until_stopped(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` until it ends, or until Ctrl-C or SIGTERM cancels it; then leave with 0."""

    async def supervise() -> None:
        task = asyncio.ensure_future(work())
        loop = asyncio.get_running_loop()
        for stop in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(stop, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            return

    asyncio.run(supervise())
