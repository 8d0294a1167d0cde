"""Lets people in: makes them, gives them links and passwords, signs them in, puts them out."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from curator import tokens
from curator.accounts import passwords, store
from curator.accounts.entry import let_in, note_refused
from curator.accounts.places import store as places
from curator.accounts.sign_ins import store as sign_ins
from curator.accounts.tables import User
from curator.accounts.throttle import counter
from curator.accounts.throttle import look as look  # noqa: PLC0414 - forms elsewhere look through this file
from curator.accounts.throttle import throttle as throttle  # noqa: PLC0414 - forms elsewhere slow down through this file
from curator.accounts.values import Editor, Means, Role, SignInRefused, Visit
from curator.activity.store import record
from curator.addresses import Address, checked_address
from curator.db import Database, Session
from curator.errors import InvalidError, NotFoundError, StateError
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.names import cleaned_name

WINDOW = timedelta(minutes=15)
TRIES_AN_ADDRESS = 5
TRIES_A_NETWORK = 20  # an office shares one; a right sign-in is taken back from the count
# A link that is handed over in person is used at once; an invitation may lie over a weekend.
LINK_VALID_FOR = timedelta(hours=24)
INVITATION_VALID_FOR = timedelta(hours=72)
# As many bytes as an unguessable name needs; the signature over them is what the database cannot make up.
_NONCE_BYTES = 16
NOWHERE = Visit()
"""From where a command of this machine comes."""


def create_user(db: Database, address: str, *, name: str, role: Role, now: datetime, by: int | None = None) -> int:
    """Makes a person without a password and returns their id; an address that is taken is an InvalidError."""
    checked = checked_address(address)
    with db.write() as session:
        user_id = _added(session, checked, name=name, role=role, now=now, by=by)
        if user_id is None:
            raise InvalidError("address", "Somebody with this address has a place at the desk already.")
    return user_id


def invite(
    db: Database,
    address: str,
    *,
    name: str,
    role: Role,
    keys: tokens.Keys,
    now: datetime,
    by: int | None,
    differing: Mapping[int, Role | None] | None = None,
) -> int:
    """Writes somebody a letter with a one-time link, valid for 72 hours, and returns their id.

    Whoever is not there yet is made, with the roles that differ by newsletter; whoever is keeps name and roles, and
    their older links are void. Person, link and letter are one transaction. The database holds the link's hash and a
    nonce: without the keys no link can be made of them. Raises StateError for somebody who was put out.
    """
    checked = checked_address(address)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    with db.write() as session:
        user_id = _added(session, checked, name=name, role=role, now=now, by=by)
        if user_id is None:
            user_id = store.user_id(session, checked.key)
            assert user_id is not None
        elif differing and role is not Role.OWNER:
            places.put_places(session, user_id, differing)
        token = tokens.sign(keys, tokens.Purpose.SIGN_IN, nonce)
        user = _with_new_link(session, user_id, token, expires_at=now + INVITATION_VALID_FOR)
        inviter = None if by is None else store.editor(session, by)
        payload = {"user_id": user_id, "nonce": nonce.hex(), "by": by, "by_name": inviter.name if inviter else ""}
        letter = NewLetter(
            LetterKind.INVITATION,
            user.address,
            user.address_key,
            name=user.name,
            payload=payload,
            key=f"invitation:{user_id}:{nonce.hex()}",
        )
        letters.write(session, letter, now=now)
        record(session, at=now, actor=by, verb="invited", subject="user", subject_id=user_id)
    return user_id


def invitation_token(session: Session, keys: tokens.Keys, nonce: str, *, now: datetime) -> str | None:
    """Returns the token of an invitation's link, None once it was used, replaced by a newer one, or is too old.

    It is signed with whichever key it was made with, so that a new secret key leaves written invitations as they are.
    """
    for key_id in sorted(keys.secrets, reverse=True):
        token = tokens.sign(replace(keys, current=key_id), tokens.Purpose.SIGN_IN, bytes.fromhex(nonce))
        if store.link_owner(session, _hash_of(token), at=now) is not None:
            return token
    return None


def set_password(db: Database, user_id: int, password: str, *, now: datetime, by: int | None = None) -> None:
    """Gives a person a new password, ends all of their sign-ins and voids their unused links.

    Whoever is signed in as this person signs in anew, or the web takes over the new epoch for the one who asked.
    """
    with db.read() as session:
        known = store.user(session, user_id)
    if known is None:
        raise NotFoundError("user", user_id)
    kept = passwords.hashed(password, address=known.address)
    with db.write() as session:
        user = store.user(session, user_id, for_change=True)
        if user is None:
            raise NotFoundError("user", user_id)
        user.password_hash = kept
        user.epoch += 1
        sign_ins.end_others(session, user_id, but=None)
        store.void_links(session, user_id)
        record(session, at=now, actor=by, verb="set the password of", subject="user", subject_id=user_id)


def has_password(db: Database, user_id: int, password: str) -> bool:
    """Tells whether this is a person's password. It takes as long for somebody who has none, and is not counted."""
    with db.read() as session:
        known = store.user(session, user_id)
        kept = None if known is None else known.password_hash
    return passwords.matches(kept or passwords.UNMATCHABLE, password)


