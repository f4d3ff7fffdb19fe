"""The commands that follow the results from cut to cut do what the page says, as they are shown."""

import csv
import hashlib
import json
import subprocess

from documented.blocks import blocks_of
from openprep.election import Counting
from openprep.wire.cut.objects import SeccionResults, decode_object
from openprep.wire.cut.pack import entries_of, object_in
from openprep.wire.cut.ref import pack_path

DOCS = "docs/deltas.md"


def _shown(tab):
    tab.locator(".following").first.wait_for()
    return tab.locator(".following").all_inner_texts()


def _run(commands, folder):
    script = "set -euo pipefail\n" + "\n".join(commands)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "FAILED" not in done.stdout
    return done.stdout


def _objects(night, cut):
    pack = night.tree.read(pack_path(cut))
    return {entry.sha256: object_in(pack, entry) for entry in entries_of(pack)}


def _counted(night, cut):
    sections = [decode_object(data) for data in _objects(night, cut).values()]
    return sorted(
        [section.contest, acta.expected.id, str(acta.total)]
        for section in sections
        if isinstance(section, SeccionResults)
        for acta in section.actas
        if acta.counting is Counting.COUNTED
    )


def _packed_lines(folder, cut):
    lines = (folder / f"{cut}.pack").read_bytes().splitlines()
    return dict(zip((line.split()[0].decode() for line in lines[::2]), lines[1::2], strict=True))


def test_the_commands_on_the_page_follow_the_night_and_fetch_only_what_is_new(
    living, open_tab, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("follower")
    night = living.night.to(1)
    commands = _shown(open_tab(f"{living.url}#/bases-de-datos"))
    said = _run(commands, folder)
    assert json.loads((folder / "current.json").read_text())["cut"] == 1
    for cut in (0, 1):
        assert f"{cut}.pack: OK" in said
        assert _packed_lines(folder, cut) == _objects(night, cut)
        for sha256, data in _packed_lines(folder, cut).items():
            assert hashlib.sha256(data).hexdigest() == sha256
    with (folder / "counted.csv").open(newline="") as stream:
        assert sorted(csv.reader(stream)) == _counted(night, 1)
    results = night.manifest.contests[0].results.sha256
    assert hashlib.sha256((folder / f"{results}.json").read_bytes()).hexdigest() == results

    living.asked.clear()
    _run(commands, folder)
    assert living.answers("current.json") == [304]
    assert not [path for path, _ in living.asked if path.endswith(".pack")]

    night.to(3)
    said = _run(commands, folder)
    fetched = [path.rpartition("/")[2] for path, _ in living.asked if path.endswith(".pack")]
    assert fetched == ["2.pack", "3.pack"]
    assert "2.json: OK" in said
    assert _packed_lines(folder, 3) == _objects(night, 3)


def test_a_pack_that_was_altered_stops_them(living, open_tab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("follower")
    night = living.night.to(1)
    commands = _shown(open_tab(f"{living.url}#/bases-de-datos"))
    path = night.tree.path(pack_path(1))
    path.write_bytes(path.read_bytes().replace(b'"counting":1', b'"counting":0', 1))
    script = "set -euo pipefail\n" + "\n".join(commands)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "1.pack: FAILED" in done.stdout
    assert not (folder / "counted.csv").exists()


def test_the_docs_show_the_commands_of_the_page(standing, open_tab):
    shown = _shown(open_tab(f"{standing.url}#/bases-de-datos"))
    written = [block.text.strip() for block in blocks_of(DOCS) if block.language == "sh"]
    address = "https://difusor.example/prep/"
    assert [command.replace(standing.url, address).strip() for command in shown] == written
