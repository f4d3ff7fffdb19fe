"""`openprep mirror nginx` and `openprep center nginx`: configurations of nginx, written out."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from openprep.cli.options import FOLDER, NEW_PATH, certificate_options, check_pair, fail, misused
from openprep.coded import CodedError

if TYPE_CHECKING:
    from openprep.hosting.nginx.parts import Certificate, Process

Function = TypeVar("Function", bound=Callable[..., Any])

DATA = click.option("--data", type=FOLDER, required=True, help="The mirror's own folder.")


def _whole_options(function: Function) -> Function:
    """Where the log goes, and whether a whole nginx.conf is written."""
    for option in (
        click.option("--output", type=NEW_PATH, help="Write here, not to the terminal."),
        click.option(
            "--user", help="With --whole: the user as which workers run, if root starts it."
        ),
        click.option(
            "--whole",
            type=NEW_PATH,
            help="Write a whole nginx.conf that runs in this folder, apart from the system's.",
        ),
        click.option(
            "--log", type=NEW_PATH, default=Path("/var/log/nginx"), help="Folder for logs."
        ),
    ):
        function = option(function)
    return function


def _bound_options(
    *, requests: int, connections: int, of: str = ""
) -> Callable[[Function], Function]:
    """What one address may take, unless it is said otherwise."""

    def bounded(function: Function) -> Function:
        on_their_way = click.option(
            "--connections",
            default=connections,
            show_default=True,
            type=click.IntRange(1),
            help="Requests of one address that may be on their way at once.",
        )
        a_second = click.option(
            "--requests",
            default=requests,
            show_default=True,
            type=click.IntRange(1),
            help=f"Requests a second of one address{of}, beyond a burst of four times as many.",
        )
        return a_second(on_their_way(function))

    return bounded


def _pair(certificate: Path | None, key: Path | None) -> "Certificate | None":
    from openprep.hosting.nginx.parts import Certificate

    check_pair(certificate, key)
    if certificate is None or key is None:
        return None
    return Certificate(certificate.resolve(), key.resolve())


class _Target(NamedTuple):
    """Where a configuration goes; of a whole one, the folder and user of its own nginx."""

    output: Path | None
    whole: Path | None
    user: str | None


def _write(
    configuration: Callable[[], str],
    whole_configuration: Callable[["Process"], str],
    target: _Target,
) -> None:
    from openprep.hosting.nginx.parts import Process

    try:
        if target.whole is None:
            text = configuration()
        else:
            text = whole_configuration(Process(target.whole.resolve(), user=target.user))
        if target.output is None:
            click.echo(text, nl=False)
        else:
            target.output.write_text(text)
    except (CodedError, OSError) as trouble:
        fail(trouble)


@click.command(name="nginx")
@DATA
@click.option("--server-name", required=True, help="Name of the site, as readers type it.")
@click.option(
    "--listen",
    multiple=True,
    help="Port, or address:port; may be repeated. [default: 80, or 443 with a certificate]",
)
@certificate_options
@click.option(
    "--brotli/--no-brotli",
    default=True,
    help="Without Debian's libnginx-mod-http-brotli-static: gzip only.",
)
@_bound_options(requests=2000, connections=4000, of=" for what changes")
@_whole_options
def mirror_nginx(
    data: Path,
    server_name: str,
    listen: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    brotli: bool,
    requests: int,
    connections: int,
    log: Path,
    whole: Path | None,
    user: str | None,
    output: Path | None,
) -> None:
    """Write a configuration with which nginx serves a mirror's verified tree."""
    from openprep.hosting.nginx.publisher import Site, site_configuration, whole_configuration

    site = Site(
        public=(data / "public").resolve(),
        server_name=server_name,
        listen=listen,
        certificate=_pair(certificate, key),
        brotli=brotli,
        requests=requests,
        burst=4 * requests,
        connections=connections,
        log=str(log.resolve()),
    )
    _write(
        lambda: site_configuration(site),
        lambda process: whole_configuration(site, process),
        _Target(output, whole, user),
    )


@click.command(name="nginx")
@click.option("--server-name", required=True, help="Name by which stations and publishers call.")
@click.option(
    "--listen", multiple=True, help="Port, or address:port; may be repeated. [default: 443]"
)
@certificate_options
@click.option(
    "--only",
    type=click.Choice(["stations", "publishers"]),
    help="For one side only: another name, port or firewall for each.",
)
@click.option(
    "--inbox", default="127.0.0.1:8010", show_default=True, help="Where `center run` takes actas."
)
@click.option(
    "--service", default="127.0.0.1:8012", show_default=True, help="Where `center serve` listens."
)
@_bound_options(requests=500, connections=1000)
@_whole_options
def center_nginx(
    server_name: str,
    listen: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    only: str | None,
    inbox: str,
    service: str,
    requests: int,
    connections: int,
    log: Path,
    whole: Path | None,
    user: str | None,
    output: Path | None,
) -> None:
    """Write a configuration with which nginx ends TLS before the centre and holds strangers off."""
    from openprep.distribution.front import Front, Side, front_configuration, whole_configuration

    pair = _pair(certificate, key)
    if pair is None:
        raise misused("the centre is reached over TLS: give --certificate and --key")
    front = Front(
        server_name=server_name,
        certificate=pair,
        listen=listen,
        sides=(Side(only),) if only else tuple(Side),
        inbox=inbox,
        service=service,
        requests=requests,
        connections=connections,
        log=str(log.resolve()),
    )
    _write(
        lambda: front_configuration(front),
        lambda process: whole_configuration(front, process),
        _Target(output, whole, user),
    )