def deactivate(db: Database, user_id: int, *, now: datetime, by: int | None) -> None:
    """Puts a person out at once; a second call changes nothing. The last active owner stays: StateError."""
    with db.write() as session:
        owners = store.active_owner_ids(session)
        user = store.user(session, user_id, for_change=True)
        if user is None:
            raise NotFoundError("user", user_id)
        if not user.is_active:
            return
        if owners == {user_id}:
            raise StateError("This is the last active owner. Make somebody else an owner first.")
        user.is_active = False
        user.epoch += 1
        sign_ins.end_others(session, user_id, but=None)
        store.void_links(session, user_id)
        record(session, at=now, actor=by, verb="deactivated", subject="user", subject_id=user_id)


def withdraw(db: Database, user_id: int, *, now: datetime, by: int | None) -> None:
    """Takes an invitation back from somebody who never came: its link is void, and so is the place.

    A second call changes nothing. Raises StateError for somebody who came in already.
    """
    with db.write() as session:
        user = store.user(session, user_id, for_change=True)
        if user is None:
            raise NotFoundError("user", user_id)
        if user.signed_in_at is not None:
            raise StateError("They came in already. Take the place away instead.")
        if not user.is_active:
            return
        user.is_active = False
        store.void_links(session, user_id)
        record(session, at=now, actor=by, verb="withdrew the invitation of", subject="user", subject_id=user_id)


def reactivate(db: Database, user_id: int, *, now: datetime, by: int | None) -> None:
    """Gives a person their place back, with the password they had; a second call changes nothing."""
    with db.write() as session:
        user = store.user(session, user_id, for_change=True)
        if user is None:
            raise NotFoundError("user", user_id)
        if user.is_active:
            return
        user.is_active = True
        record(session, at=now, actor=by, verb="reactivated", subject="user", subject_id=user_id)


def sign_in(
    db: Database, address: str, password: str, *, network: str, now: datetime, visit: Visit = NOWHERE
) -> Editor:
    """Returns whoever this address and password belong to; who has a second factor is not in before its code.

    Raises SignInRefused in one wording, and after the same time, for an unknown address, a wrong password, somebody
    without a password and somebody who was put out; TooManyAttempts after 5 wrong tries of an address or 20 of a
    network in a quarter of an hour. Tries are counted before the password is looked at, so many at once gain nothing.
    """
    key, is_address = _key_of(address)
    throttle(db, _network_parts(network), limit=TRIES_A_NETWORK, window=WINDOW, now=now)
    throttle(db, _address_parts(key), limit=TRIES_AN_ADDRESS, window=WINDOW, now=now)
    with db.read() as session:
        known = store.credentials(session, key) if is_address else None
    kept = known.password_hash if known is not None and known.is_active else None
    is_right = passwords.matches(kept or passwords.UNMATCHABLE, password)
    if known is None or kept is None or not is_right:
        note_refused(db, key if is_address else "", Means.PASSWORD, visit=visit, now=now)
        raise SignInRefused
    fresh = passwords.rehashed(password) if passwords.is_outdated(kept) else kept
    with db.write() as session:
        # The password may have been changed, or its owner put out, while it was being checked.
        is_still_so = store.replace_hash(session, known.user_id, seen=kept, by=fresh)
        editor = _through(session, known.user_id, Means.PASSWORD, visit=visit, now=now) if is_still_so else None
        if editor is None:
            raise SignInRefused
        store.forgive_attempts(session, *_counters(key, network, now=now))
    return editor


