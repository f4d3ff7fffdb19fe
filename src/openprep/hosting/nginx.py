"""A configuration of nginx that serves a tree as the built-in server does. Pure.

Paths are let through by the same expressions; everything else is 404 before the disk is asked.
Compressed copies are used by ``gzip_static`` and ``brotli_static``, ``live`` is the one link that
is followed, and logs have no addresses in them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openprep.hosting.rules import (
    CONTENT_TYPES,
    DOCUMENT_HEADERS,
    DOCUMENT_SUFFIXES,
    FOR_A_MOMENT,
    FOR_EVER,
    FRAMED_PAGE,
    IMMUTABLE_SHAPES,
    METHODS,
    MUTABLE,
    NEWEST_TRUST,
    NOT_KEPT,
    OTHER_TYPE,
    PUBLISHER_FRAME,
    RANGED_SHAPES,
    SECURITY_HEADERS,
    STANDING_SHAPE,
    content_type_of,
    security_headers_of,
)
from openprep.tree.manifest import INDEX_PATH
from openprep.tree.tiles import CHECKPOINT_PATH

BROTLI_MODULE = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so"
"""Where Debian's ``libnginx-mod-http-brotli-static`` puts it."""


class NotForNginx(ValueError):
    """A value cannot stand in a configuration: it has characters with a meaning there."""


@dataclass(frozen=True)
class Site:
    """A publisher's site. Rates are a second and for each address."""

    public: Path
    server_name: str
    listen: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    brotli: bool = True
    requests: int = 100
    burst: int = 400
    connections: int = 100
    log: str = "/var/log/nginx"

    @property
    def is_secure(self) -> bool:
        """Whether it speaks TLS."""
        return self.certificate is not None


@dataclass(frozen=True)
class Process:
    """An nginx of its own, apart from the system's: its folder, its user if not the caller's."""

    folder: Path
    workers: str = "auto"
    user: str | None = None


def site_configuration(site: Site) -> str:
    """What to put into ``/etc/nginx/conf.d/``: the site, its limits and its log.

    Raises:
        NotForNginx: a path, name or address has characters that nginx would read as its own.
    """
    _check(site)
    zone = "openprep_" + re.sub(r"[^0-9a-z]", "_", site.server_name.lower())
    parts = [
        "# Written by `openprep mirror nginx`. Only files of a published tree are served.",
        _maps(zone),
        _limits(site, zone),
        _server(site, zone),
    ]
    if site.is_secure and not site.listen:
        parts.append(_to_https(site))
    return "\n".join(parts)


