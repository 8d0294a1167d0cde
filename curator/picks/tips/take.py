"""READER -> TIP: takes the link that a reader sends. Nothing of it is fetched, and the sender hears nothing of it."""

from datetime import datetime

from curator import tokens
from curator.addresses import Address, checked_address
from curator.audience.suppressed import store as suppressed
from curator.db import Database, Session
from curator.feeds.add import page_of
from curator.feeds.articles.store import NewPage
from curator.feeds.normalize import clean, one_line
from curator.picks.tables import TipRow
from curator.picks.tips import store
from curator.picks.tips.values import MAX_NAME, MAX_NOTE, MAX_WORDS, Heard, NewTip, TipState, TooManyTipsError
from curator.tokens import Keys, Purpose

MOST_WAITING = 1_000
"""Links that wait in one newsletter at most: nobody reads more, and a flood from everywhere ends there."""


def check(new: NewTip) -> None:
    """Raises InvalidError (field "url" or "address") for what `take` would not."""
    page_of(new.url)
    if new.address.strip():
        checked_address(new.address)


def take(db: Database, keys: Keys, newsletter_id: int, new: NewTip, *, network: str, now: datetime) -> None:
    """Keeps a reader's tip: a link that is known counts one more, and nobody is told what became of it.

    The same reader again changes nothing but what they left out before. What comes from where spam came is dropped in
    silence, and so are address and name of somebody who is never to be mailed. Raises InvalidError (field "url" or
    "address"), TooManyTipsError when too many wait.
    """
    page = page_of(new.url)
    address = checked_address(new.address) if new.address.strip() else None
    sender = sender_key(keys, "network", network)
    blocked = {sender} | ({sender_key(keys, "address", address.key)} if address else set())
    with db.write() as session:
        if store.is_blocked(session, blocked, now=now):
            return
        _require_room(session, newsletter_id, page)
        if address is not None and suppressed.why(session, address.key) is not None:
            address = None
        tip = store.put(session, newsletter_id, page, now=now)
        store.hear(session, tip, _what_counts(tip, new, address), sender_key=sender, now=now)


def sender_key(keys: Keys, kind: str, value: str) -> str:
    """Returns a keyed hash of where a tip came from: enough to know it again, and nothing to find it by."""
    body = bytes([keys.current]) + f"{kind}\0{value}".encode()
    return tokens.whole_mac(keys, Purpose.TIP_SENDER, body).hex()


def _require_room(session: Session, newsletter_id: int, page: NewPage) -> None:
    if store.waiting(session, newsletter_id) >= MOST_WAITING and not store.knows(session, newsletter_id, page):
        raise TooManyTipsError("More tips wait than anybody reads.")


def _what_counts(tip: TipRow, new: NewTip, address: Address | None) -> Heard:
    """Returns what of a tip is kept: of a link that was refused no name and no address, for no thanks will come."""
    note, words = clean(new.note).strip()[:MAX_NOTE], new.words[:MAX_WORDS]
    if tip.state in (TipState.REFUSED, TipState.SPAM):
        return Heard(note, words=words)
    return Heard(note, one_line(new.name, limit=MAX_NAME), address, words)
