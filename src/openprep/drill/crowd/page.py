"""A page of the capture room as a browser has it: its headings, its forms, and what they send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urlencode


@dataclass
class PageForm:
    """A form: where it leads, what stands in its fields, and what may be chosen in it.

    ``options`` are the values of radio buttons, tick boxes and buttons by name; none is chosen
    beforehand but those that the page has so.
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, changes: Mapping[str, str], *ticked: tuple[str, str]) -> bytes:
        """The body that a browser sends (URL standard); ``ticked`` are tick boxes."""
        return urlencode([*{**self.fields, **changes}.items(), *ticked]).encode()


@dataclass
class Page:
    """An answer with its page."""

    status: int
    text: str

    @cached_property
    def _read(self) -> "_Reader":
        reader = _Reader()
        reader.feed(self.text)
        return reader

    @property
    def title(self) -> str:
        """The first heading, its lines parted by a line break."""
        return self._read.heading.strip()

    @property
    def images(self) -> list[str]:
        """Where its pictures are."""
        return self._read.images

    @property
    def cells(self) -> list[str]:
        """What stands in the cells of its tables, in their order."""
        return [text.strip() for text in self._read.cells]

    def form(self, action: str) -> PageForm | None:
        """The first form that leads to ``action``."""
        return next((one for one in self._read.forms if one.action == action), None)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.heading = ""
        self.images: list[str] = []
        self.cells: list[str] = []
        self.forms: list[PageForm] = []
        self._inside: str | None = None
        self._form: PageForm | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "h1" and not self.heading:
            self._inside = tag
        elif tag == "td":
            self._inside = tag
            self.cells.append("")
        elif tag == "br" and self._inside == "h1":
            self.heading += "\n"
        elif tag == "img":
            self.images.append(said.get("src", ""))
        elif tag == "form":
            self._form = PageForm(said.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._take(self._form, tag, said)

    def _take(self, form: PageForm, tag: str, said: dict[str, str]) -> None:
        """A control of a form."""
        name, value = said.get("name", ""), said.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select is not None:
            form.options.setdefault(self._select, []).append(value)
            if "selected" in said or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "input" and said.get("type") in ("radio", "checkbox"):
            form.options.setdefault(name, []).append(value)
            if "checked" in said:
                form.fields[name] = value
        elif tag == "input" and name and said.get("type") != "file":
            form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = None
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._inside == "h1":
            self.heading += data
        elif self._inside == "td":
            self.cells[-1] += data
