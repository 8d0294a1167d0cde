"""Schemathesis against the OpenAPI document and the application: no 5xx, and no answer that is not told of.

Its own engine is used and not its pytest plugin: each operation gets so many requests by a fixed seed, with real ids
and with made-up ones, right and wrong, with every kind of token.
"""

from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from curator.accounts.values import ApiScope
from curator.web.api.operations import Operation
from curator.web.api.table import OPERATIONS
from tests.conftest import FakeClock
from tests.web.api.conftest import Installation, Program
from tests.web.api.scene import fill

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=[each.name for each in OPERATIONS])


def explore(cases: SearchStrategy, program: Program, clock: FakeClock, *, count: int, is_wrong: bool = False) -> None:
    """Sends so many requests and holds each answer to the document."""
    headers = {} if program.token is None else {"Authorization": f"Bearer {program.token}"}
    seen = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def send(case: schemathesis.Case) -> None:
        clock.advance(timedelta(seconds=1))  # or the token's calls would be used up
        answer = case.call(headers=headers)
        seen.append(answer.status_code)
        # What is too large, or of another version, is refused before its fields are looked at.
        must_refuse = is_wrong and answer.status_code not in (412, 413)
        case.validate_response(answer, checks=[*CHECKS, negative_data_rejection] if must_refuse else CHECKS)

    send()
    assert seen, "nothing was asked"


def operation_of(desk: Installation, operation: Operation) -> schemathesis.schemas.APIOperation:
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", desk.flask)
    return document[operation.path][operation.method]


@EVERY
def test_every_answer_is_told_of(sqlite_desk: Installation, clock: FakeClock, operation: Operation) -> None:
    ids, program = fill(sqlite_desk), sqlite_desk.program()
    told = operation_of(sqlite_desk, operation)
    real = {name: getattr(ids, name) for name in operation.path_names}
    explore(told.as_strategy(path_parameters=real or None), program, clock, count=10)
    if real:
        explore(told.as_strategy(), program, clock, count=3)
    wrong = told.as_strategy(GenerationMode.NEGATIVE, path_parameters=real or None)
    if operation.body is not None or operation.query is not None:
        explore(wrong, program, clock, count=10, is_wrong=True)


@EVERY
def test_every_refusal_is_told_of(sqlite_desk: Installation, clock: FakeClock, operation: Operation) -> None:
    cases = operation_of(sqlite_desk, operation).as_strategy()
    explore(cases, Program(sqlite_desk.flask, None), clock, count=3)
    others = [scope for scope in ApiScope if scope is not operation.scope]
    explore(cases, sqlite_desk.program(*others), clock, count=3)
