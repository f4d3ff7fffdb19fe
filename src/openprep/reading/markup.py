"""A rendered page taken apart: the release's shell, what was put into it, and what that could do.

What is put in must be markup so plain that every browser sees the same in it: tags with quoted
attributes, out of a list of elements that run nothing, fetch nothing and hide nothing, and no
character that hides or turns around what stands beside it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from openprep.plain import unseen_in
from openprep.wire.release import HEAD_MARKS, RESULTS_MARKS, ROUTE_MARK

MOST_FOUND = 20

_ROUTE = re.compile(rf'{ROUTE_MARK} data-route="#/([0-9A-Za-z_-]{{1,60}})"')
_ATTRIBUTE = r"""\s+[A-Za-z][A-Za-z0-9:-]*(?:="[^"<>]*")?"""
_TAG = re.compile(rf"</?([A-Za-z][A-Za-z0-9]*)((?:{_ATTRIBUTE})*)\s*/?>")
_PARTS = re.compile(r"""([A-Za-z][A-Za-z0-9:-]*)(?:="([^"<>]*)")?""")
_HERE = re.compile(r"(?![/\\])[^:\\\x00-\x20]*")
_SCRIPT = re.compile(r"<script\b[^>]{0,400}>?", re.IGNORECASE)
_DOCTYPE = "<!doctype html>"

_PLAIN = """
    a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup data dd
    details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i kbd li main mark
    nav noscript ol p pre q s samp section small span strong sub summary sup table tbody td tfoot th
    thead time tr u ul var wbr svg rect
"""
PLAIN_ELEMENTS = frozenset(_PLAIN.split())
"""Elements that show text, or bars, and do nothing else: no shape could draw a figure, and nothing
turns around the digits of one."""

HEAD_ELEMENTS = frozenset({"title", "meta"})
DOCUMENT_ELEMENTS = PLAIN_ELEMENTS | HEAD_ELEMENTS | {"html", "head", "body"}
_ATTRIBUTES = """
    class id href title lang datetime scope download role tabindex open charset name property
    content viewbox preserveaspectratio width height y fill aria-current aria-hidden aria-label
    aria-labelledby data-figure data-label
"""
PLAIN_ATTRIBUTES = frozenset(_ATTRIBUTES.split())
_HIDDEN = frozenset({"visually-hidden", "skip"})
"""Classes by which the page's own styles hide what stands in them."""
_META = (
    {"charset": "utf-8"},
    {"name": "viewport", "content": "width=device-width, initial-scale=1"},
    {"name": "color-scheme", "content": "light dark"},
)
"""What a page may say of itself to browsers; of whoever shows a link to it, words alone."""
_SHAPES = {
    "href": _HERE,
    "fill": re.compile(r"#[0-9A-Fa-f]{3,8}"),
    "viewbox": re.compile(r"0 0 (1|1000000) [0-9]{1,2}"),
    "width": re.compile(r"[0-9]{1,7}"),
}
"""What the value of an attribute is, where not everything is plain: an address of this site, a
colour, and a bar in parts of a million."""
_EMPTY_ICON = '<link rel="icon" href="data:,">'
"""Of a whole document: what keeps a browser from asking for an icon."""


@dataclass(frozen=True)
class Taken:
    """A rendered page taken apart. ``route`` is the contest that it says it is of."""

    shell: str
    head: str
    results: str
    route: str | None


def take_apart(page: str) -> Taken | None:
    """The shell of a rendered page and what was put into it; ``None`` if it has no marks for it."""
    route = _ROUTE.search(page)
    if route is not None:
        page = page.replace(route[0], ROUTE_MARK, 1)
    before, opened, rest = page.partition(HEAD_MARKS[0])
    head, closed, body = rest.partition(HEAD_MARKS[1])
    above, results_opened, rest = body.partition(RESULTS_MARKS[0])
    results, results_closed, below = rest.rpartition(RESULTS_MARKS[1])
    if not (opened and closed and results_opened and results_closed):
        return None
    shell = f"{before}{opened}{closed}{above}{results_opened}{below}"
    return Taken(shell, head, results, None if route is None else route[1])


def scripts_in(page: str) -> list[str]:
    """The script tags of a page, as they stand."""
    return [found[0] for found in _SCRIPT.finditer(page)][:MOST_FOUND]


def not_plain(markup: str, elements: frozenset[str] = PLAIN_ELEMENTS) -> list[str]:
    """What in ``markup`` is more than plain markup of these elements, each as it stands."""
    unseen = unseen_in(" ".join(unescape(markup).split()))
    found = [] if unseen is None else [f"a character that nobody sees, {unseen}"]
    for piece in _pieces(markup):
        if isinstance(piece, str):
            found.append(piece)
        else:
            found += _more_than_plain(piece, elements)
        if len(found) >= MOST_FOUND:
            break
    return found


def not_plain_document(page: str) -> list[str]:
    """The same of a whole page that is nobody's shell."""
    if not page.startswith(_DOCTYPE):
        return [f"it does not begin with {_DOCTYPE}"]
    body = page.removeprefix(_DOCTYPE).replace(_EMPTY_ICON, "", 1)
    return not_plain(body, DOCUMENT_ELEMENTS)


def _pieces(markup: str) -> Iterator["re.Match[str] | str"]:
    """Every tag; or the beginning of what is none, as text."""
    at = markup.find("<")
    while at >= 0:
        tag = _TAG.match(markup, at)
        if tag is None:
            yield markup[at : at + 80]
            at = markup.find("<", at + 1)
        else:
            yield tag
            at = markup.find("<", tag.end())


def _more_than_plain(tag: "re.Match[str]", elements: frozenset[str]) -> list[str]:
    attributes = {name.lower(): unescape(value) for name, value in _PARTS.findall(tag[2])}
    plain = (
        tag[1].lower() in elements
        and len(attributes) == len(_PARTS.findall(tag[2]))
        and all(_is_plain(name, value) for name, value in attributes.items())
        and (tag[1].lower() != "meta" or _says_words(attributes) or attributes in _META)
    )
    return [] if plain else [tag[0][:200]]


def _is_plain(name: str, value: str) -> bool:
    shape = _SHAPES.get(name)
    if shape is not None:
        return shape.fullmatch(value) is not None
    hides = name == "class" and not _HIDDEN.isdisjoint(value.split())
    return name in PLAIN_ATTRIBUTES and not hides


def _says_words(meta: Mapping[str, str]) -> bool:
    """Whether it describes the page, in words that are read like all others."""
    return {**meta, "content": ""} == {
        "name": "description",
        "property": "og:description",
        "content": "",
    }
