"""A configuration of nginx that stands before the centre: TLS, and what strangers may take. Pure.

Stations reach the inbox through it, publishers the distribution service, and nobody anything else:
neither the inbox's status nor the centre's tree. ``Host`` and path are handed on as they came,
since a publisher's signature covers both. Bodies are handed on while they arrive: the centre reads
from the first bytes whose they are, and sends away who is slow.
"""

from dataclasses import dataclass
from enum import Enum

from openprep.distribution.service import LONGEST_WAIT, RETRY_SECONDS
from openprep.election.image import MAX_IMAGE_BYTES
from openprep.hosting.nginx import parts as nginx_parts
from openprep.hosting.nginx.parts import (
    PATIENCE,
    Certificate,
    Process,
    address_map,
    block,
    check_behind,
    check_listen,
    check_name,
    few_connections,
    few_requests,
    header,
    server_name,
    strict_transport,
    tls,
    word,
    zone_of,
    zones_of,
)
from openprep.transmission.answers import IMAGES_PATH, INBOX_PATH
from openprep.transmission.envelope import MAX_ENVELOPE_BYTES
from openprep.wire.cut.ref import image_path
from openprep.wire.distribution.protocol import MAX_COSIGNATURE_BYTES, SERVICE
from openprep.wire.log.tiles import CHECKPOINT_PATH
from openprep.wire.trust import FOLDER as TRUST

HTTPS = "443"
_DIGEST = "[0-9a-f]{64}"


class Side(Enum):
    """Who comes in through it."""

    STATIONS = "stations"
    PUBLISHERS = "publishers"


@dataclass(frozen=True)
class Front:
    """What stands before a centre: ``inbox`` and ``service`` are where the centre listens.

    ``requests`` are a second and for each address, beyond a burst of four times as many;
    ``connections`` are requests of one address that are on their way. Both are far above what an
    honest one needs: a carrier has many stations behind one address, and so has a concentrator.
    """

    server_name: str
    certificate: Certificate
    listen: tuple[str, ...] = ()
    sides: tuple[Side, ...] = tuple(Side)
    inbox: str = "127.0.0.1:8010"
    service: str = "127.0.0.1:8012"
    requests: int = 500
    connections: int = 1000
    log: str = "/var/log/nginx"

    @property
    def zone(self) -> str:
        """What its zones and variables begin with."""
        return zone_of("front", self.server_name.lower(), *self.listen)

    @property
    def authorities(self) -> tuple[str, ...]:
        """Names that publishers sign requests for: a port that is not that of HTTPS is in them."""
        ports = {address.rpartition(":")[2] for address in self.listen or (HTTPS,)}
        names = (
            self.server_name if port == HTTPS else f"{self.server_name}:{port}"
            for port in sorted(ports)
        )
        return tuple(names)


def front_configuration(front: Front) -> str:
    """What to put into ``/etc/nginx/conf.d/``.

    Raises:
        NotForNginx: a path, name or address has characters that nginx would read as its own.
    """
    check_name(front.server_name)
    for listen in front.listen:
        check_listen(listen)
    for behind in (front.inbox, front.service):
        check_behind(behind)
    return "\n".join((*_opening(front), _limits(front), _server(front)))


def whole_configuration(front: Front, process: Process) -> str:
    """An ``nginx.conf`` that needs nothing of the system's configuration.

    Raises:
        NotForNginx: see :func:`front_configuration`.
    """
    http = front_configuration(front)
    return nginx_parts.whole_configuration(http, process, front.log, brotli=False)


def _opening(front: Front) -> tuple[str, ...]:
    """How the centre behind it must be started, where whoever installs it reads it."""
    lines = ["# Written by `openprep center nginx`. Start the centre behind it with"]
    if Side.STATIONS in front.sides:
        lines.append(f"#   openprep center run ... --front {_own_address(front.inbox)}")
    if Side.PUBLISHERS in front.sides:
        names = " ".join(f"--authority {name}" for name in front.authorities)
        lines.append(f"#   openprep center serve ... --front {_own_address(front.service)} {names}")
    return tuple(lines)


