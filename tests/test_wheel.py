"""What people install: the wheel has the page in it, or there is no wheel."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from openprep.pages.kit import BUILT_PAGE

REPOSITORY = Path(__file__).parent.parent
SOURCES = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "src", "elections")
UV = shutil.which("uv") or str(REPOSITORY / ".tools/bin/uv")


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """What a wheel is made from, without the page."""
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        source, target = REPOSITORY / name, folder / name
        if source.is_dir():
            shutil.copytree(
                source, target, ignore=shutil.ignore_patterns("_site", "__pycache__", "federal-*")
            )
        else:
            shutil.copy(source, target)
    return folder


def build(sources, *words):
    return subprocess.run(
        [UV, "build", "--out-dir", str(sources / "dist"), *words, str(sources)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_wheel_without_the_page_is_not_made(sources):
    done = build(sources, "--wheel")
    assert done.returncode != 0
    assert "run `make site` first" in done.stderr
    assert not list(sources.rglob("*.whl"))


def test_a_wheel_has_the_page_and_the_elections_and_starts(sources, tmp_path):
    shutil.copytree(BUILT_PAGE, sources / "src/openprep/_site")
    done = build(sources, "--wheel")
    assert done.returncode == 0, done.stderr
    (wheel,) = (sources / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    assert (tmp_path / "openprep/_elections/puebla-2024/election.toml").is_file()
    code = (
        "import openprep, sys; from pathlib import Path;"
        "from openprep.pages.kit import Kit; from openprep.cli import main;"
        "assert Path(openprep.__file__).is_relative_to(sys.argv[1]), openprep.__file__;"
        "Kit.load(); main(['demo', '--help'])"
    )
    started = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert started.returncode == 0, started.stderr
    assert "--election" in started.stdout
