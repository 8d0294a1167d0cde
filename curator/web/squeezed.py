"""Readers' pages and the files beside them, compressed on the way: a sign-up page has 30 KB in all.

Pages with a secret in them stay as they are: beside what a form sent back, the length of a compressed page would tell
it (BREACH). So the desk's are left alone, and those behind a reader's own link; a static file has none.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_KINDS = ("text/", "application/javascript", "application/json", "application/rss+xml", "image/svg+xml")
# What fits into one packet anyway.
_LEAST_BYTES = 1_000
_LEVEL = 6


def install(flask: Flask) -> None:
    """Compresses what may be, for whoever takes it so."""
    flask.after_request(_squeezed)


def _squeezed(response: Response) -> Response:
    if not _may_be(response):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or request.method == "HEAD":
        return response
    whole = _read(response)
    if len(whole) < _LEAST_BYTES:
        return response
    is_kept = request.endpoint == "static"
    response.set_data(_kept(whole) if is_kept else gzip.compress(whole, _LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag is not None:
        # The bytes are others, what they say is the same (RFC 9110 8.8.1).
        response.set_etag(tag, weak=True)
    return response


def _read(response: Response) -> bytes:
    """Returns what an answer holds; a file is read and closed, for what is sent is no file any more."""
    close = getattr(response.response, "close", None)
    response.direct_passthrough = False
    whole = response.get_data()
    if close is not None:
        close()
    return whole


def _may_be(response: Response) -> bool:
    is_whole = response.status_code in (200, 404, 422, 429) and "Content-Encoding" not in response.headers
    is_words = (response.mimetype or "").startswith(_KINDS)
    is_readers = request.blueprint == "public" and "token" not in (request.view_args or {})
    return is_whole and is_words and (is_readers or request.endpoint == "static")


# The sheet, the scripts and the icons: each is compressed once, under whatever hash it is asked for.
@lru_cache(maxsize=64)
def _kept(whole: bytes) -> bytes:
    return gzip.compress(whole, 9, mtime=0)
