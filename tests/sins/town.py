"""Two newsletters at one desk, everything in the second one, and an editor who has no place in it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from curator.accounts import roles, store
from curator.accounts.tables import SignIn
from curator.accounts.values import Role
from curator.activity.tables import Activity
from curator.app import App
from curator.audience.moving import store as imports
from curator.audience.notes import store as notes
from curator.audience.segments import store as segments
from curator.audience.tables import Segment
from curator.audience.tags import store as tags
from curator.downloads import store as downloads
from curator.downloads.values import Access, FileForm, StoredFile
from curator.issues import board, publish
from curator.issues.corrections import store as corrections
from curator.issues.planned import plan
from curator.issues.tables import Block
from curator.picks import set_aside
from curator.picks.tables import BlockedTerm, Mute, TipRow
from curator.picks.tips import take
from curator.picks.tips.values import NewTip
from curator.picks.trends import block
from curator.queue import store as queue
from tests import builders
from tests.events.scene import sent
from tests.promotions.scene import ISSUE_ON, set_scene
from tests.web.conftest import Browser, Newsroom, signed_in

SECRET = "Sealed Weekly"
SLUG = "sealed"


@dataclass(frozen=True)
class Town:
    """`theirs` has, by the name of a route's part, the id of something of the second newsletter."""

    app: App
    flask: Flask
    mine: Newsroom
    issue: int
    newsletter: int
    theirs: dict[str, int] = field(default_factory=dict)

    def rules(self, prefix: str = "", *, method: str | None = None) -> Iterator[Rule]:
        """Every route whose endpoint begins so, in an order that does not change."""
        for rule in sorted(self.flask.url_map.iter_rules(), key=lambda each: (each.rule, each.endpoint)):
            takes = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            if rule.endpoint.startswith(prefix) and (method is None or method in takes):
                yield rule


def address(rule: Rule, ids: Mapping[str, object] | None = None, *, otherwise: str = "1") -> str:
    """A route's address with its parts filled in."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str((ids or {}).get(found[1], otherwise)), rule.rule)


def built(app: App, flask: Flask, newsroom: Newsroom, mina: Browser) -> Town:
    """Does everything once in a second newsletter that an owner, Mina, may do."""
    db, now = app.db, app.clock()
    owner = _user(app, "mina")
    second = builders.newsletter_row(db, slug=SLUG, name=SECRET)
    town = Town(app, flask, newsroom, newsroom.issue(), second)
    sections, theirs = builders.section_rows(db, second), town.theirs
    scene = set_scene(db, second, sections)
    theirs |= {"promotion_id": scene.sponsor, "slot_id": scene.slot}
    theirs["booking_id"] = scene.book(on=ISSUE_ON).id
    issue = publish.draft(db, second, now=now, due_at=now + timedelta(days=3))
    board.add_text(db, issue, None, f"{SECRET} text.", by=owner, now=now)
    publish.render(db, app.renderer, issue, now=now)
    went = sent(db, newsletter_id=second, readers=2)
    theirs |= {"newsletter_id": second, "issue_id": issue, "mailing_id": went.mailing_id}
    theirs["subscriber_id"] = went.readers[0]
    planned = plan.plan(db, second, now + timedelta(days=10), is_drafted_now=False, by=owner, now=now)
    assert planned is not None
    theirs["planned_id"] = planned
    set_aside.mute_words(db, second, f"{SECRET} words", by=owner, now=now)
    block.block(db, second, "sealed term", by=owner, now=now)
    tip = NewTip("https://tip.example/sealed", SECRET, "", "")
    take.take(db, app.keys, second, tip, network="192.0.2.9", now=now)
    form = FileForm(SECRET, "", Access.GATED)
    with db.write() as session:
        segments.add(session, second, SECRET, "tag = vip", now=now)
        tag = tags.ensure(session, "vip").id
        tags.put_on(session, went.readers[0], tag, at=now)
        tagging = {"puts_on": True, "words": "", "search": "", "by": owner, "at": now}
        theirs |= {"tag_id": tag, "tagging_id": tags.add_tagging(session, second, tag, **tagging)}  # type: ignore[arg-type]  # fields as above
        theirs["note_id"] = notes.add(session, went.readers[0], f"{SECRET} note", by=owner, now=now)
        theirs["import_id"] = imports.add(session, second, file_name=SECRET, size=1, parts=[], actor=owner, now=now)
        stored = StoredFile("a" * 32 + ".pdf", "sealed.pdf", "pdf", 10)
        theirs["file_id"] = downloads.add_file(session, form, stored, item_id=None, newsletter_id=second, now=now)
        theirs["correction_id"] = corrections.add(
            session, went.issue_id, 11, note=SECRET, words={"title": SECRET}, by=owner, now=now
        )
        queue.enqueue(session, "start_mailing", {"issue_id": issue}, now=now)
        job = queue.claim(session, owner="w", now=now, lease=timedelta(minutes=1))
        assert job is not None
        queue.fail(session, job, error="A bug.", now=now, retry_at=None)
        theirs["job_id"] = job.id
    newest = {"mute_id": Mute, "term_id": BlockedTerm, "tip_id": TipRow, "segment_id": Segment, "sign_in_id": SignIn}
    with db.read() as session:
        for name, table in newest.items():
            theirs[name] = session.scalars(select(func.max(table.id))).one()
        theirs["change_id"] = session.scalars(select(func.max(Activity.id)).where(Activity.subject == "mute")).one()
        theirs["block_id"] = session.scalars(select(func.max(Block.id)).where(Block.issue_id == issue)).one()
    return town


def stranger(town: Town, name: str = "Ann", role: Role = Role.EDITOR) -> Browser:
    """Somebody signed in who has no place in the second newsletter, whatever theirs is everywhere else."""
    browser = signed_in(town.flask, town.app, name, role)
    places = {town.newsletter: None}
    roles.change_role(town.app.db, _user(town.app, name.lower()), role, differing=places, now=town.app.clock(), by=None)
    return browser


def _user(app: App, name: str) -> int:
    with app.db.read() as session:
        found = store.user_id(session, f"{name}@podcast.example")
    assert found is not None
    return found
