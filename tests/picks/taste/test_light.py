"""A process that serves pages never loads what only learning needs."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_HEAVY = {"numpy", "scipy", "sklearn", "joblib"}


@pytest.mark.parametrize("module", ["curator.web", "curator.app", "curator.jobs.runner", "curator.cli"])
def test_serving_loads_no_numbers(module: str) -> None:
    told = f"import sys, {module}; print(*(name for name in {sorted(_HEAVY)} if name in sys.modules))"
    assert _printed(told) == ""


def test_scoring_loads_no_learning() -> None:
    told = (
        "import sys, curator.picks.taste.stored; print(*(name for name in ('scipy', 'sklearn') if name in sys.modules))"
    )
    assert _printed(told) == ""


def _printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
