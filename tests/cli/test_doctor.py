"""`curator doctor` as an operator meets it: lines, JSON, exit codes, and no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from curator.jobs import alive
from tests.cli.conftest import Install

ROOT = Path(__file__).parents[2]


def doctor(tmp_path: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return _curator(tmp_path, "doctor", *options, **environ)


@pytest.fixture
def installed(tmp_path: Path, install: Install) -> Path:
    install(tmp_path)
    return tmp_path


def test_a_wrong_setting_is_the_one_finding(tmp_path: Path) -> None:
    done = doctor(tmp_path, CURATOR_SECRET_KEY="k" * 40, CURATOR_BIND="nowhere")
    assert done.returncode == 1
    assert done.stdout.startswith("wrong  settings: CURATOR_BIND is 'nowhere'; it must be HOST:PORT")
    assert done.stdout.endswith("\nWrong: 1. To look at: nothing.\n")
    assert done.stderr == ""


def test_before_init_the_way_out_is_named(tmp_path: Path) -> None:
    done = doctor(tmp_path)
    assert done.returncode == 1
    assert "`curator init` makes one" in done.stdout


def test_after_init_nothing_is_wrong_and_each_line_says_what_comes_next(installed: Path) -> None:
    done = doctor(installed)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("ok     settings: All can be read.")
    assert "look   mail relay: None is set up, so nothing can leave." in lines
    assert "look   runner: No worker lives on this machine; nothing waits for one." in lines
    assert "look   newsletter: There is none yet." in lines
    assert lines[-1].startswith("Wrong: nothing. To look at: ")
    assert all(lines[at + 1].startswith("       -> ") for at, line in enumerate(lines) if line.startswith("look"))


def test_a_living_worker_is_seen_by_its_lock(installed: Path) -> None:
    with alive.named(installed / "workers"):
        assert "ok     runner: 1 worker process lives on this machine." in doctor(installed).stdout
    assert alive.living_names(installed / "workers") == []


def test_a_machine_reads_the_same_as_json(installed: Path) -> None:
    refused = "smtp://ada:sesame@127.0.0.1:1"
    done = doctor(installed, "--json", CURATOR_SMTP_URL=refused)
    told = json.loads(done.stdout)
    relay = next(each for each in told["findings"] if each["about"] == "mail relay")
    assert (done.returncode, told["is_well"], relay["level"]) == (1, False, "wrong")
    assert "127.0.0.1:1 cannot be reached" in relay["what"]
    assert "sesame" not in done.stdout


def test_a_selector_that_is_none_is_refused(installed: Path) -> None:
    done = doctor(installed, "--selector", "not one")
    assert done.returncode == 2
    assert "is no selector" in done.stderr


def _curator(tmp_path: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "curator.cli", *arguments],
        cwd=ROOT,
        env={"PATH": os.defpath, "CURATOR_DATA_DIR": str(tmp_path), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
