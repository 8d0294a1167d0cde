"""`curator dkim ...`: from no key to a record to publish and a signed installation."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curator.cli import curator
from curator.errors import SettingError, StateError


@pytest.fixture
def run(tmp_path: Path):
    environ = {"CURATOR_DATA_DIR": str(tmp_path), "CURATOR_SECRET_KEY": "k" * 40, "CURATOR_LOG_FORMAT": "json"}

    def call(*arguments: str, **extra: str) -> Result:
        return CliRunner().invoke(curator, ["dkim", *arguments], env=environ | extra)

    return call


def test_a_new_key_comes_with_its_record_and_the_next_step(run, tmp_path: Path) -> None:
    done = run("make", "Podcast.example")
    assert done.exit_code == 0
    assert f"{tmp_path}/dkim/curator._domainkey.podcast.example.pem" in done.output
    assert 'curator._domainkey.podcast.example. IN TXT (\n    "v=DKIM1; k=rsa; p=' in done.output
    assert done.output.endswith("CURATOR_DKIM_KEYS:\n\ncurator:podcast.example\n")
    assert "PRIVATE" not in done.output


def test_nothing_is_signed_with_a_key_before_the_setting_names_it(run) -> None:
    assert "no key yet" in run("show").output
    run("make", "podcast.example")
    run("make", "podcast.example", "--kind", "ed25519")
    shown = json.loads(run("show", "--json", CURATOR_DKIM_KEYS="curator:podcast.example").output)
    assert [(each["name"].partition(".")[0], each["algorithm"], each["signs"]) for each in shown] == [
        ("curator", "rsa-sha256", True),
        ("curator-ed", "ed25519-sha256", False),
    ]
    assert "; not in CURATOR_DKIM_KEYS" in run("show").output


def test_a_key_is_never_written_over(run, tmp_path: Path) -> None:
    run("make", "podcast.example")
    path = tmp_path / "dkim" / "curator._domainkey.podcast.example.pem"
    before = path.read_bytes()
    assert isinstance(run("make", "podcast.example").exception, StateError)
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_domain_in_other_letters_is_written_as_dns_has_it(run) -> None:
    assert json.loads(run("make", "bücher.example", "--json").output)["domain"] == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    "arguments", [("podcast",), ("a b.example",), ("podcast.example", "--selector", "../x"), ("",), ("x..example",)]
)
def test_what_is_no_domain_or_no_selector_is_refused_in_words(run, arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run("make", *arguments)
    assert done.exit_code == 2
    assert "is not a domain" in done.output
    assert not (tmp_path / "dkim").exists()


def test_a_key_that_does_not_parse_stops_every_command(run, tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("not a key")
    done = run("show", CURATOR_DKIM_KEYS=f"s1:podcast.example:{tmp_path}/bad.pem")
    assert isinstance(done.exception, SettingError)
    assert str(done.exception) == f"CURATOR_DKIM_KEYS names {tmp_path}/bad.pem, which holds no private key in PEM form."
