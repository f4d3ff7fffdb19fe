"""The documentation is tested: what an operator may type or see must be written down."""

import json
import re
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import click
import jsonschema
import msgspec
import pytest

from openprep.cli.main import COMMANDS, main
from openprep.wire.cut.description import ElectionDescription, decode_declared
from openprep.wire.cut.manifest import Manifest, decode
from openprep.wire.cut.objects import decode_object, parts_of
from openprep.wire.cut.pack import links_to, packed_object
from openprep.wire.cut.ref import Link
from openprep.wire.log.tiles import ENTRIES, decode_bundle, tiles_between

REPOSITORY = Path(__file__).parent.parent
DOCS = REPOSITORY / "docs"
sys.path.insert(0, str(REPOSITORY / "tools"))

import write_reference  # noqa: E402 - found by the line above


def commands(group, path=()):
    """Every command below ``group`` with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL_COMMANDS = list(commands(main))


@pytest.mark.parametrize(("words", "command"), ALL_COMMANDS, ids=str)
def test_every_command_and_option_has_its_place_in_the_docs(words, command):
    page = DOCS / "commands" / f"{'-'.join(words)}.md"
    if not page.is_file():
        page = DOCS / "commands" / f"{words[0]}.md"
    text = page.read_text()
    assert f"openprep {' '.join(words)}" in text
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            option = max(parameter.opts, key=len)
            assert f"`{option}" in text or f"{option} " in text, f"{page.name} lacks {option}"
            assert parameter.help, f"{option} of {words} has no help"
    assert command.help


def test_the_list_of_commands_is_the_commands():
    assert {words[0] for words, _ in ALL_COMMANDS} == set(COMMANDS)


def test_every_code_is_in_the_docs_as_the_code_has_it():
    assert (DOCS / "codes.md").read_text() == write_reference.codes_page(), (
        "run: uv run python tools/write_reference.py"
    )


def test_no_code_is_used_twice():
    codes = [member.code for enum in write_reference.code_enums() for member in enum]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[A-Z]\d{3}", code) for code in codes)


@pytest.mark.parametrize(("name", "kind"), write_reference.SCHEMAS.items())
def test_the_json_schemas_are_those_of_the_code(name, kind):
    path = DOCS / "schemas" / f"{name}.json"
    assert path.read_text() == write_reference.schema(kind), (
        "run: uv run python tools/write_reference.py"
    )


def structs_in(kind, seen=()):
    """A format's struct and every one inside of it."""
    found = dict.fromkeys(seen)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
        found[kind] = None
        for inside in get_type_hints(kind).values():
            found |= dict.fromkeys(structs_in(inside, found))
    for part in get_args(kind):
        found |= dict.fromkeys(structs_in(part, found))
    return tuple(found)


@pytest.mark.parametrize(("name", "kind"), write_reference.SCHEMAS.items())
def test_every_field_of_a_published_format_is_explained(name, kind):
    pages = ("published-tree.md", "log.md")
    page = "".join((DOCS / "formats" / name).read_text() for name in pages)
    told = " ".join(re.findall(r"`([^`\n]+)`", page.replace("```", "")))
    words = set(re.findall(r"\w+", told))
    for struct in structs_in(kind):
        for field in msgspec.structs.fields(struct):
            assert field.encode_name in words, f"{name}: {struct.__name__}.{field.encode_name}"


def test_every_key_of_an_election_folder_is_explained():
    source = "".join(
        (REPOSITORY / "src/openprep/election/declared" / name).read_text()
        for name in ("folder.py", "contest_files.py")
    )
    page = (DOCS / "formats" / "election-folder.md").read_text()
    calls = (
        r"(?:table|main)\.(?:optional_)?(?:text|texts|flag|integer|moment|member|members)"
        r'\(\s*"(\w+)"'
    )
    keys = set(re.findall(calls, source))
    assert len(keys) > 20
    for key in keys:
        assert f"`{key}`" in page, key


