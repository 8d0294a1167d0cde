"""What every desk page says about newsletters in test mode: one query a request."""

from typing import cast

from flask import g

from curator.accounts.values import Right
from curator.checklist import store
from curator.checklist.values import Checklist
from curator.web import here


def checklists() -> list[Checklist]:
    """Returns how far each newsletter in test mode is, of those that one may look at; page and banner ask once."""
    if "checklists" not in g:
        with here.db().read() as session:
            g.checklists = [one for one in store.in_test_mode(session) if here.may(Right.LOOK, one.newsletter_id)]
    return cast("list[Checklist]", g.checklists)
