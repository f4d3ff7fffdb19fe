"""What people install: a wheel and a source archive with the page in them, or neither."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from documented.blocks import blocks_of
from drill.small_drill import small_folder
from openprep import __version__
from openprep.pages.kit import BUILT_PAGE
from small.publishers import free_port

pytestmark = pytest.mark.xdist_group("demo")  # their centres have one port

REPOSITORY = Path(__file__).parent.parent
SOURCES = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "src", "elections", "site")
ELSEWHERE = shutil.ignore_patterns("_site", "__pycache__", "node_modules")
UV = shutil.which("uv") or str(REPOSITORY / ".tools/bin/uv")


def copied(folder):
    """What a wheel is made from, without the page."""
    folder.mkdir(exist_ok=True)
    for name in SOURCES:
        source, target = REPOSITORY / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=ELSEWHERE)
        else:
            shutil.copy(source, target)
    return folder


def run(*words, **options):
    return subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        **options,
    )


def build(sources, out, *words):
    return run(UV, "build", "--out-dir", out, *words, sources)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The sources with the page built, and in ``dist`` what `make dist` makes of them."""
    folder = copied(tmp_path_factory.mktemp("sources"))
    shutil.copytree(BUILT_PAGE, folder / "src/openprep/_site")
    done = build(folder, folder / "dist")
    assert done.returncode == 0, done.stderr
    return folder


def made(sources, pattern):
    (found,) = (sources / "dist").glob(pattern)
    return found


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_nothing_is_made_without_the_page(tmp_path, kind):
    done = build(copied(tmp_path / "sources"), tmp_path / "dist", f"--{kind}")
    assert done.returncode != 0
    assert f"run `make site` first; no {kind} was made" in done.stderr
    assert not [*tmp_path.rglob("*.whl"), *tmp_path.rglob("*.tar.gz")]


def test_the_source_archive_makes_the_same_wheel_as_the_sources(sources, tmp_path):
    """The one in dist is made of the archive."""
    done = build(sources, tmp_path, "--wheel")
    assert done.returncode == 0, done.stderr
    (direct,) = tmp_path.glob("*.whl")
    assert direct.read_bytes() == made(sources, "*.whl").read_bytes()


def test_a_source_archive_that_lost_the_page_makes_no_wheel(sources, tmp_path):
    with tarfile.open(made(sources, "*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / f"openprep-{__version__}"
    (unpacked / "src/openprep/_site/index.html").unlink()
    done = build(unpacked, tmp_path / "dist", "--wheel")
    assert done.returncode != 0
    assert "lacks index.html: run `make site` first" in done.stderr


def test_the_installed_program_runs_a_night_where_nothing_else_is(sources, tmp_path):
    """Only what the wheel asks for, in the versions of the lock; a whole night of real processes.

    The election is a corner of the shipped one: the night itself, from the ceremony to the closing
    cut that the publisher counted again, is all there.
    """
    asked = run(UV, "export", "--frozen", "--no-dev", "--no-emit-project", cwd=REPOSITORY)
    assert asked.returncode == 0, asked.stderr
    (tmp_path / "asked.txt").write_text(asked.stdout)
    python = tmp_path / "venv/bin/python"
    for words in (
        ("venv", "--python", sys.executable, tmp_path / "venv"),
        ("pip", "install", "--python", python, "-r", tmp_path / "asked.txt"),
        ("pip", "install", "--python", python, "--no-deps", made(sources, "*.whl")),
    ):
        done = run(UV, *words)
        assert done.returncode == 0, done.stderr
    (installed,) = (tmp_path / "venv").rglob("openprep/_elections")
    assert (installed / "puebla-2024/election.toml").is_file()
    (tmp_path / "elsewhere").mkdir()
    night = run(
        *(tmp_path / "venv/bin/openprep", "demo", "--election", small_folder(), "--scale", 1),
        *("--images", 0, "--speed", "max", "--port", free_port()),
        cwd=tmp_path / "elsewhere",
        env={name: text for name, text in os.environ.items() if not name.startswith("PYTHON")},
    )
    assert night.returncode == 0, night.stdout[-3000:] + night.stderr[-3000:]
    assert "expected figures equal to the last digit." in night.stdout


def test_the_wheel_is_installed_as_the_page_says_with_a_network_and_without(sources, tmp_path):
    """All but what comes from the registries: dependencies are those of the tests."""
    first, *blocks = [block.text for block in blocks_of("docs/install.md")]
    assert first == "make dist\n"
    (tmp_path / "bin").mkdir()
    for place in ("opt", "elsewhere"):
        (tmp_path / place).mkdir()
    where = {"/opt/": f"{tmp_path}/opt/", "/usr/local/bin/": f"{tmp_path}/bin/"}
    for block in blocks:
        commands = block
        for documented, here in where.items():
            commands = commands.replace(documented, here)
        installed_by(commands, sources, tmp_path)
        if "pip download" in block:  # what comes after is another machine
            where["/opt/"] = f"{tmp_path}/elsewhere/"
    for place in ("opt", "elsewhere"):
        assert (tmp_path / place / "openprep/bin/openprep").exists()


def installed_by(commands, sources, folder):
    dependencies = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_DEPS": "1",
        "PIP_IGNORE_INSTALLED": "1",  # that of the tests, seen through PYTHONPATH
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": dependencies,
    }
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=sources,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if "--version" in commands:
        assert "openprep, version" in done.stdout
