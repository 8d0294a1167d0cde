"""The web's fixtures, and the town that sinners come to."""

import pytest
from flask import Flask

from curator.app import App
from tests.sins import town as towns
from tests.sins.town import Town
from tests.web.conftest import Browser, Newsroom, app, flask, mina, newsroom, sqlite_app, visitor

__all__ = ["app", "flask", "mina", "newsroom", "sqlite_app", "visitor"]


@pytest.fixture
def town(sqlite_app: App, flask: Flask, newsroom: Newsroom, mina: Browser) -> Town:
    return towns.built(sqlite_app, flask, newsroom, mina)


@pytest.fixture
def ann(town: Town) -> Browser:
    """An editor of the first newsletter, and of any that is to come, who has no place in the second."""
    return towns.stranger(town)
