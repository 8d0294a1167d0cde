"""Every deed that is written down can be taken back, or the log says why not."""

import ast
from collections.abc import Iterator
from pathlib import Path

import curator
from curator.web.desk.reverts import FINAL, REVERTS

ROOT = Path(curator.__file__).parent
_RECORDERS = ("record", "log")


def test_every_deed_has_an_opposite_or_a_reason() -> None:
    deeds = set(recorded())
    assert {"issue.removed a block from", "feed.pause", "newsletter.paused", "subscriber.unsubscribed"} <= deeds
    assert sorted(deed for deed in deeds if deed not in REVERTS and deed not in FINAL) == []


def test_no_opposite_or_reason_is_left_over() -> None:
    deeds = set(recorded())
    assert sorted(deed for deed in REVERTS if deed not in deeds) == []
    assert sorted(deed for deed in FINAL if deed not in deeds) == []


def test_reasons_are_sentences() -> None:
    assert all(reason[0].isupper() and reason.endswith(".") for reason in FINAL.values())


def recorded() -> Iterator[str]:
    """Yields "subject.verb" of whatever the code writes into the log, also through functions that are handed a verb."""
    trees = {path: ast.parse(path.read_text()) for path in ROOT.rglob("*.py")}
    for tree in trees.values():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in _calls(function):
                subject = _keyword(call, "subject")
                if _called(call) in _RECORDERS and isinstance(subject, ast.Constant):
                    verb = _keyword(call, "verb")
                    assert verb is not None
                    for word in _words(verb, function, list(trees.values())):
                        yield f"{subject.value}.{word}"


def _words(verb: ast.expr, function: ast.FunctionDef, trees: list[ast.Module]) -> Iterator[str]:
    match verb:
        case ast.Constant(value=str(word)):
            yield word
        case ast.IfExp(body=one, orelse=other):
            yield from (*_words(one, function, trees), *_words(other, function, trees))
        case ast.Subscript(value=ast.Name(id=name)):
            yield from _values_of(name, trees)
        case ast.Name(id=name) if name in _arguments(function):
            yield from _handed(function, name, trees)
        case ast.Name(id=name):
            found = [node.value for node in ast.walk(function) if isinstance(node, ast.Assign) and _sets(node, name)]
            assert found, f"{function.name}: what is {name}?"
            for value in found:
                yield from _words(value, function, trees)
        case _:
            raise AssertionError(f"{function.name}: {ast.unparse(verb)} is no verb that can be read")


def _handed(function: ast.FunctionDef, name: str, trees: list[ast.Module]) -> Iterator[str]:
    """Yields what is given for an argument, by whoever calls a function of this name."""
    place = _arguments(function).index(name)
    for tree in trees:
        for caller in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in _calls(caller):
                offset = 1 if isinstance(call.func, ast.Attribute) and _arguments(function)[0] == "self" else 0
                given = _keyword(call, name) or next(iter(call.args[place - offset : place - offset + 1]), None)
                if _called(call) == function.name and _is_word(given, caller):
                    yield from _words(given, caller, trees)


def _is_word(given: ast.expr | None, caller: ast.FunctionDef) -> bool:
    """Functions of one name in two rooms are told apart by what they are given."""
    return isinstance(given, ast.Constant | ast.IfExp | ast.Name) and not (
        isinstance(given, ast.Constant) and not isinstance(given.value, str)
    )


def _calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


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
