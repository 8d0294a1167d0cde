"""What every desk page says about newsletters in test mode: one query a request."""

from typing import cast

from flask import g

from curator.checklist import store
from curator.checklist.values import Checklist
from curator.web import here


def checklists() -> list[Checklist]:
    """Returns how far each newsletter in test mode is; the page and its banner ask once between them."""
    if "checklists" not in g:
        with here.db().read() as session:
            g.checklists = store.in_test_mode(session)
    return cast("list[Checklist]", g.checklists)
