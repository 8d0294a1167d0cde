"""The demo's card "Your first issue": six steps from sign-in to what readers read, ticked from what really happened."""

from datetime import datetime

from flask import url_for

from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.db import Session
from curator.events import store as events
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueRow
from curator.mailings import store as mailings
from curator.web import here
from curator.web.desk.first_steps import FirstStep

# What an editor's deed is called in the log.
_SIGNED_IN = ("signed in by link", "signed in")
_PICKED = ("picked into", "picked")
# On the board, and in the inbox before there is an issue.
_WROTE = ("edited a pick of", "wrote about")
# Nobody does more before their first issue is out; beyond it the earliest deeds are counted.
_MOST_DEEDS = 500


def first_issue(session: "Session", issue: IssueRow | None, *, outbox_url: str | None) -> list[FirstStep]:
    """Returns the six steps; none outside of the demo, and none once all are done. At most five queries.

    What counts is what people did since the first sign-in: the demo's past is not theirs. `issue` is the one in work,
    to which the steps lead.
    """
    if not here.app().settings.is_demo:
        return []
    since = activity.first_at(session, _SIGNED_IN)
    deeds = [] if since is None else activity.since(session, since, limit=_MOST_DEEDS)
    sent = [] if since is None else mailings.issues_sent_since(session, since)
    steps = [
        FirstStep("Sign in", "By the link that the terminal shows.", since is not None),
        FirstStep(
            "Look at the inbox and pick one more",
            "Choose a section for it: it joins the issue at once.",
            any(deed.verb in _PICKED for deed in deeds),
            url_for("desk.inbox"),
        ),
        FirstStep(
            "Write a blurb of your own",
            "One pick has no words yet, and one has a TK that somebody must find.",
            any(_is_blurb(deed) for deed in deeds),
            _place("desk.board", issue),
        ),
        FirstStep(
            "Look at the preview",
            "Wide and narrow, light and dark: what readers get.",
            _is_after(revisions.last_rendered_at(session), since),
            _place("desk.preview", issue),
        ),
        FirstStep(
            "Approve it and send it",
            "A TK is refused. Nothing leaves this machine, so be bold.",
            bool(sent),
            _place("desk.send", issue),
        ),
        FirstStep(
            "Let readers read, and see what they read",
            "In the outbox lie their mails, and a button that opens them.",
            any(counted.clicks for counted in events.counters(session, sent)),
            outbox_url or "",
        ),
    ]
    return [] if all(step.is_done for step in steps) else steps


def _is_blurb(deed: ActivityRow) -> bool:
    return deed.verb in _WROTE and bool((deed.after or {}).get("blurb"))


def _is_after(at: datetime | None, since: datetime | None) -> bool:
    return at is not None and since is not None and at >= since


def _place(endpoint: str, issue: IssueRow | None) -> str:
    return url_for("desk.issues") if issue is None else url_for(endpoint, issue_id=issue.id)
