"""A taste goes into bytes and comes back, and broken bytes ask for a refit."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.picks.taste.fit import fit
from curator.picks.taste.model import Taste
from curator.picks.taste.reasons import reasons
from curator.picks.taste.stored import from_bytes, to_bytes
from curator.picks.taste.values import StaleModelError
from tests.picks.taste.invented import NOW, facts, liked, others


def _taste() -> Taste:
    found = fit(liked(), others(), now=NOW, seed=1)
    assert isinstance(found, Taste)
    return found


TASTE = _taste()
KEPT = to_bytes(TASTE)


def _with(name: str, whole: bytes) -> bytes:
    """The stored model with one part changed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(KEPT)) as parts, zipfile.ZipFile(changed, "w") as into:
        for part in parts.namelist():
            into.writestr(part, whole if part == name else parts.read(part))
    return changed.getvalue()


def _head(**changes: object) -> bytes:
    with zipfile.ZipFile(io.BytesIO(KEPT)) as parts:
        return _with("head.json", json.dumps(json.loads(parts.read("head.json")) | changes).encode())


def _array(name: str, array: np.ndarray) -> bytes:
    whole = io.BytesIO()
    np.save(whole, array)
    return _with(f"{name}.npy", whole.getvalue())


def test_a_taste_comes_back_as_it_was() -> None:
    back = from_bytes(KEPT)
    asked = [facts("Notes on tide pools"), facts("Phone deals", url="https://daily.example/0"), facts("", url=None)]
    assert back.score(asked).tolist() == TASTE.score(asked).tolist()
    assert [reasons(back, each) for each in asked] == [reasons(TASTE, each) for each in asked]
    assert (back.fitted_at, back.positives, back.negatives) == (NOW, 12, 60)
    assert to_bytes(back) == KEPT


@pytest.mark.parametrize(
    ("kept", "word"),
    [
        (b"", "broken"),
        (b"no zip at all", "broken"),
        (KEPT[: len(KEPT) // 2], "broken"),
        (_head(version=99), "another version"),
        (_head(figures=["other"]), "another version"),
        (_head(kind="a cake"), "no model of Curator"),
        (_head(intercept=float("nan")), "broken"),
        (_head(terms=[]), "does not fit"),
        (_head(terms=[1, 2]), "broken"),
        (_head(picks=[["only a key"]] * len(TASTE.likes.picks)), "broken"),
        (_head(fitted_at="yesterday"), "broken"),
        (_with("head.json", b"[]"), "no model of Curator"),
        (_with("coef.npy", b"nonsense"), "broken"),
        (_array("coef", np.full(len(TASTE.terms), np.nan)), "does not fit"),
        (_array("coef", np.array(["x"] * len(TASTE.terms))), "does not fit"),
        (_array("columns", np.full(len(TASTE.likes.columns), 10**9)), "do not fit"),
        (_array("marks", TASTE.records.marks[::-1]), "out of order"),
    ],
)
def test_other_bytes_ask_for_a_refit(kept: bytes, word: str) -> None:
    with pytest.raises(StaleModelError, match=word) as failed:
        from_bytes(kept)
    assert "learned anew" in str(failed.value)


def test_objects_are_never_unpickled() -> None:
    whole = io.BytesIO()
    np.save(whole, np.array([object()] * len(TASTE.terms)), allow_pickle=True)
    with pytest.raises(StaleModelError):
        from_bytes(_with("coef.npy", whole.getvalue()))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(KEPT) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_noticed_or_harmless(place: int, flip: int) -> None:
    broken = bytearray(KEPT)
    broken[place] ^= flip
    try:
        taste = from_bytes(bytes(broken))
    except StaleModelError:
        return
    assert np.isfinite(taste.score([facts()])).all()
