"""Sign-ups as tests make them, and what the audience then holds."""

from datetime import datetime

from sqlalchemy import select

from curator.audience import sign_up
from curator.audience.links import ConfirmLink
from curator.audience.store import subscriber_id
from curator.audience.tables import Consent, Subscriber, Subscription
from curator.audience.values import Confirmation
from curator.db import Database
from curator.letters.tables import Letter

ADA = "ada@example.org"
WORDS = "Send me AI Weekly every Tuesday."


def asked(db: Database, newsletter_id: int, *, now: datetime, address: str = ADA, name: str = "") -> None:
    sign_up.sign_up(db, newsletter_id, address, name=name, place="/n/ai-weekly", words=WORDS, now=now)


def link_of(db: Database, newsletter_id: int, *, address: str = ADA) -> ConfirmLink:
    """The link of the newest confirmation letter to an address."""
    with db.read() as session:
        id_ = subscriber_id(session, address)
        query = select(Letter.payload).where(Letter.address_key == address, Letter.kind == "confirm")
        payload = session.scalars(query.order_by(Letter.id.desc())).first()
    assert id_ is not None
    assert payload is not None
    assert (payload["subscriber_id"], payload["newsletter_id"]) == (id_, newsletter_id)
    return ConfirmLink(newsletter_id, id_, datetime.fromisoformat(payload["asked_at"]))


def confirmed(db: Database, link: ConfirmLink, *, now: datetime) -> Confirmation:
    return sign_up.confirm(db, link, place="/c", words="Yes", now=now)


def denied(db: Database, link: ConfirmLink, *, now: datetime) -> bool:
    return sign_up.deny(db, link, place="/d", words="I never signed up", now=now)


def letters(db: Database) -> list[tuple[str, str]]:
    """Kind and address of every letter, in their order."""
    with db.read() as session:
        return [
            (str(kind), to) for kind, to in session.execute(select(Letter.kind, Letter.address).order_by(Letter.id))
        ]


def states(db: Database) -> list[tuple[str, str, str]]:
    """Address, state and how of every subscription."""
    with db.read() as session:
        rows = session.execute(
            select(Subscriber.address_key, Subscription.state, Subscription.how)
            .join(Subscription, Subscription.subscriber_id == Subscriber.id)
            .order_by(Subscriber.address_key, Subscription.newsletter_id)
        )
        return [(key, str(state), how) for key, state, how in rows]


def steps(db: Database) -> list[tuple[str, str, str]]:
    """Step, place and words of the whole record, in its order."""
    with db.read() as session:
        rows = session.execute(select(Consent.step, Consent.place, Consent.words).order_by(Consent.id))
        return [(str(step), place, words) for step, place, words in rows]