def _own_address(behind: str) -> str:
    """From where nginx reaches what is ``behind`` it."""
    host = behind.rpartition(":")[0].strip("[]")
    return host if host in ("127.0.0.1", "::1") else "(address of this nginx)"


def _limits(front: Front) -> str:
    zone = front.zone
    return f"""\
{address_map(f"${zone}_address")}
# What nginx itself refuses may be sent again; the centre says so of its own refusals.
map "$status:$upstream_status" ${zone}_retry {{
    default "";
    "~^(429|502|503|504):(502|504)?$" "{RETRY_SECONDS}";
}}
{zones_of(zone, f"${zone}_address", front.requests)}\
log_format {zone} '$time_iso8601 $status $remote_addr $request_method $uri $bytes_sent '
    '$request_time';
"""


def _server(front: Front) -> str:
    log = word(f"{front.log}/{front.server_name[:100]}")
    security = strict_transport(front.certificate)
    lines = [
        *(f"listen {address} ssl;" for address in front.listen or (HTTPS, f"[::]:{HTTPS}")),
        server_name(front.server_name),
        *tls(front.certificate),
        f'access_log "{log}.center.log" {front.zone} buffer=64k flush=5s;',
        f'error_log "{log}.center.error.log" warn;',
        *PATIENCE,
        *_CLIENTS,
        few_requests(front.zone, 4 * front.requests),
        *few_connections(front.zone, front.connections),
        *_HANDED_ON,
        header("Retry-After", f"${front.zone}_retry"),
        *(header(name, value) for name, value in security.items()),
        *(place for side in front.sides for place in _PLACES[side](front)),
        "location / { return 404; }",
    ]
    return block("server", lines) + "\n"


_CLIENTS = (
    "server_tokens off;",
    "large_client_header_buffers 4 4k;",
    "client_max_body_size 1;",
    "lingering_time 5s;",
    "gzip off;",
)


_HANDED_ON = (
    "proxy_http_version 1.1;",
    "proxy_set_header Host $http_host;",
    "proxy_set_header X-Real-IP $remote_addr;",
    'proxy_set_header X-Forwarded-For "";',
    "proxy_set_header Connection close;",
    "proxy_request_buffering off;",
    "proxy_buffering off;",
    "proxy_next_upstream off;",
    "proxy_connect_timeout 5s;",
    f"proxy_read_timeout {LONGEST_WAIT + 45:.0f}s;",
)
"""A connection to the centre for each request: what is said of one is then said of one client."""


def _stations(front: Front) -> tuple[str, ...]:
    return (
        block(f"location = {INBOX_PATH}", _passed(front.inbox, MAX_ENVELOPE_BYTES)),
        block(f'location ~ "^{IMAGES_PATH}{_DIGEST}\\z"', _passed(front.inbox, MAX_IMAGE_BYTES)),
    )


def _publishers(front: Front) -> tuple[str, ...]:
    image = image_path(_DIGEST).replace(".", "\\.")
    return (
        block(f"location ^~ {SERVICE}", _passed(front.service, MAX_COSIGNATURE_BYTES)),
        block(f"location = /{CHECKPOINT_PATH}", _passed(front.service)),
        block(f"location ^~ /{TRUST}/", _passed(front.service)),
        block(f'location ~ "^/{image}\\z"', _passed(front.service)),
    )


_PLACES = {Side.STATIONS: _stations, Side.PUBLISHERS: _publishers}


def _passed(behind: str, body: int | None = None) -> tuple[str, ...]:
    """Handed on with its path as it came; a body may have so many bytes."""
    size = () if body is None else (f"client_max_body_size {body};",)
    return (*size, f"proxy_pass http://{behind};")
