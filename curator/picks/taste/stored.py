"""A taste as bytes and back, without pickle: arrays and JSON in a zip, with a version and sizes that are checked."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

import numpy as np

from curator.picks.taste.features import FIGURES
from curator.picks.taste.likes import Liked, Likes
from curator.picks.taste.model import Taste
from curator.picks.taste.records import Records
from curator.picks.taste.values import StaleModelError

# Another number whenever terms, figures or arrays change their meaning: an old model is then learned anew.
VERSION = 1
_KIND = "curator taste"
# A model of the largest size that `fit` makes is some 20 MB unpacked.
MAX_BYTES = 256 * 1024 * 1024
_SHAPES: dict[str, tuple[str | int | None, ...]] = {
    "idf": ("terms",),
    "coef": ("terms",),
    "beside": ("figures",),
    "centre": (3,),
    "sums": ("names", 5),
    "marks": ("marks",),
    "own": ("marks", 5),
    "rows": ("marks", 2),
    "starts": ("picks+1",),
    "columns": (None,),
}
# Whatever broken bytes make the readers of a zip, of JSON and of arrays raise: all of it means the same.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError, OSError),
    *(NotImplementedError, RuntimeError, OverflowError, SyntaxError),
)
_KINDS = {"marks": "u", "rows": "i", "starts": "i", "columns": "i"}


def to_bytes(taste: Taste) -> bytes:
    """Returns the taste as bytes, the same for the same taste."""
    arrays = {
        "idf": taste.idf,
        "coef": taste.coef,
        "beside": taste.beside,
        "centre": taste.centre,
        "sums": taste.records.sums,
        "marks": taste.records.marks,
        "own": taste.records.own,
        "rows": taste.records.rows,
        "starts": taste.likes.starts,
        "columns": taste.likes.columns,
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        _put(parts, "head.json", json.dumps(_head(taste), ensure_ascii=True).encode())
        for name, array in arrays.items():
            whole = io.BytesIO()
            np.save(whole, array, allow_pickle=False)
            _put(parts, f"{name}.npy", whole.getvalue())
    return kept.getvalue()


def from_bytes(kept: bytes) -> Taste:
    """Returns the taste of these bytes. Raises StaleModelError for another version's or broken ones: refit then."""
    try:
        with zipfile.ZipFile(io.BytesIO(kept)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_BYTES:
                raise StaleModelError("it is too large")
            head = _checked_head(json.loads(parts.read("head.json")))
            arrays = {name: _array(parts.read(f"{name}.npy")) for name in _SHAPES}
            return _taste(head, _checked(arrays, head))
    except _BROKEN as error:
        raise StaleModelError("its bytes are broken") from error


def _put(parts: zipfile.ZipFile, name: str, whole: bytes) -> None:
    parts.writestr(zipfile.ZipInfo(name), whole, compress_type=zipfile.ZIP_DEFLATED)


def _head(taste: Taste) -> dict[str, Any]:
    return {
        "kind": _KIND,
        "version": VERSION,
        "figures": list(FIGURES),
        "terms": list(taste.terms),
        "names": list(taste.records.names),
        "picks": [[liked.key, liked.title, liked.issue] for liked in taste.likes.picks],
        "intercept": taste.intercept,
        "base": taste.records.base,
        "fitted_at": taste.fitted_at.isoformat(),
        "positives": taste.positives,
        "negatives": taste.negatives,
    }


def _checked_head(head: Any) -> dict[str, Any]:
    if not isinstance(head, dict) or head.get("kind") != _KIND:
        raise StaleModelError("it is no model of Curator's")
    if head["version"] != VERSION or head["figures"] != list(FIGURES):
        raise StaleModelError("another version of Curator made it")
    for name in ("terms", "names"):
        if not all(isinstance(each, str) for each in head[name]):
            raise StaleModelError("its bytes are broken")
    if not (isfinite(head["intercept"]) and 0 < head["base"] <= 1):
        raise StaleModelError("its bytes are broken")
    return head


def _array(whole: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(np.load(io.BytesIO(whole), allow_pickle=False))


def _checked(arrays: Mapping[str, np.ndarray[Any, Any]], head: Mapping[str, Any]) -> Mapping[str, np.ndarray[Any, Any]]:
    sizes = {
        "terms": len(head["terms"]),
        "figures": len(FIGURES),
        "names": len(head["names"]),
        "picks+1": len(head["picks"]) + 1,
        "marks": len(arrays["marks"]),
        None: len(arrays["columns"]),
    }
    for name, shape in _SHAPES.items():
        wanted = tuple(each if isinstance(each, int) else sizes[each] for each in shape)
        array = arrays[name]
        is_whole = array.dtype.kind == _KINDS.get(name, "f") and array.shape == wanted
        if not is_whole or (array.dtype.kind == "f" and not np.isfinite(array).all()):
            raise StaleModelError(f"its part {name} does not fit the rest")
    starts, columns = arrays["starts"], arrays["columns"]
    is_even = starts[0] == 0 and starts[-1] == len(columns) and bool((np.diff(starts) >= 0).all())
    if not is_even or (len(columns) and not (columns.min() >= 0 and columns.max() < sizes["terms"])):
        raise StaleModelError("its picks do not fit its terms")
    if not bool((arrays["marks"][1:] >= arrays["marks"][:-1]).all()):
        raise StaleModelError("its records are out of order")
    return arrays


def _taste(head: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> Taste:
    return Taste(
        terms=tuple(head["terms"]),
        idf=arrays["idf"],
        coef=arrays["coef"],
        beside=arrays["beside"],
        centre=arrays["centre"],
        intercept=float(head["intercept"]),
        records=Records(
            names=tuple(head["names"]),
            sums=arrays["sums"],
            base=float(head["base"]),
            marks=arrays["marks"],
            own=arrays["own"],
            rows=arrays["rows"],
        ),
        likes=Likes(
            picks=tuple(Liked(str(key), str(title), str(issue)) for key, title, issue in head["picks"]),
            starts=arrays["starts"],
            columns=arrays["columns"],
        ),
        fitted_at=datetime.fromisoformat(head["fitted_at"]),
        positives=int(head["positives"]),
        negatives=int(head["negatives"]),
    )
