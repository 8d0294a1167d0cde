"""Units, container and compose file: what they call, set and open is there."""

import configparser
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from curator.cli import curator
from curator.settings import KNOWN, SECRETS
from tools import release

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTING = re.compile(r"\bCURATOR_[A-Z_]+\b")


def settings_in(text: str) -> set[str]:
    return set(SETTING.findall(text))


def is_known(name: str) -> bool:
    return name in KNOWN or (name.endswith("_FILE") and name.removesuffix("_FILE") in SECRETS)


def unit(path: Path) -> Iterator[tuple[str, str]]:
    """Each setting of a unit; a name may stand in it more than once."""
    for line in path.read_text().splitlines():
        name, is_pair, value = line.partition("=")
        if is_pair and not line.startswith("#"):
            yield name, value


def commands(compose: dict[str, Any]) -> list[list[str]]:
    return [service["command"] for service in compose["services"].values() if "command" in service]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text()))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_calls_a_command_that_is_there(path: Path) -> None:
    configparser.ConfigParser(strict=False, interpolation=None).read_string(path.read_text())
    started = shlex.split(dict(unit(path))["ExecStart"])
    assert started[0] == "/opt/curator/current/.venv/bin/curator"
    done = CliRunner().invoke(curator, [*started[1:], "--help"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_as_nobody_much_and_gets_its_secrets_as_files(path: Path) -> None:
    facts = list(unit(path))
    assert {("NoNewPrivileges", "yes"), ("ProtectSystem", "strict"), ("User", "curator")} <= set(facts)
    handed = {value.partition(":")[0] for name, value in facts if name == "LoadCredential"}
    read = {value.partition("=%d/")[2] for name, value in facts if name == "Environment" and "_FILE=%d/" in value}
    assert "secret.key" in handed == read


def test_the_units_are_what_systemd_takes(tmp_path: Path) -> None:
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("this machine lacks systemd-analyze (Debian's package systemd)")
    for path in [*UNITS, DEPLOY / "systemd" / "curator.target"]:
        # The program is not installed here; all else is looked at as it stands.
        text = path.read_text().replace("/opt/curator/current/.venv/bin/curator", "/bin/true")
        (tmp_path / path.name.replace("@.", "@1.")).write_text(text)
    names = sorted(str(each) for each in tmp_path.iterdir())
    done = subprocess.run([checker, "verify", *names], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    scored = subprocess.run(
        [checker, "security", "--offline=true", "--threshold=20", *[name for name in names if "service" in name]],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert scored.returncode == 0, scored.stdout[-300:]


def test_every_setting_that_is_named_exists() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            unknown = {name for name in settings_in(path.read_text()) if not is_known(name)}
            assert not unknown, (path.name, unknown)


def test_the_compose_files_commands_and_secrets_are_there(compose: dict[str, Any]) -> None:
    called = commands(compose)
    assert sorted(called) == [["clock"], ["db", "upgrade"], ["web"], ["worker"]]
    for command in called:
        assert CliRunner().invoke(curator, [*command, "--help"]).exit_code == 0
    for name, service in compose["services"].items():
        for each in service.get("secrets", []):
            assert (each["source"] if isinstance(each, dict) else each) in compose["secrets"], name
        for network in service["networks"]:
            assert network in compose["networks"], name
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source.startswith("/") or source in compose["volumes"], name
        for other in service.get("depends_on", {}):
            assert other in compose["services"], name
    given = [each.get("environment", {}) for each in compose["services"].values()]
    kept = {path for environ in given for name, path in environ.items() if name.endswith("_FILE")}
    assert {Path(path).name for path in kept} <= set(compose["secrets"])


def test_curators_services_write_nowhere_but_where_they_may(compose: dict[str, Any]) -> None:
    ours = {name: each for name, each in compose["services"].items() if each["image"].startswith("curator:")}
    assert set(ours) == {"migrate", "web", "clock", "worker"}
    for name, service in ours.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
    assert all("healthcheck" in compose["services"][name] for name in ("web", "database", "broker"))
    assert ours["web"]["volumes"] == ours["clock"]["volumes"], "the clock takes in the clicks of its web process"
    assert "/healthz" in str(ours["web"]["healthcheck"])


def test_the_image_is_built_of_what_a_release_holds_and_runs_as_nobody_much() -> None:
    lines = (DEPLOY / "container" / "Containerfile").read_text().splitlines()
    copied = [
        name for line in lines if line.startswith("COPY ") and "--from" not in line for name in line.split()[1:-1]
    ]
    assert copied
    assert all(name == "." or name in release.TAKEN_FILES for name in copied)
    assert "USER 10001:10001" in lines
    assert 'ENTRYPOINT ["curator"]' in lines
    assert f"curator:{release.version()}" in (DEPLOY / "container" / "compose.yaml").read_text()


def test_the_scaled_outs_lock_is_the_developers() -> None:
    """The same versions and hashes, so that what is tested is what runs."""
    ours = (ROOT / "requirements-scaled.lock").read_text().splitlines()
    all_of_it = set((ROOT / "requirements-dev.lock").read_text().splitlines())
    assert ours[0].startswith("amqp==")
    assert any(line.startswith("celery==") for line in ours)
    assert set(ours) <= all_of_it


def test_the_ports_and_paths_of_the_proxies_are_curators() -> None:
    nginx, caddy = ((DEPLOY / "proxy" / name).read_text() for name in ("nginx.conf", "Caddyfile"))
    assert "server 127.0.0.1:8000;" in nginx
    assert "reverse_proxy 127.0.0.1:8000" in caddy
    assert nginx.count("{") == nginx.count("}")
    assert caddy.count("{") == caddy.count("}")
    for name in ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"):
        assert f"proxy_set_header {name} " in (DEPLOY / "proxy" / "curator-proxy.conf").read_text()