def whole_configuration(site: Site, process: Process) -> str:
    """An ``nginx.conf`` that needs nothing of the system's configuration.

    Raises:
        NotForNginx: see :func:`site_configuration`.
    """
    folder = _word(str(process.folder))
    temporary = "\n".join(
        f'    {kind}_temp_path "{folder}/{kind}";'
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    lines = [
        f"load_module {BROTLI_MODULE};" if site.brotli else "",
        f"user {_word(process.user)};" if process.user else "",
        f"worker_processes {_word(process.workers)};",
        "worker_rlimit_nofile 16384;",
        f'pid "{folder}/nginx.pid";',
        f'error_log "{_word(site.log)}/error.log" error;',
        "events { worker_connections 4096; }",
        "http {",
        temporary,
        "    sendfile on;",
        "    tcp_nopush on;",
        _indented(site_configuration(site)),
        "}",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _check(site: Site) -> None:
    paths = (site.public, site.certificate, site.key)
    for value in (*paths, site.server_name, *site.listen, site.log):
        if value is not None:
            _word(str(value))
    if not re.fullmatch(r"[0-9A-Za-z_.-]+", site.server_name):
        raise NotForNginx(f"{site.server_name!r} is not a server's name")
    for listen in site.listen:
        if not re.fullmatch(r"([0-9.]+:|\[[0-9a-fA-F:]+\]:)?[0-9]{1,5}", listen):
            raise NotForNginx(f"{listen!r} is neither a port nor address:port")


def _word(value: str) -> str:
    if not re.fullmatch(r"[\w/.:@+,=\[\] -]+", value):
        raise NotForNginx(f"{value!r} has characters that nginx gives a meaning")
    return value


def _maps(zone: str) -> str:
    """Headers that depend on how the request ends, since ``always`` adds them to refusals too."""
    return f"""
# A file that is not there may be there in a second: a refusal is not kept.
map $status ${zone}_for_ever {{
    default "{NOT_KEPT}";
    ~^(200|206|304)$ "{FOR_EVER}";
}}
map $status ${zone}_for_a_moment {{
    default "{NOT_KEPT}";
    ~^(200|206|304)$ "{FOR_A_MOMENT}";
}}
map $status ${zone}_allow {{
    default "";
    405 "{", ".join(METHODS)}";
}}
{_document_maps(zone)}
# Nothing in a tree needs to be encoded, and no name begins with a dot.
map $request_uri ${zone}_plain {{
    default 0;
    "~^(/[0-9A-Za-z_-][0-9A-Za-z_.-]*)+(\\?.*)?$" 1;
    "~^/(\\?.*)?$" 1;
}}
"""


def _document_maps(zone: str) -> str:
    """Headers that are left out where a file is neither shown nor run; refusals have them all."""
    suffixes = "|".join(suffix[1:] for suffix in DOCUMENT_SUFFIXES)
    kind = f"""\
map $uri ${zone}_kind {{
    default data;
    "~(/|\\.({suffixes}))$" document;
}}"""
    headers = (
        f"""\
map "$status ${zone}_kind" {_variable(zone, name)} {{
    default "{SECURITY_HEADERS[name]}";
    "~^(200|206|304) data$" "";
}}"""
        for name in sorted(DOCUMENT_HEADERS)
    )
    return "\n".join((kind, *headers))


def _variable(zone: str, header: str) -> str:
    """The variable that has a header's value."""
    return f"${zone}_{header.lower().replace('-', '_')}"


def _limits(site: Site, zone: str) -> str:
    return f"""\
limit_req_zone $binary_remote_addr zone={zone}_requests:10m rate={site.requests}r/s;
limit_conn_zone $binary_remote_addr zone={zone}_connections:10m;
log_format {zone} '$time_iso8601 $status $request_method $uri $bytes_sent $request_time';
"""


def _server(site: Site, zone: str) -> str:
    security = "\n".join(_header(name, value) for name, value in SECURITY_HEADERS.items())
    lines = [
        *(f"listen {one};" for one in _listen(site)),
        f"server_name {site.server_name};",
        *_tls(site),
        f'root "{site.public}";',
        f'access_log "{site.log}/{site.server_name}.log" {zone} buffer=64k flush=5s;',
        f'error_log "{site.log}/{site.server_name}.error.log" error;',
        "log_not_found off;",
        "server_tokens off;",
        "etag on;",
        "if_modified_since exact;",
        "merge_slashes off;",
        "max_ranges 0;",
        *_clients(site, zone),
        "gzip off;",
        *_precompressed(site),
        "open_file_cache max=20000 inactive=30s;",
        "open_file_cache_valid 2s;",
        "open_file_cache_errors off;",
        *_links(site, "on"),
        *_types(),
        f"if (${zone}_plain = 0) {{ return 404; }}",
        f"if ($request_method !~ ^({'|'.join(METHODS)})$) {{ return 405; }}",
        _header("Cache-Control", NOT_KEPT),
        _header("Allow", f"${zone}_allow"),
        security,
        "error_page 403 404 =404 @missing;",
        "location @missing {",
        "    types {}",
        '    default_type "text/plain; charset=utf-8";',
        '    return 404 "404 Not Found\\n";',
        "}",
        "location / { return 404; }",
        *(_mutable(site, zone, path, file) for path, file in MUTABLE.items()),
        _location(f"= /{FRAMED_PAGE}", _of_live(site, zone, FRAMED_PAGE)),
        _standing(site, zone),
        *(_changing(zone, name) for name in (NEWEST_TRUST, PUBLISHER_FRAME)),
        _immutable(zone, IMMUTABLE_SHAPES, ()),
        _immutable(zone, RANGED_SHAPES, _ranged(site)),
    ]
    return "server {\n" + "\n".join(_indented(line) for line in lines) + "\n}\n"


def _listen(site: Site) -> tuple[str, ...]:
    if not site.is_secure:
        return site.listen or ("80", "[::]:80")
    return tuple(f"{one} ssl http2" for one in site.listen or ("443", "[::]:443"))


def _tls(site: Site) -> tuple[str, ...]:
    if not site.is_secure:
        return ()
    return (
        f'ssl_certificate "{site.certificate}";',
        f'ssl_certificate_key "{site.key}";',
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "ssl_session_cache shared:openprep_tls:10m;",
        "ssl_session_timeout 1h;",
        "ssl_session_tickets off;",
    )


def _clients(site: Site, zone: str) -> tuple[str, ...]:
    """What a client may take. It is told so without its address being written down."""
    return (
        f"limit_req zone={zone}_requests burst={site.burst} nodelay;",
        f"limit_conn {zone}_connections {site.connections};",
        "limit_req_status 429;",
        "limit_conn_status 429;",
        "limit_req_log_level info;",
        "limit_conn_log_level info;",
        "client_header_timeout 10s;",
        "client_body_timeout 10s;",
        "client_max_body_size 1;",
        "large_client_header_buffers 4 8k;",
        "send_timeout 30s;",
        "keepalive_timeout 30s;",
        "keepalive_requests 10000;",
        "reset_timedout_connection on;",
    )


def _precompressed(site: Site) -> tuple[str, ...]:
    on = ("gzip_static on;",)
    return (*on, "brotli_static on;") if site.brotli else on


def _links(site: Site, followed: str) -> tuple[str, ...]:
    """With ``disable_symlinks`` Debian's brotli module now and then finds no copies.

    What it would add is little: a path that is let through leads to a link only if somebody who may
    write the tree put it there.
    """
    return () if site.brotli else (f"disable_symlinks {followed};",)


def _ranged(site: Site) -> tuple[str, ...]:
    off = ("max_ranges 1;", "gzip_static off;")
    return (*off, "brotli_static off;") if site.brotli else off


def _types() -> tuple[str, ...]:
    lines = (f'    "{kind}" {suffix[1:]};' for suffix, kind in CONTENT_TYPES.items())
    return ("types {", *lines, "}", f"default_type {OTHER_TYPE};")


def _header(name: str, value: str) -> str:
    return f'add_header {name} "{value}" always;'


_VARY = _header("Vary", "Accept-Encoding")
"""Said whether or not a copy is there now: ``gzip_vary`` says it only where there is one."""


def _headers(zone: str, caching: str, name: str = "") -> list[str]:
    """All headers again: those of a location replace those of the server."""
    by_kind = {header: _variable(zone, header) for header in DOCUMENT_HEADERS}
    security = security_headers_of(name) if name == FRAMED_PAGE else {**SECURITY_HEADERS, **by_kind}
    all_headers = {"Cache-Control": f"${zone}_{caching}", **security}
    return [_header(header, value) for header, value in all_headers.items()]


def _standing(site: Site, zone: str) -> str:
    """Files of the live head that stand at the root beside the landing page."""
    return _location(f'~ "^/{STANDING_SHAPE}$"', _of_live(site, zone))


def _changing(zone: str, name: str) -> str:
    """A file that changes in its place."""
    return _location(f"= /{name}", ["open_file_cache off;", _VARY, *_headers(zone, "for_a_moment")])


def _of_live(site: Site, zone: str, name: str = "") -> list[str]:
    """Looked up at each request, since ``live`` may have turned."""
    return [
        f'root "{site.public}/live";',
        "open_file_cache off;",
        *_links(site, "if_not_owner"),
        _VARY,
        *_headers(zone, "for_a_moment", name),
    ]


def _location(match: str, lines: Sequence[str]) -> str:
    return f"location {match} {{\n" + "\n".join(_indented(line) for line in lines) + "\n}"


def _mutable(site: Site, zone: str, path: str, file: str) -> str:
    """A file of the live head under its own path, or the landing page under the root's."""
    lines = _of_live(site, zone)
    if file == CHECKPOINT_PATH:
        lines.append(f'default_type "{content_type_of(file)}";')
    if path != file:
        lines.append(f"try_files /{INDEX_PATH} =404;")
    return _location(f"= /{path}", lines)


def _immutable(zone: str, shapes: tuple[str, ...], more: tuple[str, ...]) -> str:
    vary = () if shapes is RANGED_SHAPES else (_VARY,)
    lines = [*more, *vary, *_headers(zone, "for_ever")]
    body = "\n".join(_indented(line) for line in lines)
    return f'location ~ "^/(?:{"|".join(shapes)})\\z" {{\n{body}\n}}'


def _to_https(site: Site) -> str:
    """Plain HTTP leads to HTTPS."""
    return f"""\
server {{
    listen 80;
    listen [::]:80;
    server_name {site.server_name};
    server_tokens off;
    access_log off;
    return 301 https://$host$request_uri;
}}
"""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
