"""A configuration of nginx that serves a tree as the built-in server does. Pure.

Paths are let through by the same expressions; everything else is 404 before the disk is asked.
Compressed copies are used by ``gzip_static`` and ``brotli_static``, ``live`` is the one link that
is followed, and logs have no addresses in them.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from openprep.hosting.nginx import parts as nginx_parts
from openprep.hosting.nginx.parts import (
    OPEN_FILES,
    PATIENCE,
    Certificate,
    NotForNginx,
    Process,
    address_map,
    block,
    check_listen,
    check_name,
    few_connections,
    few_requests,
    header,
    server_name,
    strict_transport,
    tls,
    to_https,
    word,
    zone_of,
    zones_of,
)
from openprep.hosting.rules import (
    BUNDLES,
    BY_DIGEST,
    BY_NUMBER,
    CONTENT_TYPES,
    DOCUMENT_HEADERS,
    DOCUMENT_SUFFIXES,
    FOR_A_MINUTE,
    FOR_A_MOMENT,
    FOR_EVER,
    FRAMED_PAGE,
    IMMUTABLE_SHAPES,
    LEADING,
    METHODS,
    MUTABLE,
    NEWEST_TRUST,
    NOT_FOUND_PAGE,
    NOT_KEPT,
    OTHER_TYPE,
    PUBLISHER_FRAME,
    RANGED_BY_DIGEST,
    RANGED_BY_NUMBER,
    RANGED_SHAPES,
    RETRY_SECONDS,
    SECURITY_HEADERS,
    STANDING_SHAPE,
    content_type_of,
    security_headers_of,
)
from openprep.wire.cut.manifest import INDEX_PATH
from openprep.wire.log.tiles import CHECKPOINT_PATH

__all__ = ["NotForNginx", "Process", "Site", "site_configuration", "whole_configuration"]


@dataclass(frozen=True)
class Site:
    """A publisher's site. ``requests`` are a second and for each address, of what changes.

    What one address may take is far above what a person can: a carrier has thousands of phones
    behind one. ``open_files`` is what each worker keeps open; a system's own nginx has 1,024 files
    and 768 connections, unless it is told otherwise.
    """

    public: Path
    server_name: str
    listen: tuple[str, ...] = ()
    certificate: Certificate | None = None
    brotli: bool = True
    requests: int = 2000
    burst: int = 8000
    connections: int = 4000
    open_files: int = 200
    log: str = "/var/log/nginx"

    @property
    def zone(self) -> str:
        """What its zones and variables begin with."""
        return zone_of(self.server_name.lower(), *self.listen)


def site_configuration(site: Site) -> str:
    """What to put into ``/etc/nginx/conf.d/``: the site, its limits and its log.

    Raises:
        NotForNginx: a path, name or address has characters that nginx would read as its own.
    """
    check_name(site.server_name)
    for listen in site.listen:
        check_listen(listen)
    parts = [
        "# Written by `openprep mirror nginx`. Only files of a published tree are served.",
        _maps(_VARIABLES),
        _limits(site),
        _server(site),
    ]
    if site.certificate and not site.listen:
        parts.append(to_https(site.server_name))
    return "\n".join(parts)


def whole_configuration(site: Site, process: Process) -> str:
    """An ``nginx.conf`` that needs nothing of the system's configuration.

    Raises:
        NotForNginx: see :func:`site_configuration`.
    """
    http = site_configuration(replace(site, open_files=OPEN_FILES))
    return nginx_parts.whole_configuration(http, process, site.log, brotli=site.brotli)


_CACHING = {"for_ever": FOR_EVER, "for_a_minute": FOR_A_MINUTE, "for_a_moment": FOR_A_MOMENT}


_FILES = tuple(name.replace(".", r"\.") for name in MUTABLE)


def _maps(prefix: str) -> str:
    """Headers that depend on how the request ends, since ``always`` adds them to refusals too."""
    caching = "\n".join(
        f"""\
map $status ${prefix}_{name} {{
    default "{NOT_KEPT}";
    ~^(200|206|304)$ "{value}";
}}"""
        for name, value in _CACHING.items()
    )
    return f"""
