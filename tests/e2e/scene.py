"""Brings a running demo into every state that a page can show, through the arrows and the running processes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import App
from curator.audience import links, sign_up
from curator.audience import store as audience
from curator.demo import seed
from curator.demo.maildir import Maildir
from curator.episodes import store as episodes
from curator.issues import board, publish
from curator.issues import store as issues
from curator.mailings import control
from curator.mailings import store as mailings
from curator.mailings.tables import Batch, Delivery
from curator.mailings.values import DeliveryState
from curator.newsletters import store as newsletters
from tests.e2e.servers import Server, wait_for

_AHEAD = timedelta(days=6)
WAITING = (DeliveryState.PENDING, DeliveryState.INTENDED)


@dataclass(frozen=True)
class Scene:
    """What stands in the demo's database: `draft`, `approved`, `scheduled`, `sent` and `past` are issues.

    `past` is one of the issues before the demo began, `sent` was sent just now; `episode` is the demo's newest, with
    all that its show publishes.
    """

    server: Server
    owner: int
    editor: int
    newsletter: int
    slug: str
    episode: int
    past: int
    draft: int
    approved: int
    scheduled: int
    sent: int
    mailing: int
    subscriber: int
    address: str
    mail_key: str


def set_scene(server: Server) -> Scene:
    """Sends one issue to all readers, and leaves others at each step on their way."""
    app, now = server.app, server.app.clock()
    owner = seed.owner_id(app.db, now=now)
    with app.db.read() as session:
        newsletter = newsletters.newsletters(session)[0].id
        episode = episodes.episode_ids(session, limit=1)[0]
        past, draft = (issue.id for issue in issues.issue_rows(session, newsletter_id=newsletter)[1::-1])
    sent = _approved(app, newsletter, owner, "Forty years of river water")
    publish.schedule(app.db, sent, at=now, by=owner, now=now)
    scheduled = _approved(app, newsletter, owner, "A benchmark and its heirs")
    publish.schedule(app.db, scheduled, at=now + _AHEAD, by=owner, now=now)
    approved = _approved(app, newsletter, owner, "Small models, long memories")
    mailing = _settled_mailing(app, sent, now)
    with app.db.read() as session:
        reader = audience.subscriber_rows(session, newsletter, search="", after_id=0, limit=20)[-1]
    return Scene(
        server=server,
        owner=owner,
        editor=admit.create_user(app.db, "oona.editor@example.test", name="Oona Lind", role=Role.EDITOR, now=now),
        newsletter=newsletter,
        slug=seed.SLUG,
        episode=episode,
        past=past,
        draft=draft,
        approved=approved,
        scheduled=scheduled,
        sent=sent,
        mailing=mailing,
        subscriber=reader.id,
        address=reader.address,
        mail_key=Maildir(app.settings.data_dir / "outbox").newest_keys()[0],
    )


def stand_again(scene: Scene) -> None:
    """Approves anew what a change of the newsletter took back: its look, its logo or its settings."""
    app, now = scene.server.app, scene.server.app.clock()
    with app.db.read() as session:
        states = {id_: issues.issue_row(session, id_).state for id_ in (scene.approved, scene.scheduled)}
    for issue, state in states.items():
        if state.is_open:
            _approve(app, issue, scene.owner, now)
    if states[scene.scheduled].is_open:
        publish.schedule(app.db, scene.scheduled, at=now + _AHEAD, by=scene.owner, now=now)


@dataclass(frozen=True)
class SignUp:
    """A reader who asked for the newsletter, and the token of the letter that asks them to confirm."""

    subscriber: int
    token: str


def signed_up(scene: Scene, name: str, *, ago: timedelta = timedelta()) -> SignUp:
    """Has somebody ask for the scene's newsletter, so long ago; nobody has confirmed it."""
    app, address = scene.server.app, f"{name}.reader@example.test"
    at = app.clock() - ago
    sign_up.sign_up(app.db, scene.newsletter, address, name=name, place="/n", words="Send it to me.", now=at)
    with app.db.read() as session:
        subscriber = audience.subscriber_id(session, address)
    assert subscriber is not None
    return SignUp(subscriber, links.confirm_token(app.keys, links.ConfirmLink(scene.newsletter, subscriber, at)))


def _approved(app: App, newsletter: int, by: int, subject: str) -> int:
    """Drafts an issue beside the open one, with words for somebody to read, and approves it."""
    now = app.clock()
    issue = publish.draft(app.db, newsletter, now=now, include_archive=True, by=by)
    board.add_text(
        app.db,
        issue,
        None,
        f"**{subject}**: the story of the week, and what our readers made of the last one.",
        by=by,
        now=now,
    )
    with app.db.read() as session:
        version = issues.issue_row(session, issue).version
    board.edit_settings(
        app.db,
        issue,
        subject=subject,
        preheader="Plus: what readers asked us since Tuesday",
        expected_version=version,
        by=by,
        now=now,
    )
    _approve(app, issue, by, now)
    return issue


def _approve(app: App, issue: int, by: int, now: datetime) -> None:
    seen = publish.render(app.db, app.renderer, issue, now=now)
    publish.approve(app.db, app.renderer, issue, by=by, now=now, seen_hash=seen.content_hash)


def put_off_longer(app: App, mailing: int) -> None:
    """Puts the last readers of a paused mailing off until tomorrow, so that it moves for as long as one likes."""
    later = app.clock() + timedelta(days=1)
    with app.db.write() as session:
        is_put_off = (Delivery.mailing_id == mailing) & (Delivery.state == DeliveryState.DEFERRED)
        session.execute(update(Delivery).where(is_put_off).values(due_at=later))
        session.execute(update(Batch).where(Batch.mailing_id == mailing).values(due_at=later))


def _settled_mailing(app: App, issue: int, now: datetime) -> int:
    """Waits until the runner has sent what can be sent, then stops it at the readers who were put off."""

    def has_left() -> bool:
        with app.db.read() as session:
            found = mailings.mailings(session, issue_id=issue, limit=1)
        by = found[0].balance.by_state if found else {}
        return by.get(DeliveryState.SENT, 0) > 200 and not any(by.get(state, 0) for state in WAITING)

    wait_for(has_left)
    with app.db.read() as session:
        mailing = mailings.mailings(session, issue_id=issue, limit=1)[0].id
    control.pause(app.db, mailing, now=now, reason="Paused, so that it does not change while it is looked at.")
    with app.db.write() as session:
        put_off = select(Delivery).where(Delivery.mailing_id == mailing, Delivery.state == DeliveryState.DEFERRED)
        row = session.execute(put_off.limit(1)).scalar_one()
        row.state, row.reason = DeliveryState.IN_DOUBT, "The connection ended before an answer came."
    return mailing
