"""Hands the process's environment to curator.settings: the only place that touches it."""

import os

from curator.settings import Settings, load


def settings() -> Settings:
    """Returns this process's settings, or raises SettingError naming the one that is wrong."""
    return load(os.environ)  # noqa: TID251 - this is the one place