# A file that is not there may be there in a second: a refusal is not kept.
{caching}
map $status ${prefix}_allow {{
    default "";
    405 "{", ".join(METHODS)}";
}}
map $status ${prefix}_retry {{
    default "";
    503 "{RETRY_SECONDS}";
}}
# Who is shown a page where there is none: a reader, and not for a file of the tree.
map "$uri $http_accept" ${prefix}_lost {{
    default 0;
    "~^/(?:{"|".join((*_FILES, *IMMUTABLE_SHAPES, *RANGED_SHAPES))}) " 0;
    "~ .*text/html" 1;
}}
{address_map(f"${prefix}_address")}
{_document_maps(prefix)}
# Nothing in a tree needs to be encoded, and no name begins with a dot.
map $request_uri ${prefix}_plain {{
    default 0;
    "~^(/[0-9A-Za-z_-][0-9A-Za-z_.-]*)+(\\?.*)?$" 1;
    "~^/(\\?.*)?$" 1;
}}
"""


def _document_maps(prefix: str) -> str:
    """Headers that are left out where a file is neither shown nor run; refusals have them all."""
    suffixes = "|".join(suffix[1:] for suffix in DOCUMENT_SUFFIXES)
    kind = f"""\
map $uri ${prefix}_kind {{
    default data;
    "~(/|\\.({suffixes}))$" document;
}}"""
    headers = (
        f"""\
map "$status ${prefix}_kind" {_variable(prefix, name)} {{
    default "{SECURITY_HEADERS[name]}";
    "~^(200|206|304) data$" "";
}}"""
        for name in sorted(DOCUMENT_HEADERS)
    )
    return "\n".join((kind, *headers))


def _variable(prefix: str, header: str) -> str:
    """The variable that has a header's value."""
    return f"${prefix}_{header.lower().replace('-', '_')}"


_VARIABLES = zone_of(_maps(""))
"""What variables begin with: the same for all sites of one version, which may define them twice.
nginx has room for a few hundred."""


def _limits(site: Site) -> str:
    zone, address = site.zone, f"${_VARIABLES}_address"
    return f"""\
{zones_of(zone, address, site.requests)}\
log_format {zone} '$time_iso8601 $status $request_method $uri $bytes_sent $request_time';
"""


def _server(site: Site) -> str:
    log = word(f"{site.log}/{site.server_name[:100]}")
    lines = [
        *(f"listen {address};" for address in _listen(site)),
        server_name(site.server_name),
        *tls(site.certificate),
        f'root "{word(site.public)}";',
        f'access_log "{log}.log" {site.zone} buffer=64k flush=5s;',
        f'error_log "{log}.error.log" error;',
        *_SERVING,
        *_clients(site),
        *_precompressed(site),
        f"open_file_cache max={site.open_files} inactive=30s;",
        *_links(site, "on"),
        *_types(),
        f"if (${_VARIABLES}_plain = 0) {{ return 404; }}",
        f"if ($request_method !~ ^({'|'.join(METHODS)})$) {{ return 405; }}",
        *_refusals(site),
        *_locations(site),
    ]
    return block("server", lines) + "\n"


_SERVING = (
    "log_not_found off;",
    "server_tokens off;",
    "etag on;",
    "if_modified_since exact;",
    "merge_slashes off;",
    "max_ranges 0;",
    "gzip off;",
    "open_file_cache_valid 2s;",
    "open_file_cache_errors off;",
)


_LINE = 'return 404 "404 Not Found\\n";'
_MISSING = "error_page 403 404 = @missing;"


def _refusals(site: Site) -> tuple[str, ...]:
    """What is answered where there is no file; where no cut is shown yet, to come again."""
    security = {**SECURITY_HEADERS, **strict_transport(site.certificate)}
    return (
        header("Cache-Control", NOT_KEPT),
        header("Allow", f"${_VARIABLES}_allow"),
        header("Retry-After", f"${_VARIABLES}_retry"),
        *(header(name, value) for name, value in security.items()),
        "recursive_error_pages on;",
        _MISSING,
        block(
            "location @missing",
            (
                "types {}",
                'default_type "text/plain; charset=utf-8";',
                "disable_symlinks off;",
                f'if (!-e "{site.public}/live") {{ return 503 "503 Service Unavailable\\n"; }}',
                "error_page 404 @lost;",
                f"if (${_VARIABLES}_lost) {{ return 404; }}",
                _LINE,
            ),
        ),
        block(
            "location @lost",
            (
                f'root "{site.public}/live";',
                "types {}",
                f'default_type "{content_type_of(NOT_FOUND_PAGE)}";',
                *_plain(site),
                "etag off;",
                "open_file_cache off;",
                *_links(site, "if_not_owner"),
                f"try_files /{NOT_FOUND_PAGE} @line;",
            ),
        ),
        block("location @line", ("types {}", 'default_type "text/plain; charset=utf-8";', _LINE)),
        "location / { return 404; }",
    )


