"""The demo refuses settings with which mail could leave this machine."""

from dataclasses import replace
from pathlib import Path

import pytest

from curator.demo.loopback import require_loopback
from curator.errors import SettingError
from curator.settings import Settings
from curator.settings.transports import TransportUrl

SETTINGS = Settings(data_dir=Path("var"), database_url="sqlite://", secret_key="x" * 40, smtp_url="smtp://127.0.0.1:25")


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:2525", "smtp://127.3.2.1:25", "smtp://[::1]:25"])
def test_mail_to_this_machine_is_fine(url: str) -> None:
    require_loopback(replace(SETTINGS, smtp_url=url))


@pytest.mark.parametrize(
    "url", [None, "smtp://mail.example.org:25", "smtp://192.168.1.5:25", "smtp://127.0.0.1.example.org:25"]
)
def test_mail_to_another_machine_is_refused(url: str | None) -> None:
    with pytest.raises(SettingError, match="CURATOR_SMTP_URL"):
        require_loopback(replace(SETTINGS, smtp_url=url))


def test_a_named_transport_to_another_machine_is_refused() -> None:
    here = TransportUrl("here", "smtp://127.0.0.1:2525")
    require_loopback(replace(SETTINGS, transports=(here,)))
    with pytest.raises(SettingError, match="CURATOR_TRANSPORTS"):
        require_loopback(replace(SETTINGS, transports=(here, TransportUrl("bulk", "ses://eu-west-1"))))


def test_a_desk_for_the_whole_network_is_refused() -> None:
    with pytest.raises(SettingError, match="CURATOR_BIND"):
        require_loopback(replace(SETTINGS, bind_host="192.168.1.5"))
