"""Hands the process's environment to curator.settings: the only place that touches it."""

import os
from collections.abc import Mapping
from pathlib import Path

from curator.settings import Settings, load


def environ() -> Mapping[str, str]:
    """Returns this process's environment."""
    return os.environ  # noqa: TID251 - this is the one place


def settings() -> Settings:
    """Returns this process's settings, or raises SettingError naming the one that is wrong."""
    return load(environ())


def data_dir() -> Path:
    """Returns the data folder, which is known before the settings are complete."""
    return Path(environ().get("CURATOR_DATA_DIR") or "var").expanduser()