def test_every_link_in_the_docs_leads_somewhere():
    for page in [*DOCS.rglob("*.md"), *REPOSITORY.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def objects_below(tree, link):
    """What stands in a tree's packs from here down."""
    data, at = packed_object(tree.read_at(link.at), link.digest)
    yield data
    for part in links_to(parts_of(decode_object(data)), at):
        yield from objects_below(tree, part)


def published_in(tree, cut):
    """Everything that a cut shows, as JSON."""
    manifest = decode(tree.read(f"cuts/{cut}.json"), Manifest)
    where = tree.where(cut)
    for contest in manifest.contests:
        yield from objects_below(tree, Link(contest.results, where.roots[contest.id]))
    description = tree.read_object(manifest.description)
    yield description
    declared = decode_declared(description)
    assert isinstance(declared, ElectionDescription)
    for own in declared.contests:
        yield from map(tree.read_object, (own.running, own.catalogue))


def test_real_output_is_what_the_schemas_say(tmp_path):
    from small.center import SmallCenter

    center = SmallCenter(tmp_path)
    schemas = {
        name: json.loads((DOCS / "schemas" / f"{name}.json").read_text())
        for name in write_reference.SCHEMAS
    }
    seen = set()
    for cut in range(4):
        center.next_cut()
        for published in published_in(center.tree, cut):
            data = json.loads(published)
            jsonschema.validate(data, schemas[data["kind"]])
            seen.add(data["kind"])
        for name, path in {"manifest": f"cuts/{cut}.json", "where": f"cuts/{cut}.where"}.items():
            jsonschema.validate(json.loads(center.tree.read(path)), schemas[name])
    jsonschema.validate(json.loads(center.tree.read("current.json")), schemas["pointer"])
    size = json.loads(center.tree.read("cuts/3.json"))["leaf"] + 1
    (bundle,) = (tile for tile in tiles_between(0, size) if tile.level == ENTRIES)
    leaves = [
        json.loads(entry) for entry in decode_bundle(center.tree.read(bundle.path), bundle.width)
    ]
    for leaf in leaves:
        jsonschema.validate(leaf, schemas["leaf"])
    assert seen == set(schemas) - {"pointer", "manifest", "where", "leaf"}
    assert {leaf[0] for leaf in leaves} >= {"rules", "acta", "cut"}


def test_every_file_that_a_wish_leads_to_exists():
    before, heading, page = (DOCS / "changing.md").read_text().partition("| wish |")
    assert heading
    named = set(re.findall(r"`([\w./-]+(?:/|\.\w+))`", page))
    assert len(named) > 40
    places = (REPOSITORY / "src/openprep", REPOSITORY)
    assert not {path for path in named if not any((place / path).exists() for place in places)}
    told = set(re.findall(r"`(\w+/)`", before))
    elsewhere = {path for path in named if not (REPOSITORY / "src/openprep" / path).exists()}
    assert {path.partition("/")[0] + "/" for path in elsewhere} <= told
    for file, function in re.findall(r"`([\w./-]+\.\w+)` \(`(\w+)`\)", page):
        (path,) = (place / file for place in places if (place / file).exists())
        assert re.search(rf"\b(def|function) {function}\(", path.read_text()), (file, function)


def test_every_file_of_the_page_s_layout_exists():
    page = (DOCS / "page.md").read_text()
    named = set(re.findall(r"`((?:src|templates)/[\w./-]*)`", page))
    assert len(named) > 12
    assert not {path for path in named if not (REPOSITORY / "site" / path).exists()}


def test_the_table_of_an_audit_has_every_check_and_no_other():
    from openprep.audit.report import CHECKS

    text = (REPOSITORY / "docs/commands/audit.md").read_text()
    named = set()
    for row in re.findall(r"^\| (`X0\d\d`[^|]*) \|", text, re.MULTILINE):
        codes = [int(number) for number in re.findall(r"X0(\d\d)", row)]
        named |= set(range(codes[0], codes[-1] + 1)) if " to " in row else set(codes)
    assert named == {int(check.code[1:]) for check in CHECKS}
