"""A planted violation of each wall makes the command of `make check` that guards it fail."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from curator.db import Base

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

_LINE = "The line flows one way"
_SQL = "SQL stays in tables, stores and the database's own files"
_FLASK = "Flask stays in web and the demo's outbox"
_CLOCK = "The scheduler stays in jobs"
_NET = "The network stays in http, transports and the demo"
_NUMBERS = "Numbers stay in the taste"
_PURE = "Pure files touch nothing"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the code that a test may spoil."""
    shutil.copytree(ROOT / "curator", tmp_path / "curator", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _plant(house: Path, file: str, line: str) -> None:
    path = house / "curator" / file
    path.write_text(path.read_text() + f"\n{line}\n")


def _run(house: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=house, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_house_as_it_is_holds_every_wall(house: Path) -> None:
    code, said = _run(house, "lint-imports", "--no-cache")
    assert code == 0, said


@pytest.mark.parametrize(
    ("wall", "file", "line"),
    [
        (_LINE, "feeds/ingest.py", "import curator.issues.store"),
        (_LINE, "picks/store.py", "import curator.mailings.store"),
        (_LINE, "db.py", "import curator.queue.store"),
        (_LINE, "jobs/tasks.py", "import curator.web"),
        (_SQL, "feeds/ingest.py", "from sqlalchemy import select"),
        (_SQL, "web/__init__.py", "import sqlalchemy.orm"),
        (_FLASK, "issues/render.py", "from flask import render_template"),
        (_FLASK, "demo/seed.py", "import werkzeug"),
        (_CLOCK, "queue/store.py", "from apscheduler.schedulers.background import BackgroundScheduler"),
        (_CLOCK, "jobs/kicked.py", "from celery import Celery"),
        (_CLOCK, "queue/store.py", "from kombu import Queue"),
        (_NET, "feeds/ingest.py", "import urllib3"),
        (_NET, "web/__init__.py", "import smtplib"),
        (_NET, "mailings/dns.py", "import dns.resolver"),
        (_NET, "mailings/send.py", "import boto3"),
        (_NUMBERS, "picks/rules.py", "import numpy"),
        (_NUMBERS, "web/__init__.py", "from sklearn.linear_model import LogisticRegression"),
        (_PURE, "picks/taste/lag.py", "import random"),
        (_PURE, "feeds/polling.py", "import random"),
        (_PURE, "issues/compose.py", "import os"),
        (_PURE, "newsletters/values.py", "import time"),
    ],
)
def test_a_planted_import_breaks_its_wall(house: Path, wall: str, file: str, line: str) -> None:
    _plant(house, file, line)
    code, said = _run(house, "lint-imports", "--no-cache")
    assert code == 1, said
    assert f"{wall} BROKEN" in said


def test_a_room_without_a_place_in_the_line_breaks_the_wall(house: Path) -> None:
    (house / "curator" / "annexe").mkdir()
    (house / "curator" / "annexe" / "__init__.py").write_text('"""A shed."""\n')
    code, said = _run(house, "lint-imports", "--no-cache")
    assert code == 1, said
    assert f"{_LINE} BROKEN" in said


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import datetime\nAT = datetime.now()",
        "from sqlalchemy import func\nAT = func.now()",
        "import os\nHOME = os.environ['HOME']",
        "import os\nHOME = os.getenv('HOME')",
        "import random\nDICE = random.randint(1, 6)",
        "import time\nAT = time.time()",
        "import urllib.request",
    ],
)
def test_a_planted_call_breaks_the_linter(house: Path, line: str) -> None:
    _plant(house, "feeds/store.py", line)
    code, said = _run(house, "ruff", "check", "--no-cache", "curator/feeds/store.py")
    assert code == 1
    assert "TID251" in said


_ORDER = (
    "queue",
    "activity",
    "letters",
    "webhooks",
    "newsletters",
    "feeds",
    "audience",
    "accounts",
    "pictures",
    "episodes",
    "downloads",
    "promotions",
    "picks",
    "issues",
    "mailings",
    "events",
    "privacy",
    "backup",
    "watch",
)


def test_no_foreign_key_points_to_a_later_stage() -> None:
    for room in _ORDER:
        importlib.import_module(f"curator.{room}.tables")
    rooms = {mapper.local_table.name: mapper.class_.__module__.split(".")[1] for mapper in Base.registry.mappers}
    assert set(rooms.values()) <= set(_ORDER)
    later = [
        f"{table.name} -> {key.column.table.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if _ORDER.index(rooms[key.column.table.name]) > _ORDER.index(rooms[table.name])
    ]
    assert later == []


def test_no_migration_imports_the_code() -> None:
    files = sorted((ROOT / "migrations").rglob("*.py"))
    assert files
    assert not [
        path.name for path in files if "import curator" in path.read_text() or "from curator" in path.read_text()
    ]


def test_the_browsers_libraries_are_as_they_were_taken() -> None:
    from tools import vendor

    assert vendor.trouble() is None
