"""What every generated nginx configuration is put together from. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from openprep.coded import CodedError
from openprep.hosting.codes import HostingCode
from openprep.hosting.rules import FOR_A_YEAR, STRICT_TRANSPORT

BROTLI_MODULE = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so"
"""Where Debian's ``libnginx-mod-http-brotli-static`` puts it."""

CONNECTIONS = 8192
"""Connections of each worker of an nginx of its own."""

OPEN_FILES = 4096
"""Files that each worker of an nginx of its own keeps open."""

LAST_PORT = 65535

_LONGEST_HASHED_NAME = 40
"""nginx keeps names in a hash of 64-byte buckets and refuses to start over a longer one."""


class NotForNginx(CodedError[HostingCode]):
    """A value cannot stand in a configuration: it has characters with a meaning there."""

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(HostingCode.NOT_FOR_NGINX, template, **facts)


@dataclass(frozen=True)
class Certificate:
    """A chain and its private key, PEM."""

    chain: Path
    key: Path


@dataclass(frozen=True)
class Process:
    """An nginx of its own, apart from the system's: its folder, its user if not the caller's."""

    folder: Path
    workers: str = "auto"
    user: str | None = None


def zone_of(*parts: object) -> str:
    """A prefix for zones and variables, the same for the same parts.

    It is short whatever the site is called: nginx keeps variables in a hash of 64-byte buckets, and
    refuses to start over a name that does not fit.
    """
    text = "\n".join(str(part) for part in parts)
    return f"op_{sha256(text.encode()).hexdigest()[:8]}"


def word(value: object) -> str:
    """``value``, as it may stand in quotes.

    Raises:
        NotForNginx: it has characters that nginx would read as its own.
    """
    text = str(value)
    if not re.fullmatch(r"[\w/.:@+,=\[\] -]+", text):
        raise NotForNginx("{text!r} has characters that nginx gives a meaning", text=text)
    return text


def check_name(name: str) -> None:
    """See that ``name`` is a server's name.

    Raises:
        NotForNginx: it is none.
    """
    if not re.fullmatch(r"[0-9A-Za-z_.-]{1,253}", name):
        raise NotForNginx("{name!r} is not a server's name", name=name)


def check_listen(listen: str) -> None:
    """See that ``listen`` is a port or address:port.

    Raises:
        NotForNginx: it is neither.
    """
    if not re.fullmatch(r"([0-9.]+:|\[[0-9a-fA-F:]+\]:)?[0-9]{1,5}", listen):
        raise NotForNginx("{listen!r} is neither a port nor address:port", listen=listen)
    _check_port(listen)


def check_behind(address: str) -> None:
    """See that ``address`` is the address:port of a server that requests are handed on to.

    Raises:
        NotForNginx: it is none.
    """
    if not re.fullmatch(r"([0-9A-Za-z.-]{1,253}|\[[0-9a-fA-F:]+\]):[0-9]{1,5}", address):
        raise NotForNginx("{address!r} is not address:port", address=address)
    _check_port(address)


def _check_port(address: str) -> None:
    """Over a port that is none nginx refuses to start, whatever else it serves."""
    port = int(address.rpartition(":")[2])
    if not 1 <= port <= LAST_PORT:
        raise NotForNginx("{address!r}: a port is 1 to {last}", address=address, last=LAST_PORT)


def server_name(name: str) -> str:
    """The directive that names a server; a long name is matched, since it would not be hashed."""
    if len(name) <= _LONGEST_HASHED_NAME:
        return f"server_name {name};"
    return f'server_name "~^{re.escape(name.lower())}$";'


def address_map(variable: str) -> str:
    """A variable that tells clients apart: by address, in IPv6 by the network of one household.

    Who has one such address has 2^64 of them. The few networks whose zeros nginx writes as ``::``
    before the fourth group are counted with their neighbours.
    """
    return block(
        f"map $remote_addr {variable}",
        (
            "default $binary_remote_addr;",
            '"~^(?<op_network>(?:[0-9a-f]{1,4}:){1,4})" $op_network;',
        ),
    )


def tls(certificate: Certificate | None) -> tuple[str, ...]:
    """Directives of a server that speaks TLS; none without a certificate."""
    if certificate is None:
        return ()
    return (
        f'ssl_certificate "{word(certificate.chain)}";',
        f'ssl_certificate_key "{word(certificate.key)}";',
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "ssl_session_cache shared:openprep_tls:10m;",
        "ssl_session_timeout 1h;",
        "ssl_session_tickets off;",
    )


def strict_transport(certificate: Certificate | None) -> dict[str, str]:
    """The header that keeps a browser on TLS, where there is TLS."""
    return {} if certificate is None else {STRICT_TRANSPORT: FOR_A_YEAR}


def header(name: str, value: str) -> str:
    """A header of every answer, refusals included."""
    return f'add_header {name} "{value}" always;'


PATIENCE = (
    "client_header_timeout 10s;",
    "client_body_timeout 10s;",
    "send_timeout 30s;",
    "keepalive_timeout 30s;",
    "reset_timedout_connection on;",
)
"""For how long a client may keep a connection without going on."""


def few_requests(zone: str, burst: int) -> str:
    """Requests of one address, in ``<zone>_requests``."""
    return f"limit_req zone={zone}_requests burst={burst} nodelay;"


def few_connections(zone: str, connections: int) -> tuple[str, ...]:
    """Requests of one address that are on their way; who has too many is told to come again."""
    return (
        f"limit_conn {zone}_connections {connections};",
        "limit_req_status 429;",
        "limit_conn_status 429;",
    )


def zones_of(zone: str, address: str, requests: int) -> str:
    """Where requests and connections are counted by the variable ``address``."""
    return f"""\
limit_req_zone {address} zone={zone}_requests:10m rate={requests}r/s;
limit_conn_zone {address} zone={zone}_connections:10m;
"""


def block(opening: str, lines: Sequence[str]) -> str:
    """``lines`` in braces."""
    return f"{opening} {{\n" + "\n".join(indented(line) for line in lines) + "\n}"


def indented(text: str) -> str:
    """``text``, four blanks further in."""
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())


def to_https(name: str) -> str:
    """A server that leads plain HTTP to HTTPS."""
    lines = (
        "listen 80;",
        "listen [::]:80;",
        server_name(name),
        "server_tokens off;",
        "access_log off;",
        "return 301 https://$host$request_uri;",
    )
    return block("server", lines) + "\n"


def whole_configuration(http: str, process: Process, log: str, *, brotli: bool) -> str:
    """An ``nginx.conf`` around ``http`` that needs nothing of the system's configuration.

    Each connection may have a file or another connection beside it, and what is kept open comes on
    top: a worker that runs out of files accepts nobody.

    Raises:
        NotForNginx: a path or name has characters that nginx would read as its own.
    """
    folder = word(process.folder)
    temporary = [
        f'{kind}_temp_path "{folder}/{kind}";'
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    ]
    lines = [
        f"load_module {BROTLI_MODULE};" if brotli else "",
        f"user {word(process.user)};" if process.user else "",
        f"worker_processes {word(process.workers)};",
        f"worker_rlimit_nofile {2 * CONNECTIONS + OPEN_FILES};",
        f'pid "{folder}/nginx.pid";',
        f'error_log "{word(log)}/error.log" error;',
        f"events {{ worker_connections {CONNECTIONS}; }}",
        block("http", (*temporary, "sendfile on;", "tcp_nopush on;", http)),
    ]
    return "\n".join(line for line in lines if line) + "\n"
