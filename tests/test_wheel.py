"""What people install: the wheel has the page in it, or there is no wheel."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from documented.blocks import blocks_of
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


def test_the_wheel_is_installed_as_the_page_says_with_a_network_and_without(sources, tmp_path):
    """All but what comes from the registries: dependencies are those of the tests."""
    shutil.copytree(BUILT_PAGE, sources / "src/openprep/_site", dirs_exist_ok=True)
    done = build(sources, "--wheel")
    assert done.returncode == 0, done.stderr
    made, *blocks = [one.text for one in blocks_of("docs/install.md")]
    assert made == "make dist\n"
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
