"""What a worker makes once and keeps for every test: it depends on the source alone, so no test can see of another."""

import gc
from collections.abc import Callable

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

_Builder = Callable[..., tuple[str, str]]

_compile_builder = Rule._compile_builder
_builders: dict[tuple[object, ...], _Builder] = {}


def keep_compiled() -> None:
    """Lets every application of this process use the routes and templates that an earlier one has compiled."""
    Rule._compile_builder = _builder  # type: ignore[method-assign]
    Flask.jinja_options = {"bytecode_cache": _Compiled()}


def keep_loaded() -> None:
    """Spares the garbage collector what is loaded for good: tests and modules, looked through again in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _builder(rule: Rule, append_unknown: bool = True) -> _Builder:
    """Returns the function that fills in a route's address; Werkzeug binds it to the route and its converters.

    Two of them for each of 180 routes are three quarters of what making an application costs.
    """
    key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]


class _Compiled(BytecodeCache):
    """Templates by their name and content: half of what a test of a page would cost."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()
