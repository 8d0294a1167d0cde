"""The arrows tell what they did, in the transaction in which they did it."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from curator.audience import steps, subscribe
from curator.audience.record import store as record
from curator.audience.steps import Step
from curator.audience.values import ConsentStep, SuppressionReason
from curator.db import Database
from curator.errors import StateError
from curator.issues import publish
from curator.issues.render import Renderer
from curator.mailings import control
from curator.mailings.values import MailingState
from curator.picks import curate
from curator.tokens import Keys
from curator.webhooks import edit
from curator.webhooks.tables import WebhookCall
from curator.webhooks.values import CHOICES, EndpointForm, Kind
from tests import builders
from tests.conftest import FakeClock
from tests.events.scene import NOW, sent
from tests.issues.conftest import TEMPLATES
from tests.issues.scene import fill, scene
from tests.mailings.line import Line
from tests.promotions.scene import ISSUE_ON, set_scene

GUIDE = Path(__file__).parents[2] / "docs" / "developers.md"

URL = "https://crm.example/hook"


@pytest.fixture
def told(sqlite_database: Database) -> Database:
    form = EndpointForm("CRM", URL, CHOICES, gets_personal=True)
    edit.make(sqlite_database, form, chance=b"c" * 32, keys=Keys.from_secret("k" * 40), by=1, now=NOW)
    return sqlite_database


def news(db: Database) -> list[tuple[str, dict[str, object]]]:
    with db.read() as session:
        bodies = [json.loads(body) for body in session.scalars(select(WebhookCall.body).order_by(WebhookCall.id))]
    return [(body["type"], body["data"]) for body in bodies]


def test_readers_who_come_leave_and_are_suppressed(told: Database) -> None:
    newsletter = builders.newsletter_row(told)
    [reader] = builders.subscriber_rows(told, newsletter, ["ada@example.org"])
    assert news(told) == []
    for _ in range(2):
        subscribe.unsubscribe(told, newsletter, reader, now=NOW, how="link")
        subscribe.suppress(told, "ada@example.org", SuppressionReason.COMPLAINED, now=NOW)
    about = {"newsletter_id": newsletter, "subscriber_id": reader, "address": "ada@example.org"}
    assert news(told) == [
        ("subscriber.left", about | {"how": "link"}),
        ("subscriber.suppressed", about | {"newsletter_id": None, "reason": "complained"}),
    ]


def reader_comes_and_leaves(told: Database) -> None:
    newsletter = builders.newsletter_row(told, slug="readers")
    [reader] = builders.subscriber_rows(told, newsletter, ["ada@example.org"])
    subscribe.unsubscribe(told, newsletter, reader, now=NOW, how="link")
    with told.write() as session:
        record.hold(session, reader)
        steps.take(session, newsletter, reader, Step(ConsentStep.ASKED, NOW, "sign-up"))
        steps.take(session, newsletter, reader, Step(ConsentStep.CONFIRMED, NOW, "sign-up"))


def test_a_sign_up_is_told_once_it_is_confirmed(told: Database) -> None:
    reader_comes_and_leaves(told)
    assert [kind for kind, _ in news(told)] == ["subscriber.left", "subscriber.confirmed"]


def test_picks_and_mailings_are_told(told: Database) -> None:
    line = sent(told, state=MailingState.RUNNING)
    [section, *_] = builders.section_rows(told, line.newsletter_id)
    item = builders.item_row(told, builders.feed_row(told), "Small models", at=NOW)
    for _ in range(2):
        curate.pick(told, line.newsletter_id, item, section, by=None, now=NOW)
        control.pause(told, line.mailing_id, now=NOW)
    found = news(told)
    assert [kind for kind, _ in found] == ["item.picked", "mailing.stopped"]
    assert found[0][1]["item_id"] == item
    assert found[1][1] == {
        "newsletter_id": line.newsletter_id,
        "mailing_id": line.mailing_id,
        "issue_id": line.issue_id,
        "is_test": False,
        "reason": "Paused by hand.",
    }


def issue_goes_out(told: Database, tmp_path: Path) -> None:
    newsletter = builders.newsletter_row(told, slug="out")
    issue = builders.approved_issue_row(told, newsletter)
    publish.unschedule(told, issue, by=None, now=NOW)
    publish.schedule(told, issue, at=NOW, by=None, now=NOW)
    line = Line(told, FakeClock(NOW), tmp_path, newsletter, issue)
    line.readers(2)
    line.pump(line.start())


def test_an_issue_on_its_way_is_told_step_by_step(told: Database, tmp_path: Path) -> None:
    issue_goes_out(told, tmp_path)
    assert [kind for kind, _ in news(told)] == ["issue.scheduled", "mailing.finished", "issue.sent"]


def test_an_approval_and_a_booking_are_told_once(told: Database) -> None:
    there = scene(told)
    fill(there)
    issue_id = publish.draft(told, there.newsletter_id, now=NOW)
    for _ in range(2):
        revision = publish.approve(told, Renderer(TEMPLATES), issue_id, by=None, now=NOW)
    promoted = set_scene(told, there.newsletter_id, list(there.sections))
    [booking, _] = [promoted.book(), promoted.book()]
    issue = {"newsletter_id": there.newsletter_id, "issue_id": issue_id, "number": 1}
    slot = {"newsletter_id": promoted.newsletter, "booking_id": booking.id, "slot_id": promoted.slot}
    assert news(told) == [
        ("issue.approved", issue | {"revision": revision.number}),
        ("promotion.booked", slot | {"promotion_id": promoted.sponsor, "issue_on": ISSUE_ON.isoformat()}),
    ]


def documented() -> dict[str, dict[str, object]]:
    """The kinds in the developers' guide, each with its example."""
    rows = re.findall(r"^\| `([a-z.]+)` \| [^|]+ \| `(\{.*\})` \|$", GUIDE.read_text(), re.MULTILINE)
    return {kind: json.loads(example) for kind, example in rows}


def test_every_kind_is_told_as_the_guide_says(told: Database, tmp_path: Path) -> None:
    reader_comes_and_leaves(told)
    subscribe.suppress(told, "ada@example.org", SuppressionReason.BOUNCED, now=NOW)
    issue_goes_out(told, tmp_path)
    there = scene(told)
    fill(there)
    publish.approve(told, Renderer(TEMPLATES), publish.draft(told, there.newsletter_id, now=NOW), by=None, now=NOW)
    set_scene(told, there.newsletter_id, list(there.sections)).book()
    stopping = sent(told, number=7, newsletter_id=there.newsletter_id, state=MailingState.RUNNING)
    control.pause(told, stopping.mailing_id, now=NOW)
    curate.pick(told, there.newsletter_id, there.item("Tide pools"), there.sections[2], by=None, now=NOW)
    edit.test(told, 1, by=1, now=NOW)
    examples = documented()
    assert {kind: sorted(data) for kind, data in news(told)} == {kind: sorted(examples[kind]) for kind in examples}
    assert set(examples) == set(Kind)


def test_what_did_not_happen_is_not_told(told: Database) -> None:
    newsletter = builders.newsletter_row(told)
    issue = builders.approved_issue_row(told, newsletter, state="sent")  # type: ignore[arg-type]  # as the column holds it
    with pytest.raises(StateError):
        publish.schedule(told, issue, at=NOW, by=None, now=NOW)
    assert news(told) == []
