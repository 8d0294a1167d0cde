"""The archive of a release: the same bytes each time, what is needed to run, and nothing beside it."""

import hashlib
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

from curator import __version__
from tools import release


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(built) as tar:
        tar.extractall(folder)  # noqa: S202 - our own
    return folder / f"curator-{__version__}"


def _run(where: Path, *arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    environ = {"CURATOR_DATA_DIR": str(data), "PYTHONPATH": str(where), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "curator.cli", *arguments]
    return subprocess.run(command, cwd=where, env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_twice_is_the_same_and_the_checksum_says_so(built: Path, tmp_path: Path) -> None:
    again = release.build(tmp_path)
    assert again.read_bytes() == built.read_bytes()
    said = built.with_name(f"{built.name}.sha256").read_text()
    assert said == f"{hashlib.sha256(built.read_bytes()).hexdigest()}  curator-{__version__}.tar.gz\n"


def test_it_holds_what_runs_and_nothing_beside_it(built: Path) -> None:
    with tarfile.open(built) as tar:
        members = tar.getmembers()
    names = [member.name.partition("/")[2] for member in members]
    assert names == sorted(names)
    assert {"config.py", "wsgi.py", "pyproject.toml", "requirements.lock", "README.md"} <= set(names)
    tops = {name.partition("/")[0] for name in names if "/" in name}
    assert {"curator", "migrations", "templates", "docs"} <= tops <= {top.rstrip("/") for top in release.TAKEN}
    assert all(member.isfile() and (member.uid, member.gid, member.uname) == (0, 0, "") for member in members)
    assert len({member.mtime for member in members}) == 1


def test_the_version_stands_in_one_place(unpacked: Path) -> None:
    project = tomllib.loads((unpacked / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "curator.__version__"}
    assert release.version() == __version__


@pytest.mark.slow
def test_what_was_unpacked_runs_by_itself(unpacked: Path, tmp_path: Path) -> None:
    told = _run(unpacked, "--version", data=tmp_path)
    assert told.stdout.strip() == f"curator, version {__version__}"
    begun = _run(unpacked, "init", "--owner", "mina@example.test", data=tmp_path / "var")
    assert begun.returncode == 0, begun.stderr
    assert _run(unpacked, "db", "check", data=tmp_path / "var").returncode == 0
