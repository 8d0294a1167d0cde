"""The URL in a setting names a transport."""

import sys
from pathlib import Path

import pytest

from curator.errors import SettingError
from curator.mailings.transports.choose import transport_for
from curator.mailings.values import Outgoing


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
