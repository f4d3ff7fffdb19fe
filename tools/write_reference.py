"""Write the parts of the documentation that the code itself knows: codes and JSON Schemas.

    uv run python tools/write_reference.py

A test fails when what this writes is not what the repository has.
"""

import importlib
import json
import pkgutil
from pathlib import Path

import msgspec

import openprep
from openprep.coded import Coded
from openprep.wire.cut import description, manifest, objects, pack
from openprep.wire.log import leaf

DOCS = Path(__file__).parent.parent / "docs"

SCHEMAS = {
    "pointer": manifest.Pointer,
    "manifest": manifest.Manifest,
    "where": pack.Where,
    "election": description.ElectionDescription,
    "candidacies": description.Candidacies,
    "catalogue": description.Catalogue,
    "area": objects.Area,
    "area_catalogue": objects.AreaCatalogue,
    "run": objects.Run,
    "run_catalogue": objects.RunCatalogue,
    "outside": objects.Outside,
    "leaf": leaf.Leaf,
}
"""Published formats by the name of their schema file."""

CODES_HEAD = """# Codes

Everything that can go wrong has a code that never changes its meaning. The letter tells the room.
This page is written from the code by `tools/write_reference.py`; a test holds it.
"""


def code_enums() -> list[type[Coded]]:
    """Every enum of codes, in the order of their codes."""
    for module in pkgutil.walk_packages(openprep.__path__, "openprep."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(_below(Coded), key=lambda codes: next(iter(codes)).code)


def _below(kind: type[Coded]) -> list[type[Coded]]:
    return [
        codes for sub in kind.__subclasses__() for codes in ([sub] if len(sub) else _below(sub))
    ]


def codes_page() -> str:
    """docs/codes.md."""
    parts = [CODES_HEAD]
    for codes in code_enums():
        room = codes.__module__.split(".")[1]
        parts.append(f"## `{room}`: {(codes.__doc__ or '').splitlines()[0]}\n")
        parts.append("| code | meaning |\n|---|---|")
        parts += [f"| `{member.code}` | {member.meaning} |" for member in codes]
        parts.append("")
    return "\n".join(parts)


def schema(kind: object) -> str:
    """The JSON Schema of a published format, where ``$`` is the end of a text, and no other is."""
    text = json.dumps(msgspec.json.schema(kind), indent=1, ensure_ascii=False) + "\n"
    return text.replace('\\\\Z"', '$"')


def main() -> None:
    """Write them all."""
    (DOCS / "codes.md").write_text(codes_page())
    for name, kind in SCHEMAS.items():
        (DOCS / "schemas" / f"{name}.json").write_text(schema(kind))


if __name__ == "__main__":
    main()
