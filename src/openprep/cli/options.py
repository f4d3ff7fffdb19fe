"""Options and habits that several sub-commands share."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from openprep.clock import Clock, system_clock
from openprep.election import Election
from openprep.election.declared.folder import load_election
from openprep.election.declared.mistakes import FolderRefused
from openprep.masking import MaskedFormatter

Function = TypeVar("Function", bound=Callable[..., Any])

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_PATH = click.Path(path_type=Path)
PORT = click.IntRange(0, 65535)


class Address(click.ParamType[str]):
    """An http(s) address to ask; one that cannot be asked would be tried for ever."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address as given, or a usage error that says what it lacks."""
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(value)
            whole = parts.scheme in ("http", "https") and bool(parts.hostname)
            whole = whole and parts.port != 0
        except ValueError as mistake:
            self.fail(f"{value!r}: {mistake}", param, ctx)
        if not whole:
            self.fail(
                f"{value!r} is no address: give all of it, http:// or https:// included", param, ctx
            )
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
        raise click.UsageError("--certificate and --key go together")


def open_election(folder: Path) -> Election:
    """The election in ``folder``, or its mistakes on the terminal and exit code 2."""
    from openprep.databases.check.declared import check_column_names

    try:
        election = load_election(folder)
        check_column_names(election, str(folder))
        return election
    except FolderRefused as refused:
        click.echo(str(refused), err=True)
        sys.exit(2)


def clock_of(clock_file: Path | None) -> Clock:
    """The machine's clock, or that of a replay.

    Raises:
        click.UsageError: the replay's file cannot be read, or is of something else.
    """
    if clock_file is None:
        return system_clock
    import msgspec

    from openprep.drill.replay_clock import ReplayClock

    clock = ReplayClock(clock_file)
    try:
        clock()
    except (OSError, OverflowError, msgspec.MsgspecError) as error:
        raise click.UsageError(f"--replay-clock {clock_file}: {error}") from error
    return clock


def fail(trouble: Exception) -> NoReturn:
    """Say what is wrong and leave with exit code 2."""
    click.echo(str(trouble), err=True)
    sys.exit(2)


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
