"""The wiring: what is dialled, what is not, and what a setting needs that is not installed."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from curator.app import build
from curator.errors import SettingError
from curator.issues.preflight.values import Machine
from curator.queue.kick import KickError
from curator.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'x.sqlite3'}", secret_key="x" * 40)


def test_without_a_broker_nobody_is_kicked(settings: Settings) -> None:
    assert build(settings).kicker is None


def test_a_broker_is_not_dialled_before_somebody_kicks(settings: Settings) -> None:
    kicker = build(replace(settings, queue_url="amqp://127.0.0.1:1//")).kicker
    assert kicker is not None
    with pytest.raises(KickError, match="CURATOR_QUEUE_URL"):
        kicker.check()


def test_a_broker_without_celery_stops_the_start_and_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(SettingError, match=r"curator\[scaled\]"):
        build(replace(settings, queue_url="amqp://127.0.0.1//"))


def test_programs_that_look_at_mails_are_those_that_are_there(settings: Settings, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.touch()
    given = replace(settings, chromium=program, spamassassin=program)
    assert build(given).renderer.preflight.machines == (Machine.AXE, Machine.SPAM)
    assert Machine.AXE not in build(settings).renderer.preflight.machines


def test_a_mail_can_be_proved_wherever_there_are_settings(settings: Settings) -> None:
    assert build(settings).renderer.preflight.prover is not None
