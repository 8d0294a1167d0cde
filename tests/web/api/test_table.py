"""Every operation with no token, a wrong one, another newsletter's and the right one; its page and its document."""

import json
import shlex
from datetime import timedelta

import jsonschema_rs
import pytest

from curator.accounts import admit
from curator.accounts.roles import change_role
from curator.accounts.values import ApiScope, Role
from curator.web.api import openapi, pages
from curator.web.api.operations import Operation, Tag
from curator.web.api.problems import Kind
from curator.web.api.table import OPERATIONS
from tests.web.api.conftest import Installation, Program
from tests.web.api.scene import Ids, fill

NAMES = [each.name for each in OPERATIONS]
EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)

NOT_IN_THIS_STATE = {"remove_feed", "approve_issue", "schedule_issue", "send_issue"}
"""What the examples ask for and the scene cannot do: a feed with items is removed, another content is sent."""


def sent(program: Program, operation: Operation, ids: Ids) -> tuple[int, dict]:
    """Sends an operation's example and returns the status and the answer, which the document knows."""
    question = f"?{operation.example_query}" if operation.example_query else ""
    headers = {"If_Match": f'"{operation.example_version}"'} if operation.needs_match else {}
    body = dict(operation.example) if operation.example is not None else None
    answer = program.ask(operation.method, ids.path(operation.path) + question, body, **headers)
    document = openapi.document("http://127.0.0.1:8000")
    told = document["paths"][operation.path][operation.method.lower()]["responses"]
    assert str(answer.status_code) in told, f"{answer.status_code} is not told of: {answer.text}"
    content = told[str(answer.status_code)].get("content")
    if content is None:
        assert answer.text == ""
        return answer.status_code, {}
    ((kind, one),) = content.items()
    assert answer.mimetype == kind
    assert answer.json is not None
    schema = {"$ref": one["schema"]["$ref"], "components": document["components"]}
    jsonschema_rs.Draft202012Validator(schema).validate(answer.json)
    return answer.status_code, dict(answer.json)


@EVERY
def test_every_operation_asks_for_its_token(sqlite_desk: Installation, operation: Operation) -> None:
    ids = fill(sqlite_desk)
    assert sent(Program(sqlite_desk.flask, None), operation, ids)[1]["code"] == "no-token"
    assert sent(Program(sqlite_desk.flask, "curator_" + "a" * 43), operation, ids)[1]["code"] == "bad-token"
    others = [scope for scope in ApiScope if scope is not operation.scope]
    assert sent(sqlite_desk.program(*others), operation, ids)[1]["code"] == "missing-scope"


@EVERY
def test_every_operation_knows_another_newsletters_token(sqlite_desk: Installation, operation: Operation) -> None:
    ids = fill(sqlite_desk)
    status, answer = sent(sqlite_desk.program(newsletter_id=ids.other), operation, ids)
    if operation.is_desk_wide:
        assert answer["code"] == "one-newsletter"
    elif operation.name == "list_newsletters":
        assert [each["id"] for each in answer["items"]] == [ids.other]
    elif Kind.NOT_FOUND in operation.problems() and operation.path_names[:1] not in [("feed_id",), ("item_id",)]:
        if operation.name == "list_items":
            assert status == 200, "items are everybody's"
        else:
            assert answer["code"] == "not-found"
    else:
        assert status in (*operation.answers, 409)


@EVERY
def test_a_token_for_all_reaches_no_newsletter_in_which_its_owner_has_no_place(
    sqlite_desk: Installation, operation: Operation
) -> None:
    ids = fill(sqlite_desk)
    ed = sqlite_desk.person("Ed", Role.EDITOR)
    change_role(
        sqlite_desk.app.db,
        ed,
        Role.EDITOR,
        differing={ids.newsletter_id: None},
        now=sqlite_desk.app.clock(),
        by=sqlite_desk.mina,
    )
    status, answer = sent(sqlite_desk.program(user_id=ed), operation, ids)
    if operation.name == "list_newsletters":
        assert [each["id"] for each in answer["items"]] == [ids.other]
    elif operation.scope is ApiScope.ERASE_SUBSCRIBERS:
        assert answer["code"] == "not-allowed"
    elif operation.tag in (Tag.FEEDS, Tag.ITEMS) or operation.name == "list_suppressions":
        assert status in (*operation.answers, 409), "they belong to all"
    else:
        assert answer["code"] == "not-found"


@EVERY
def test_every_operation_does_its_example(sqlite_desk: Installation, operation: Operation) -> None:
    ids = fill(sqlite_desk)
    status, answer = sent(sqlite_desk.program(operation.scope), operation, ids)
    if operation.name in NOT_IN_THIS_STATE:
        assert answer["code"] == "wrong-state"
    else:
        assert status in operation.answers, answer


@EVERY
def test_every_command_of_the_page_works(sqlite_desk: Installation, operation: Operation) -> None:
    fill(sqlite_desk)
    program = sqlite_desk.program()
    words = shlex.split(pages.curl(operation).replace("\\\n", " "))
    assert words.pop(0) == "curl"
    method, body, headers, address = "GET", None, {}, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value.replace("$TOKEN", program.token or "")
        elif word == "-d":
            body = words.pop(0)
        else:
            address = word.replace("$BASE", "/api/v1")
    answer = program.client.open(address, method=method, headers=headers, data=body)
    assert answer.status_code in (*operation.answers, *((409,) if operation.name in NOT_IN_THIS_STATE else ()))


@EVERY
def test_who_lost_their_role_lost_it_for_their_tokens_too(sqlite_desk: Installation, operation: Operation) -> None:
    ids = fill(sqlite_desk)
    vera = sqlite_desk.person("Vera", Role.VIEWER)
    program = sqlite_desk.program(user_id=vera)
    status, answer = sent(program, operation, ids)
    if operation.scope.value.endswith(":read") and operation.scope is not ApiScope.READ_SUBSCRIBERS:
        assert status in operation.answers
    else:
        assert answer["code"] == "not-allowed"
    admit.deactivate(sqlite_desk.app.db, vera, now=sqlite_desk.app.clock(), by=sqlite_desk.mina)
    assert sent(program, operation, ids)[1]["code"] == "bad-token"


def test_a_token_ends_on_its_day(sqlite_desk: Installation) -> None:
    program = sqlite_desk.program(expires_at=sqlite_desk.app.clock() + timedelta(days=1))
    program.get("/feeds")
    sqlite_desk.app.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]  # the clock is a fake one
    program.refused("bad-token", "GET", "/feeds")


def test_the_page_and_the_document_are_open_and_tell_all(sqlite_desk: Installation) -> None:
    visitor = sqlite_desk.flask.test_client()
    page = visitor.get("/api/v1/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    document = json.loads(visitor.get("/api/v1/openapi.json").text)
    for each in OPERATIONS:
        assert f'id="{each.name}"' in page.text
        assert document["paths"][each.path][each.method.lower()]["operationId"] == each.name
    for kind in Kind:
        assert f'id="{kind}"' in page.text
    for scope in ApiScope:
        assert scope.value in page.text


def test_a_problem_leads_to_its_line_on_the_page(sqlite_desk: Installation) -> None:
    told = Program(sqlite_desk.flask, None).refused("no-token", "GET", "/feeds")
    assert told["type"] == "http://127.0.0.1:8000/api/v1/docs#no-token"


def test_names_are_given_once() -> None:
    assert len(set(NAMES)) == len(NAMES)
    shapes = [shape.__name__ for shape, _ in openapi.shown_shapes()]
    assert len(set(shapes)) == len(shapes), "a shape's name is its place in the document"
