"""The URL in a setting names a transport."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from curator.app import build
from curator.errors import SettingError
from curator.mailings.pacing import Limits
from curator.mailings.transports.choose import limits_of, transport_for
from curator.mailings.values import Outgoing
from curator.settings import Settings
from curator.settings.transports import TransportUrl


def test_a_maildir_is_named_by_its_folder(tmp_path: Path) -> None:
    with transport_for(f"maildir://{tmp_path}/news%20letter").connect() as session:
        session.send(Outgoing("1.1", "a@x.org", "b@x.org", b"\r\n"), before_dot=lambda: None)
    (filed,) = (tmp_path / "news letter" / "new").iterdir()
    assert filed.name.endswith(".000001.1.1")
    assert filed.stat().st_mode & 0o777 == 0o600


def test_a_relay_is_named_without_its_password() -> None:
    shown = repr(transport_for("smtp+starttls://me:s3cret@mail.example.org?per_connection=20"))
    assert shown == "SmtpTransport(smtp+starttls://mail.example.org:587)"


def test_a_missing_library_is_one_line_that_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "curator.mailings.transports.ses", raising=False)
    with pytest.raises(SettingError, match=r"curator\[ses\]"):
        transport_for("ses://eu-west-1")


@pytest.mark.parametrize("url", ["ses://AKIAKEY@eu-west-1", "ses://eu_west_1"])
def test_an_account_or_region_that_cannot_be_is_one_line(url: str) -> None:
    with pytest.raises(SettingError, match="CURATOR_TRANSPORTS names Amazon SES in a way") as caught:
        transport_for(url, setting="CURATOR_TRANSPORTS")
    assert "AKIAKEY" not in str(caught.value)


def test_what_a_transport_may_send_stands_in_its_url() -> None:
    url = "smtp://mail.example.org?per_second=14&per_day=5000&warm_up=2026-12-01&per_connection=20"
    rates = {"gmail.com": 20.0}
    assert limits_of(url, domains=rates) == Limits(14.0, 5000, date(2026, 12, 1), rates)
    assert limits_of("maildir:///folder", domains={}).has_none


def test_an_installation_has_every_transport_of_its_settings(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        database_url=f"sqlite:///{tmp_path}/x.sqlite3",
        secret_key="x" * 40,
        smtp_url="smtp://u:hunter22@127.0.0.1:25?per_second=2",
        transports=(TransportUrl("files", f"maildir://{tmp_path}/out?per_day=3"),),
        domain_rates={"gmail.com": 20.0},
    )
    app = build(settings)
    assert {name: route.limits for name, route in app.transports.items()} == {
        "": Limits(per_second=2.0, domains={"gmail.com": 20.0}),
        "files": Limits(per_day=3, domains={"gmail.com": 20.0}),
    }
    assert "hunter22" not in repr(app)
    assert list(build(replace(settings, smtp_url=None)).transports) == ["files"]
