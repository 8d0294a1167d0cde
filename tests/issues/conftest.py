"""The renderer over the real templates, and the option that rewrites the golden files."""

from pathlib import Path

import pytest

from curator.issues.render import Renderer

TEMPLATES = Path(__file__).parents[2] / "templates"
GOLDEN = Path(__file__).parents[1] / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew (pytest tests/issues --update-golden)"
    )


@pytest.fixture
def is_updating(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer(TEMPLATES)
