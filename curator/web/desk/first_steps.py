"""The first steps of a new installation, as the desk shows them until one newsletter is live."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from curator.accounts.values import Right
from curator.checklist.values import Checklist, Step
from curator.db import Session
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk.setup import place_of_test_mail
from curator.web.desk.test_mode import checklists

_RELAY = Markup(
    "Whoever runs Curator sets <code>CURATOR_SMTP_URL</code> and starts it anew; <code>curator doctor</code> tries it."
)


@dataclass(frozen=True)
class FirstStep:
    """One step; `url` leads to where it is done, "" when that is not at the desk."""

    title: str
    words: str
    is_done: bool
    url: str = ""


def first_steps(session: "Session", newsletters: Sequence[NewsletterSpec], *, has_read_feed: bool) -> list[FirstStep]:
    """Returns the six steps from nothing to the first issue sent to readers; none once any newsletter is live."""
    if any(not newsletter.is_test_mode for newsletter in newsletters):
        return []
    newsletter = newsletters[0] if newsletters else None
    found = next(
        (each for each in checklists() if newsletter is not None and each.newsletter_id == newsletter.id), None
    )
    return [
        FirstStep(
            "Set up the newsletter",
            "What it is called, who sends it, and when." if here.may(Right.MANAGE) else "An owner does this.",
            newsletter is not None,
            url_for("desk.new_newsletter") if here.may(Right.MANAGE) else "",
        ),
        FirstStep(
            "Add feeds",
            "Your own show first, then what you read and hear.",
            has_read_feed,
            url_for("desk.feeds"),
        ),
        FirstStep(
            "Add subscribers",
            "By hand or from a file; yourself among them.",
            _is_ticked(found, Step.SUBSCRIBERS),
            url_for("desk.subscribers") if here.may(Right.READERS) else "",
        ),
        FirstStep(
            "Name a mail relay",
            _RELAY,
            here.app().transport is not None,
        ),
        _test_mail(session, newsletter, is_done=_is_ticked(found, Step.TEST_MAIL)),
        FirstStep(
            "Go live",
            "Until then mail goes to people at the desk only.",
            is_done=False,
            url=url_for("desk.setup") if newsletter is not None else "",
        ),
    ]


def _test_mail(session: "Session", newsletter: NewsletterSpec | None, *, is_done: bool) -> FirstStep:
    url = "" if newsletter is None else place_of_test_mail(session, newsletter)[0]
    return FirstStep("Send yourself a test mail", "From the preview of your first issue.", is_done, url)


def _is_ticked(found: Checklist | None, step: Step) -> bool:
    return found is not None and found.ticked[step]
