"""Every deed that is written down can be taken back, or the log says why not."""

import ast
import itertools
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import curator
from curator.web.desk.reverts import FINAL, REVERTS

ROOT = Path(curator.__file__).parent
_RECORDERS = ("record", "log")
_Seen = set[tuple[ast.expr | str, ast.expr | str, ast.FunctionDef]]


def test_every_deed_has_an_opposite_or_a_reason() -> None:
    deeds = recorded()
    assert {"issue.removed a block from", "feed.pause", "newsletter.paused", "subscriber.unsubscribed"} <= deeds
    assert sorted(deed for deed in deeds if deed not in REVERTS and deed not in FINAL) == []


def test_no_opposite_or_reason_is_left_over() -> None:
    deeds = recorded()
    assert sorted(deed for deed in REVERTS if deed not in deeds) == []
    assert sorted(deed for deed in FINAL if deed not in deeds) == []


def test_reasons_are_sentences() -> None:
    assert all(reason[0].isupper() and reason.endswith(".") for reason in FINAL.values())


@cache
def recorded() -> frozenset[str]:
    """Returns "subject.verb" of whatever the code writes into the log, also through functions that are handed them."""
    return frozenset(_recorded())


def _recorded() -> Iterator[str]:
    trees = {path: ast.parse(path.read_text(), str(path)) for path in ROOT.rglob("*.py")}
    for path, tree in trees.items():
        tree.called = path.stem  # type: ignore[attr-defined]  # - the tree's own attribute: what imports call it
    seen: _Seen = set()
    for tree in trees.values():
        for function in _functions(tree):
            for call in _calls(function):
                subject, verb = _keyword(call, "subject"), _keyword(call, "verb")
                if _called(call) in _RECORDERS and subject is not None and verb is not None:
                    yield from _deeds(subject, verb, function, [tree, *trees.values()], seen)


def _deeds(
    subject: ast.expr, verb: ast.expr, function: ast.FunctionDef, trees: list[ast.Module], seen: _Seen
) -> Iterator[str]:
    """The first of the trees is the file of the function; what was `seen` was followed before, by another way."""
    if (key := (_read(subject), _read(verb), function)) in seen:
        return
    seen.add(key)
    names = _arguments(function)
    things, words = (
        [each] if isinstance(each, ast.Name) and each.id in names else _constant(_words(each, function, trees))
        for each in (subject, verb)
    )
    for one, other in itertools.product(things, words):
        handed = [each.id for each in (one, other) if isinstance(each, ast.Name)]
        if not handed:
            yield f"{_read(one)}.{_read(other)}"
        # What begins with an underscore is called nowhere else.
        for tree in trees[:1] if function.name.startswith("_") else trees[1:]:
            for caller, call in _callers(tree).get(function.name, ()) if handed else ():
                given = {name: _given(call, function, name) for name in handed}
                if all(_is_word(each) for each in given.values()):
                    handed_on = (given.get(getattr(each, "id", ""), each) for each in (one, other))
                    yield from _deeds(*handed_on, caller, [tree, *trees[1:]], seen)


def _constant(words: Iterator[str]) -> list[ast.expr]:
    return [ast.Constant(word) for word in words]


def _read(given: ast.expr) -> ast.expr | str:
    return str(given.value) if isinstance(given, ast.Constant) else given


@cache
def _callers(tree: ast.Module) -> dict[str, list[tuple[ast.FunctionDef, ast.Call]]]:
    """Returns where functions are called, by their names, each with the function that it is called in."""
    found: dict[str, list[tuple[ast.FunctionDef, ast.Call]]] = {}
    for caller in _functions(tree):
        for call in _calls(caller):
            found.setdefault(_called(call), []).append((caller, call))
    return found


def _given(call: ast.Call, function: ast.FunctionDef, name: str) -> ast.expr | None:
    names = _arguments(function)
    place = names.index(name) - (1 if isinstance(call.func, ast.Attribute) and names[0] == "self" else 0)
    return _keyword(call, name) or next(iter(call.args[place : place + 1]), None)


def _words(given: ast.expr, function: ast.FunctionDef, trees: list[ast.Module]) -> Iterator[str]:
    match given:
        case ast.Constant(value=str(word)):
            yield word
        case ast.IfExp(body=one, orelse=other):
            yield from (*_words(one, function, trees), *_words(other, function, trees))
        case ast.Subscript(value=ast.Name(id=name)):
            yield from _values_of(name, trees)
        case ast.Attribute(value=ast.Name(id=room), attr=name):
            yield from _constants(name, [tree for tree in trees[1:] if getattr(tree, "called", "") == room])
        case ast.Name(id=name):
            found = [node.value for node in ast.walk(function) if isinstance(node, ast.Assign) and _sets(node, name)]
            if not found:
                yield from _constants(name, trees[:1])
            for value in found:
                yield from _words(value, function, trees)
        case _:
            raise AssertionError(f"{function.name}: {ast.unparse(given)} is no word that can be read")


def _constants(name: str, trees: list[ast.Module]) -> Iterator[str]:
    for tree in trees:
        for node in (node for node in tree.body if isinstance(node, ast.Assign)):
            both = node.targets[0], node.value
            pairs = (
                zip(*(each.elts for each in both), strict=True)
                if all(isinstance(each, ast.Tuple) for each in both)
                else [both]
            )
            for target, value in pairs:
                if isinstance(target, ast.Name) and target.id == name and isinstance(value, ast.Constant):
                    yield str(value.value)


@cache
def _functions(tree: ast.Module) -> tuple[ast.FunctionDef, ...]:
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _is_word(given: ast.expr | None) -> bool:
    """Functions of one name in two rooms are told apart by what they are given."""
    is_text = isinstance(given, ast.Constant) and isinstance(given.value, str)
    return is_text or isinstance(given, ast.IfExp | ast.Name | ast.Subscript | ast.Attribute)


@cache
def _calls(function: ast.FunctionDef) -> tuple[ast.Call, ...]:
    return tuple(node for node in ast.walk(function) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _arguments(function: ast.FunctionDef) -> list[str]:
    return [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]


def _sets(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _values_of(name: str, trees: list[ast.Module]) -> Iterator[str]:
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.Assign) and _sets(node, name) and isinstance(node.value, ast.Dict):
                yield from (each.value for each in node.value.values if isinstance(each, ast.Constant))