def _locations(site: Site) -> tuple[str, ...]:
    """What is there. Of two expressions that match, the first one counts."""
    ranged = _ranged(site)
    return (
        *(_mutable(site, path, file) for path, file in MUTABLE.items()),
        block(f"location = /{FRAMED_PAGE}", _of_live(site, FRAMED_PAGE)),
        block(f'location ~ "^/{STANDING_SHAPE}$"', _of_live(site)),
        *(_changing(site, name) for name in (NEWEST_TRUST, PUBLISHER_FRAME)),
        _kept(site, BY_DIGEST, "for_ever", (_VARY,)),
        _kept(site, BY_NUMBER, "for_a_minute", (_VARY,)),
        _kept(site, LEADING, "for_a_moment", (_VARY,)),
        _kept(site, RANGED_BY_DIGEST, "for_ever", ranged),
        _kept(site, RANGED_BY_NUMBER, "for_a_minute", ranged),
        _kept(site, BUNDLES, "for_a_minute", (_VARY, *_BY_PART)),
        block("location @part", (*ranged, _VARY, *_headers(site, "for_a_minute"))),
    )


def _listen(site: Site) -> tuple[str, ...]:
    if site.certificate is None:
        return site.listen or ("80", "[::]:80")
    return tuple(f"{address} ssl http2" for address in site.listen or ("443", "[::]:443"))


def _clients(site: Site) -> tuple[str, ...]:
    """What a client may take. It is told so without its address being written down."""
    return (
        *few_connections(site.zone, site.connections),
        "limit_req_log_level info;",
        "limit_conn_log_level info;",
        *PATIENCE,
        "client_max_body_size 1;",
        "large_client_header_buffers 4 8k;",
        "keepalive_requests 10000;",
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


_BY_PART = (
    "max_ranges 1;",
    _MISSING,
    "error_page 418 = @part;",
    "if ($http_range) { return 418; }",
)
"""Of a compressed copy nginx would give a part that is none of the file: who asks for one is led to
where there are no copies, by a status that nothing else has."""


def _ranged(site: Site) -> tuple[str, ...]:
    return ("max_ranges 1;", *_plain(site))


def _plain(site: Site) -> tuple[str, ...]:
    """Sent as the file is, without its compressed copies."""
    off = ("gzip_static off;",)
    return (*off, "brotli_static off;") if site.brotli else off


def _types() -> tuple[str, ...]:
    lines = (f'    "{kind}" {suffix[1:]};' for suffix, kind in CONTENT_TYPES.items())
    return ("types {", *lines, "}", f"default_type {OTHER_TYPE};")


_VARY = header("Vary", "Accept-Encoding")
"""Said whether or not a copy is there now: ``gzip_vary`` says it only where there is one."""


def _headers(site: Site, caching: str, name: str = "") -> list[str]:
    """All headers again: those of a location replace those of the server."""
    by_kind = {name: _variable(_VARIABLES, name) for name in DOCUMENT_HEADERS}
    security = security_headers_of(name) if name == FRAMED_PAGE else {**SECURITY_HEADERS, **by_kind}
    retry = {"Retry-After": f"${_VARIABLES}_retry"}
    strict = strict_transport(site.certificate)
    every = {"Cache-Control": f"${_VARIABLES}_{caching}", **retry, **security, **strict}
    return [header(name, value) for name, value in every.items()]


def _few_requests(site: Site) -> str:
    """Of what changes; a file that does not is sent at no cost worth counting."""
    return few_requests(site.zone, site.burst)


def _changing(site: Site, name: str) -> str:
    """A file that changes in its place."""
    lines = ["open_file_cache off;", _few_requests(site), _VARY, *_headers(site, "for_a_moment")]
    return block(f"location = /{name}", lines)


def _of_live(site: Site, name: str = "") -> list[str]:
    """Looked up at each request, since ``live`` may have turned."""
    return [
        f'root "{site.public}/live";',
        "open_file_cache off;",
        *_links(site, "if_not_owner"),
        _few_requests(site),
        _VARY,
        *_headers(site, "for_a_moment", name),
    ]


def _mutable(site: Site, path: str, file: str) -> str:
    """A file of the live head under its own path, or the landing page under the root's."""
    lines = _of_live(site)
    if file == CHECKPOINT_PATH:
        lines.append(f'default_type "{content_type_of(file)}";')
    if path != file:
        lines.append(f"try_files /{INDEX_PATH} =404;")
    return block(f"location = /{path}", lines)


def _kept(site: Site, shapes: tuple[str, ...], caching: str, more: tuple[str, ...]) -> str:
    """Files that do not change, and how long a reader may keep them."""
    opening = f'location ~ "^/(?:{"|".join(shapes)})\\z"'
    return block(opening, [*more, *_headers(site, caching)])