def make_link(db: Database, user_id: int, *, now: datetime, valid_for: timedelta = LINK_VALID_FOR) -> str:
    """Returns the token of a new one-time link and voids the person's older unused ones; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with db.write() as session:
        _with_new_link(session, user_id, token, expires_at=now + valid_for)
    return token


def use_link(db: Database, token: str, *, now: datetime, network: str, visit: Visit = NOWHERE) -> Editor:
    """Returns whoever this one-time link belongs to, once; SignInRefused ever after, and for any other text.

    Who has a second factor is not in before its code; the link is used up all the same.

    Raises TooManyAttempts after 20 wrong ones of a network in a quarter of an hour. A page that is merely looked at
    (mail scanners follow links) must not call this: it belongs behind a button.
    """
    throttle(db, _network_parts(network), limit=TRIES_A_NETWORK, window=WINDOW, now=now)
    with db.write() as session:
        user_id = store.spend_link(session, _hash_of(token), at=now)
        user = None if user_id is None else store.user(session, user_id)
        editor = None if user is None else _through(session, user.id, Means.LINK, visit=visit, now=now)
        if user is None or editor is None:
            raise SignInRefused("This link was used already, is too old or is damaged. Ask for a new one.")
        store.forgive_attempts(session, *_counters(user.address_key, network, now=now))
    return editor


def link_owner(db: Database, token: str, *, now: datetime) -> Editor | None:
    """Returns whom this one-time link would let in, None when nobody; the link is not used up by asking."""
    with db.read() as session:
        return store.link_owner(session, _hash_of(token), at=now)


def _through(session: Session, user_id: int, means: Means, *, visit: Visit, now: datetime) -> Editor | None:
    """Lets an active person in, or up to the question for a code where they have a second factor."""
    editor = store.editor(session, user_id)
    if editor is None or editor.has_second_factor:
        return editor
    return let_in(session, user_id, means, visit=visit, now=now)


def _added(session: Session, address: Address, *, name: str, role: Role, now: datetime, by: int | None) -> int | None:
    """Makes a person and writes that down; None when the address is taken."""
    user_id = store.add_user(
        session,
        address=address.address,
        address_key=address.key,
        name=cleaned_name(name) or address.address.partition("@")[0],
        role=role,
        at=now,
    )
    if user_id is not None:
        after = {"role": role.value}
        record(session, at=now, actor=by, verb="created", subject="user", subject_id=user_id, after=after)
    return user_id


def _with_new_link(session: Session, user_id: int, token: str, *, expires_at: datetime) -> User:
    """Gives an active person this one-time link in the place of their older unused ones, and returns their row."""
    user = store.user(session, user_id, for_change=True)
    if user is None:
        raise NotFoundError("user", user_id)
    if not user.is_active:
        raise StateError("This person was put out; give them their place back first.")
    store.void_links(session, user_id)
    store.add_link(session, _hash_of(token), user_id, expires_at=expires_at)
    return user


def _key_of(address: str) -> tuple[str, bool]:
    # What is no address is nobody's: it is counted and refused like an unknown one, and never reaches a query.
    try:
        return checked_address(address).key, True
    except InvalidError:
        return address.strip().casefold(), False


def _network_parts(network: str) -> list[str]:
    return ["sign-in", "network", network]


def _address_parts(key: str) -> list[str]:
    return ["sign-in", "address", key]


def _counters(key: str, network: str, *, now: datetime) -> tuple[tuple[str, datetime], tuple[str, datetime]]:
    window = WINDOW
    return counter(_address_parts(key), window=window, now=now), counter(
        _network_parts(network), window=window, now=now
    )


def _hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
