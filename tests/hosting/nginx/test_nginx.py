"""nginx under the generated configuration and the built-in server give the same answers."""

import gzip
import ssl
import subprocess
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import brotli
import pytest

from hostile.raw_http import exchange, get, parse, request
from openprep.hosting.directory import TreeDirectory
from openprep.hosting.nginx.parts import Certificate, address_map
from openprep.hosting.nginx.parts import whole_configuration as whole_around
from openprep.hosting.nginx.publisher import (
    NotForNginx,
    Process,
    Site,
    site_configuration,
    whole_configuration,
)
from openprep.hosting.rules import FOR_A_MINUTE, FOR_A_MOMENT, FOR_EVER, caching_of
from served.tree import (
    BIG_OBJECT,
    BUNDLE,
    BUNDLE_PATH,
    IMAGE_PATH,
    LARGE,
    PACK,
    SMALL,
    built_in,
    digest_path,
    free_port,
    head,
    own_process,
    real_nginx,
    running_nginx,
    served_tree,
    stock_nginx_takes,
    turn,
)

OWN = {"server", "date", "connection", "etag", "keep-alive"}
"""Headers in which two servers may differ."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """The tree, and the ports of both."""
    folder = tmp_path_factory.mktemp("served")
    tree = served_tree(folder / "data" / "public")
    (folder / "data" / "secret").write_text("secret")
    (tree.root / "secret").write_text("secret")
    with ExitStack() as stack:
        nginx = stack.enter_context(
            real_nginx(tree.root, folder / "nginx", requests=10_000, burst=10_000)
        )
        yield tree, nginx, stack.enter_context(built_in(tree.root))


FILES = [
    "/",
    "/index.html",
    "/current.json",
    "/checkpoint",
    "/current.json?x=1",
    "/cuts/2.json",
    "/cuts/2.note",
    "/cuts/2.where",
    "/packs/900.pack",
    "/assets/index-abc.js",
    "/assets/icon.svg",
    "/databases/20240603_2000_PREP.zip",
    f"/{IMAGE_PATH}",
    "/" + digest_path(SMALL),
    "/" + digest_path(BIG_OBJECT),
    "/tile/0/000.p/2",
    "/tile/entries/000.p/2",
    f"/{BUNDLE_PATH}",
]
NOT_THERE = [
    "/secret",
    "/../secret",
    "/..%2fsecret",
    "/%2e%2e/secret",
    "/assets/../secret",
    "/assets/%2e%2e/secret",
    "/assets/..%2f..%2fsecret",
    "/assets/folder.js/",
    "/assets/index-abc.js/",
    "/assets/index-abc.js%00",
    "/assets/index-abc.js%0a",
    "/assets/.hidden",
    "/assets/",
    "/assets",
    "/objects/",
    "/cuts/",
    "/cuts/2.json/",
    "/cuts//2.json",
    "//current.json",
    "//localhost/current.json",
    "/./current.json",
    "/live/current.json",
    "/live",
    "/heads/2/current.json",
    "/%63urrent.json",
    "/current.json%20",
    "/current.json;x",
    "/CURRENT.JSON",
    "/current%2ejson",
    "/.live.tmp",
    "/cuts/9999.json",
    "/cuts/12345678901.json",
    "/cuts/-1.json",
    "/cuts/2.pack",
    "/packs/0.pack",
    "/packs/01.pack",
    "/packs/901.pack",
    "/packs/",
    "/objects/ab/" + "0" * 64 + ".json",
    "/objects/ab/../ab/" + "0" * 64 + ".json",
    "/tile/8/000",
    "/tile/0/x001/000",
    "/\\..\\secret",
    "/index.html/../secret",
    "/databases/../live/current.json",
    "/nginx.conf",
    "/?/../secret/",
]
WAYS = {
    "plain": ("GET", {}),
    "gzip": ("GET", {"Accept-Encoding": "gzip"}),
    "brotli": ("GET", {"Accept-Encoding": "gzip, deflate, br"}),
    "no gzip": ("GET", {"Accept-Encoding": "gzip;q=0"}),
    "head": ("HEAD", {"Accept-Encoding": "br"}),
    "post": ("POST", {}),
    "delete": ("DELETE", {}),
    "options": ("OPTIONS", {}),
    "range": ("GET", {"Range": "bytes=10-19"}),
    "range to the end": ("GET", {"Range": "bytes=10-"}),
    "last bytes": ("GET", {"Range": "bytes=-7"}),
    "range of packed": ("GET", {"Range": "bytes=0-9", "Accept-Encoding": "gzip, br"}),
    "range as a browser asks": ("GET", {"Range": "bytes=0-9", "Accept-Encoding": "identity"}),
    "head of a range": ("HEAD", {"Range": "bytes=0-9", "Accept-Encoding": "br"}),
    "range posted": ("POST", {"Range": "bytes=0-9"}),
    "two ranges of packed": ("GET", {"Range": "bytes=0-1,4-5", "Accept-Encoding": "gzip"}),
    "stale if-range of packed": (
        "GET",
        {"Range": "bytes=0-9", "If-Range": '"other"', "Accept-Encoding": "gzip"},
    ),
    "any range": ("GET", {"Range": "bytes=0-9", "If-None-Match": "*"}),
    "range beyond": ("GET", {"Range": "bytes=99999999-"}),
    "no last bytes": ("GET", {"Range": "bytes=-0"}),
    "backwards": ("GET", {"Range": "bytes=9-2"}),
    "malformed": ("GET", {"Range": "bytes=x"}),
    "two ranges": ("GET", {"Range": "bytes=0-1,4-5"}),
    "other unit": ("GET", {"Range": "actas=0-1"}),
    "stale if-range": ("GET", {"Range": "bytes=0-9", "If-Range": '"other"'}),
    "other tag": ("GET", {"If-None-Match": '"other"'}),
    "any": ("GET", {"If-None-Match": "*"}),
    "if-match": ("GET", {"If-Match": '"other"'}),
    "long ago": ("GET", {"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}),
    "unmodified": ("GET", {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}),
}


def answers(servers, target, method="GET", headers=()):
    _, nginx, own = servers
    return get(nginx, target, method, headers), get(own, target, method, headers)


def assert_same(theirs, ours, what):
    assert ours.status == theirs.status, what
    compared = [
        {name: value for name, value in answer.headers.items() if name not in OWN}
        for answer in (theirs, ours)
    ]
    if theirs.status in (200, 206, 304, 404):
        assert compared[1] == compared[0], what
        assert ours.body == theirs.body, what
    assert ("etag" in theirs.headers) == ("etag" in ours.headers), what


@pytest.mark.parametrize("way", WAYS)
def test_both_servers_answer_alike_for_every_file(servers, way):
    for target in FILES:
        assert_same(*answers(servers, target, *WAYS[way]), (target, way))


@pytest.mark.parametrize("target", NOT_THERE)
def test_nothing_but_files_of_the_tree_is_reached_through_either(servers, target):
    theirs, ours = answers(servers, target)
    for answer in (theirs, ours):
        assert b"secret" not in answer.body
        if target != "/?/../secret/":
            assert answer.status in (400, 404)
    if theirs.status != 400:
        assert_same(theirs, ours, target)


READER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Encoding": "gzip, br"}
PROGRAM = {"Accept": "*/*"}


@pytest.mark.parametrize("brotli_module", [True, False])
@pytest.mark.parametrize("page", [b"<!doctype html><h1>Esta p\xc3\xa1gina no existe</h1>", None])
def test_a_reader_who_is_lost_is_shown_the_same_page_by_both(tmp_path, page, brotli_module):
    tree = served_tree(tmp_path / "public")
    if page is not None:
        (tree.root / "live" / "404.html").write_bytes(page)
    with (
        real_nginx(tree.root, tmp_path / "nginx", brotli=brotli_module) as nginx,
        built_in(tree.root) as own,
    ):
        for target in ("/GUBB.html", "/no/such/place", "/%7Efoo", "/no.html?x=/index.html"):
            for method in ("GET", "HEAD"):
                assert_same(
                    get(nginx, target, method, READER), get(own, target, method, READER), target
                )
            lost = get(nginx, target, headers=READER)
            assert (lost.status, lost.body) == (404, page or b"404 Not Found\n"), target
            assert lost.headers["cache-control"] == "no-store"
            assert get(nginx, target, headers=PROGRAM).body == b"404 Not Found\n"
        for target in ("/cuts/99.json", "/packs/99.pack", f"/objects/ab/{'ab' * 32}.json"):
            assert get(nginx, target, headers=READER).body == b"404 Not Found\n"


def test_what_is_served_is_what_the_tree_holds(servers):
    tree = servers[0]
    for target in FILES:
        name = target.partition("?")[0][1:] or "index.html"
        for answer in answers(servers, target):
            assert (answer.status, answer.body) == (200, tree.read(name)), target


def test_compressed_copies_are_the_file(servers):
    for target, data in (("/", head(3)["index.html"]), ("/" + digest_path(BIG_OBJECT), BIG_OBJECT)):
        for answer in answers(servers, target, headers={"Accept-Encoding": "gzip"}):
            assert answer.headers["content-encoding"] == "gzip"
            assert gzip.decompress(answer.body) == data
        for answer in answers(servers, target, headers={"Accept-Encoding": "br, gzip"}):
            assert answer.headers["content-encoding"] == "br"
            assert brotli.decompress(answer.body) == data


@pytest.mark.parametrize(("name", "whole"), [("packs/900.pack", PACK), (BUNDLE_PATH, BUNDLE)])
@pytest.mark.parametrize("accepted", ["gzip, br", "br", "identity", "*", ""])
def test_a_range_is_of_the_file_whatever_encodings_are_taken(servers, name, whole, accepted):
    headers = {"Range": "bytes=484-725", "Accept-Encoding": accepted}
    for answer in answers(servers, f"/{name}", headers=headers):
        assert (answer.status, answer.body) == (206, whole[484:726])
        assert answer.headers["content-range"] == f"bytes 484-725/{len(whole)}"
        assert "content-encoding" not in answer.headers


def test_a_whole_bundle_is_compressed_and_a_pack_never(servers):
    for coding, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        for answer in answers(servers, f"/{BUNDLE_PATH}", headers={"Accept-Encoding": coding}):
            assert (answer.status, answer.headers["content-encoding"]) == (200, coding)
            assert answer.headers["vary"] == "Accept-Encoding"
            assert unpack(answer.body) == BUNDLE
        for answer in answers(servers, "/packs/900.pack", headers={"Accept-Encoding": coding}):
            assert (answer.status, answer.body) == (200, PACK)
            assert not {"content-encoding", "vary"} & set(answer.headers)


def test_a_part_of_a_bundle_that_is_not_there_is_told_as_the_whole_is(servers):
    for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=0-9", **READER}):
        theirs, ours = answers(servers, "/tile/entries/x001/000", headers=headers)
        assert_same(theirs, ours, headers)
        assert (ours.status, ours.headers["cache-control"]) == (404, "no-store")
        assert ours.body == b"404 Not Found\n"


def test_a_part_is_believed_unchanged_by_the_files_own_tag_only(servers):
    """A copy's tag is not the file's: what was begun of one is not gone on with by the other."""
    for port in servers[1:]:
        tags = {
            coding: get(port, f"/{BUNDLE_PATH}", headers={"Accept-Encoding": coding}).headers[
                "etag"
            ]
            for coding in ("identity", "gzip")
        }
        assert len(set(tags.values())) == 2
        for coding, status in (("identity", 206), ("gzip", 200)):
            asked = {"Range": "bytes=9-", "If-Range": tags[coding], "Accept-Encoding": "gzip"}
            answer = get(port, f"/{BUNDLE_PATH}", headers=asked)
            assert (answer.status, answer.body) == (status, BUNDLE[9:] if status == 206 else BUNDLE)
        known = {"Range": "bytes=9-", "If-None-Match": tags["identity"]}
        assert get(port, f"/{BUNDLE_PATH}", headers=known).status == 304


def test_a_download_is_resumed_if_the_file_is_still_the_same(servers):
    target = "/databases/20240603_2000_PREP.zip"
    for port in servers[1:]:
        first = get(port, target)
        for held in (first.headers["etag"], first.headers["last-modified"]):
            rest = get(port, target, headers={"Range": "bytes=1000-", "If-Range": held})
            assert (rest.status, rest.body) == (206, LARGE[1000:])
        other = get(port, target, headers={"Range": "bytes=1000-", "If-Range": '"1-1"'})
        assert (other.status, other.body) == (200, LARGE)


@pytest.mark.parametrize("target", ["/current.json", "/", "/cuts/2.json"])
def test_who_has_it_is_told_so(servers, target):
    for port in servers[1:]:
        first = get(port, target)
        for held in (
            {"If-None-Match": first.headers["etag"]},
            {"If-None-Match": f'"x", W/{first.headers["etag"]}'},
            {"If-Modified-Since": first.headers["last-modified"]},
        ):
            again = get(port, target, headers=held)
            assert (again.status, again.body) == (304, b"")
            assert again.headers["cache-control"] == first.headers["cache-control"]
            assert again.headers["etag"] == first.headers["etag"]


def test_a_cut_of_the_same_second_and_size_is_another_file_to_both(servers):
    tree = servers[0]
    known = [get(port, "/current.json").headers["etag"] for port in servers[1:]]
    for cut in range(4, 9):
        turn(tree, cut)
        for place, port in enumerate(servers[1:]):
            news = get(port, "/current.json", headers={"If-None-Match": known[place]})
            assert (news.status, news.body) == (200, head(cut)["current.json"])
            known[place] = news.headers["etag"]
    turn(tree, 3)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nBad header\r\nConnection: close\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_by_both(servers, data):
    for port in servers[1:]:
        assert exchange(port, data).split(b" ", 2)[1:2] in ([b"400"], [])


def test_a_request_with_a_body_is_refused_by_both(servers):
    data = request("/current.json", "POST", {"Content-Length": "2000"}) + bytes(2000)
    for port in servers[1:]:
        status = exchange(port, data).split(b" ", 2)[1]
        assert status in (b"405", b"413")


def test_too_long_a_request_is_refused_by_both(servers):
    for data in (
        request("/" + "a" * 40_000),
        request("/", headers={"X-Long": "a" * 40_000}),
        request("/", headers={f"X-{n}": "a" * 400 for n in range(200)}),
    ):
        for port in servers[1:]:
            received = exchange(port, data)
            assert received[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 414", b"HTTP/1.1 431", b"")


def test_nginx_without_brotli_gives_gzip_and_follows_no_links_but_live(tmp_path):
    tree = served_tree(tmp_path / "public")
    (tmp_path / "secret").write_text("secret")
    (tree.root / "assets" / "way-out.js").symlink_to(tmp_path / "secret")
    with real_nginx(tree.root, tmp_path / "nginx", brotli=False) as port:
        answer = get(port, "/", headers={"Accept-Encoding": "br, gzip"})
        assert gzip.decompress(answer.body) == head(3)["index.html"]
        assert get(port, "/assets/way-out.js").status == 404
        assert get(port, "/current.json").body == head(3)["current.json"]


def test_nginx_holds_off_one_address_that_asks_too_much(tmp_path):
    tree = served_tree(tmp_path / "public")
    with real_nginx(tree.root, tmp_path / "nginx", requests=1, burst=5) as port:
        found = [get(port, "/current.json") for _ in range(12)]
        assert [answer.status for answer in found[:6]] == [200] * 6
        assert 429 in {answer.status for answer in found[6:]}
        late = found[-1]
        assert late.headers["cache-control"] == "no-store"
    logs = "".join(path.read_text() for path in tmp_path.glob("nginx/*.log"))
    assert "/current.json" in logs
    assert "127.0.0.1" not in logs, "a log holds a reader's address"


def test_both_speak_tls_and_keep_browsers_on_it(tmp_path):
    tree = served_tree(tmp_path / "public")
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    how = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", *how.split(), *names], check=True, capture_output=True)
    context = ssl.create_default_context(cafile=certificate)
    with real_nginx(
        tree.root, tmp_path / "nginx", certificate=Certificate(certificate, key)
    ) as port:
        assert_kept_on_tls(port, context)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate, key)
    with built_in(tree.root, tls=serving) as port:
        assert_kept_on_tls(port, context)


def assert_kept_on_tls(port, context):
    for path in ("current.json", "cuts/2.json", "packs/900.pack"):
        with urllib.request.urlopen(f"https://localhost:{port}/{path}", context=context) as answer:
            assert answer.status == 200
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"https://localhost:{port}/nothing", context=context)
    assert refused.value.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_tls_nobody_is_told_to_stay_on_it(servers):
    for answer in answers(servers, "/current.json"):
        assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    "site",
    [
        Site(Path('/x"; alias /'), "a"),
        Site(Path("/x/$uri"), "a"),
        Site(Path("/x"), "a; root /"),
        Site(Path("/x"), "a", ("80; include /etc/passwd",)),
        Site(Path("/x\n}"), "a"),
        Site(Path("/x"), "a", log="/x{}"),
    ],
    ids=str,
)
def test_what_would_be_read_as_configuration_is_refused(site):
    with pytest.raises(NotForNginx):
        site_configuration(site)
    with pytest.raises(NotForNginx):
        whole_configuration(site, Process(Path("/x")))


# The names of real sites.


def assert_stock_takes(folder, sites):
    stock_nginx_takes(folder, [site_configuration(site) for site in sites])


@pytest.mark.parametrize("length", [*range(3, 24), 32, 40, 41, 46, 47, 60, 63, 100, 253])
def test_a_site_of_any_name_is_taken_by_the_systems_own_nginx(tmp_path, length):
    name = ("prep.iee-" + "puebla." * 40)[: length - 3].strip(".-") + ".mx"
    for packed in (True, False):
        folder = tmp_path / str(packed)
        folder.mkdir()
        where = {"log": str(folder), "brotli": packed}
        assert_stock_takes(folder, [Site(tmp_path, name, ("127.0.0.1:8089",), **where)])


def test_many_sites_stand_beside_each_other_in_one_nginx(tmp_path):
    names = [f"prep{number}.instituto-electoral.example.mx" for number in range(12)]
    sites = [Site(tmp_path, name, ("127.0.0.1:8089",), log=str(tmp_path)) for name in names]
    again = Site(tmp_path, names[0], ("127.0.0.1:8090",), log=str(tmp_path))
    assert_stock_takes(tmp_path, [*sites, again])


def test_a_site_of_sixty_characters_answers_to_its_own_name(tmp_path):
    tree = served_tree(tmp_path / "public")
    name = "resultados-preliminares." + "instituto-electoral." * 2 + "mx"
    assert len(name) > 60
    with real_nginx(tree.root, tmp_path / "nginx", name=name) as port:
        data = f"GET /current.json HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
        assert parse(exchange(port, data.encode())).body == head(3)["current.json"]


# Readers that share an address.


def test_a_carriers_thousand_phones_behind_one_address_are_all_served(tmp_path):
    tree = served_tree(tmp_path / "public")
    names = ("/current.json", "/", "/cuts/2.json", "/" + digest_path(SMALL), "/assets/index-abc.js")
    whole = b"".join(request(name).replace(b"close", b"keep-alive") for name in names * 2)
    last = request("/checkpoint")
    with real_nginx(tree.root, tmp_path / "nginx") as port:
        for _ in range(200):
            received = exchange(port, whole + last)
            assert received.count(b"HTTP/1.1 200 OK") == 11


def test_all_addresses_of_one_ipv6_network_are_counted_as_one(tmp_path):
    prefix = "probe"
    server = "server { listen 127.0.0.1:%d; set_real_ip_from 127.0.0.1; real_ip_header X-From;"
    server += f' return 200 "${prefix}_address"; }}'
    port, folder = free_port(), tmp_path / "nginx"
    folder.mkdir()
    http = address_map(f"${prefix}_address") + server % port
    whole = whole_around(http, own_process(folder), str(folder), brotli=False)
    with running_nginx(whole, folder, port):

        def counted_as(address):
            return get(port, "/", headers={"X-From": address}).body

        home = counted_as("2806:10a6:7:1234::1")
        assert counted_as("2806:10a6:7:1234:ffff:1:2:3") == home
        assert counted_as("2806:10a6:7:1235::1") != home
        assert counted_as("10.0.0.1") != counted_as("10.0.0.2")


# Before the first cut.


def test_before_the_first_cut_both_say_to_come_again_and_keep_nothing(tmp_path):
    (tmp_path / "public").mkdir()
    tree = TreeDirectory(tmp_path / "public")
    with real_nginx(tree.root, tmp_path / "nginx") as nginx, built_in(tree.root) as own:
        for target in ("/", "/current.json", "/cuts/0.json", "/texto.html", "/secret"):
            for port in (nginx, own):
                answer = get(port, target)
                assert answer.status == 503, target
                assert int(answer.headers["retry-after"]) > 0
                assert answer.headers["cache-control"] == "no-store"
        turn(tree, 0)
        for port in (nginx, own):
            found = get(port, "/current.json")
            assert (found.status, found.body) == (200, head(0)["current.json"])
            assert "retry-after" not in found.headers
            assert get(port, "/secret").status == 404


# How long what is kept.


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/" + digest_path(SMALL), FOR_EVER),
        (f"/{IMAGE_PATH}", FOR_EVER),
        ("/assets/index-D8aGAQ_Z.css", FOR_EVER),
        ("/assets/index-abc.js", FOR_A_MINUTE),
        ("/assets/icon.svg", FOR_A_MINUTE),
        ("/assets/app-official.svg", FOR_A_MINUTE),
        ("/cuts/2.json", FOR_A_MINUTE),
        ("/cuts/2.note", FOR_A_MINUTE),
        ("/cuts/2.html", FOR_A_MINUTE),
        ("/cuts/2.where", FOR_A_MOMENT),
        ("/packs/900.pack", FOR_A_MINUTE),
        (f"/{BUNDLE_PATH}", FOR_A_MINUTE),
        ("/databases/20240603_2000_PREP.zip", FOR_A_MINUTE),
        ("/tile/0/000.p/2", FOR_A_MINUTE),
        ("/trust/1.root.json", FOR_A_MINUTE),
        ("/trust/timestamp.json", FOR_A_MOMENT),
        ("/frame.json", FOR_A_MOMENT),
        ("/current.json", FOR_A_MOMENT),
        ("/checkpoint", FOR_A_MOMENT),
        ("/", FOR_A_MOMENT),
    ],
)
def test_only_what_its_digest_names_is_kept_for_ever_by_every_server(servers, target, kept):
    """After a rehearsal at the same address, the night's cut 1 is another."""
    tree = servers[0]
    path = tree.path(target[1:] or "index.html")
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
    for answer in answers(servers, target):
        assert (answer.status, answer.headers["cache-control"]) == (200, kept)
        assert "etag" in answer.headers
    assert caching_of(target[1:]) == kept


def test_an_image_is_a_jpeg_for_ever_and_nothing_else_stands_there(servers):
    for answer in answers(servers, f"/{IMAGE_PATH}"):
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == FOR_EVER
        assert answer.headers["x-content-type-options"] == "nosniff"
    for target in (f"/{IMAGE_PATH}.jpg", f"/{IMAGE_PATH[:-4]}.html", "/actas/", "/actas/x.jpg"):
        assert {answer.status for answer in answers(servers, target)} == {404}
