"""The command itself: sub-commands are imported only when they are called.

A station on a slow machine must not wait for the arithmetic of the centre to load.
"""

from collections.abc import Mapping
from importlib import import_module

import click

from openprep import __version__
from openprep.coded import CodedError

COMMANDS: Mapping[str, str] = {
    "audit": "Check a published tree, a receipt or a file from outside.",
    "capture": "Run a capture room: from the paper to figures that stand.",
    "center": "Run the centre: receive actas, make cuts, publish them.",
    "ceremony": "Keep the trust root: keys, enrolment, signatures by k of n.",
    "database": "Check official database files (CSV and ZIP).",
    "demo": "Replay a night on this machine, end to end: Puebla 2024, or a nation.",
    "drill": "Generate elections from a seed.",
    "election": "Check an election folder.",
    "forms": "Print actas, labels and the card of keys.",
    "mirror": "Run a publisher: follow a centre, verify, serve.",
    "people": "Sign the list of the people of a capture room: keys, sign-in names, roles.",
    "station": "Send actas from a station, with or without signal.",
    "trust": "Join an election's trust root, to watch or to audit.",
    "watch": "Watch the publishers: what each shows, who signed it, and any alarm.",
}
"""Sub-commands and their one-line help, so that listing them imports none."""


class LazyCommands(click.Group):
    """A group whose commands are modules of this room, imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the sub-commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The sub-command, imported now; ``None`` if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"openprep.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before the sub-command; what is misspelt there has a code, too."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            from openprep.cli.options import under_a_code

            raise under_a_code(error) from error

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; trouble that it did not tell of itself is told here, under its code."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            from openprep.cli.options import under_a_code

            raise under_a_code(error) from error
        except BrokenPipeError:  # whoever read the words went away
            raise
        except (CodedError, OSError) as trouble:
            from openprep.cli.options import fail

            fail(trouble)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the sub-commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Preliminary electoral results, from the acta to the citizen, verifiable by anyone."""
