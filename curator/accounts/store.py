"""Queries over people at the desk, their links, and the counters of tries."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, tuple_, update
from sqlalchemy.orm import Session

from curator.accounts.places.store import approvers as approvers  # noqa: PLC0414 - other rooms ask through this file
from curator.accounts.places.store import places
from curator.accounts.places.store import stand_ins as stand_ins  # noqa: PLC0414 - other rooms ask through this file
from curator.accounts.tables import Attempt, SecondFactor, SignInLink, User
from curator.accounts.values import Editor, EditorRow, Right, Role, role_in
from curator.db import changed, upsert

HAS_FACTOR = exists().where(SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None))
"""Whether the person of a query is asked for a code."""


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against; without a password only a link lets its owner in."""

    user_id: int
    password_hash: str | None
    is_active: bool


# --- reading people


def editor(session: Session, user_id: int) -> Editor | None:
    """Returns the active person with this id, None when there is none (any more); their places are not read."""
    found = session.execute(select(User, HAS_FACTOR).where(User.id == user_id, User.is_active)).one_or_none()
    return None if found is None else editor_of(found[0], has_factor=found[1])


def editors(session: Session) -> list[EditorRow]:
    """Returns everybody at the desk, active or not, by name; two queries."""
    known = places(session)
    users = session.execute(select(User, HAS_FACTOR).order_by(User.name, User.id))
    return [
        EditorRow(
            id=user.id,
            address=user.address,
            name=user.name,
            role=Role(user.role),
            is_active=user.is_active,
            has_password=user.password_hash is not None,
            created_at=user.created_at,
            signed_in_at=user.signed_in_at,
            has_second_factor=has_factor,
            away_until=user.away_until,
            places=known.get(user.id, {}),
        )
        for user, has_factor in users
    ]


def able(session: Session, right: Right, newsletter_id: int, *, at: datetime) -> list[EditorRow]:
    """Returns who has a right in a newsletter at a moment, by name: by their role there, or in somebody's stead."""
    is_publishing = right is Right.PUBLISH
    standing = {each.user_id for each in stand_ins(session, newsletter_id, at)} if is_publishing else set()
    found = []
    for person in editors(session):
        role = role_in(newsletter_id, person.role, person.places)
        if person.is_active and role is not None and (right in role.rights or person.id in standing):
            found.append(person)
    return found


def has_users(session: Session) -> bool:
    """Tells whether anybody was ever given a place at the desk."""
    return session.execute(select(User.id).limit(1)).first() is not None


def staff_keys(session: Session) -> set[str]:
    """Returns the addresses (as keys) of everybody who has a place at the desk: whom test mode lets mail through to."""
    return set(session.scalars(select(User.address_key).where(User.is_active)))


def user_id(session: Session, address_key: str) -> int | None:
    """Returns the id of the person with this address, active or not, None when there is none."""
    return session.execute(select(User.id).where(User.address_key == address_key)).scalar_one_or_none()


def address_key_of(session: Session, user_id: int) -> str:
    """Returns the address (as a key) of a person; "" for nobody."""
    return session.scalar(select(User.address_key).where(User.id == user_id)) or ""


def credentials(session: Session, address_key: str) -> Credentials | None:
    """Returns what a sign-in with this address is checked against, None for an unknown one."""
    found = session.execute(
        select(User.id, User.password_hash, User.is_active).where(User.address_key == address_key)
    ).one_or_none()
    return None if found is None else Credentials(*found)


def user(session: Session, user_id: int, *, for_change: bool = False) -> User | None:
    """Returns the row of a person; `for_change` holds it until the commit."""
    query = select(User).where(User.id == user_id)
    return session.execute(query.with_for_update() if for_change else query).scalar_one_or_none()


def active_owner_ids(session: Session) -> set[int]:
    """Returns all active owners and holds their rows until the commit, so that two cannot put each other out."""
    owners = select(User.id).where(User.role == Role.OWNER, User.is_active).order_by(User.id).with_for_update()
    return set(session.scalars(owners))


# --- changing people


def add_user(session: Session, *, address: str, address_key: str, name: str, role: Role, at: datetime) -> int | None:
    """Makes a person without a password and returns their id; None when the address is taken."""
    row = {
        "address": address,
        "address_key": address_key,
        "name": name,
        "role": role,
        "password_hash": None,
        "is_active": True,
        "has_shortcuts": True,
        "epoch": 0,
        "created_at": at,
        "signed_in_at": None,
    }
    return user_id(session, address_key) if upsert(session, User, [row], keys=["address_key"]) else None


def note_sign_in(session: Session, user_id: int, *, at: datetime) -> Editor | None:
    """Writes down that an active person came in and returns them; None when they may not."""
    came = update(User).where(User.id == user_id, User.is_active).values(signed_in_at=at).returning(User.id)
    return None if session.execute(came).first() is None else editor(session, user_id)


def replace_hash(session: Session, user_id: int, *, seen: str, by: str) -> bool:
    """Swaps a password's hash for another one of the same password; False when it was changed meanwhile."""
    swapped = update(User).where(User.id == user_id, User.password_hash == seen).values(password_hash=by)
    return session.execute(swapped.returning(User.id)).first() is not None


# --- one-time links


def add_link(session: Session, token_hash: str, user_id: int, *, expires_at: datetime) -> None:
    """Writes a one-time link down by the hash of its token."""
    row = {"token_hash": token_hash, "user_id": user_id, "expires_at": expires_at, "used_at": None}
    upsert(session, SignInLink, [row], keys=["token_hash"])


def void_links(session: Session, user_id: int) -> None:
    """Takes away every unused link of a person."""
    session.execute(delete(SignInLink).where(SignInLink.user_id == user_id, SignInLink.used_at.is_(None)))


def spend_link(session: Session, token_hash: str, *, at: datetime) -> int | None:
    """Uses up an unused, unexpired link and returns whose it is; of two who try at once, one gets None."""
    spent = (
        update(SignInLink)
        .where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > at)
        .values(used_at=at)
        .returning(SignInLink.user_id)
    )
    return session.execute(spent).scalar_one_or_none()


def link_owner(session: Session, token_hash: str, *, at: datetime) -> Editor | None:
    """Returns whom an unused, unexpired link would let in, None when it lets in nobody; the link stays as it is."""
    usable = SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > at
    query = select(User).join(SignInLink, SignInLink.user_id == User.id).where(*usable, User.is_active)
    found = session.scalars(query).one_or_none()
    return None if found is None else editor_of(found)


# --- counters of tries


def count_attempt(session: Session, key: str, window_at: datetime) -> int:
    """Counts one more try and returns how many there are in this window."""
    upsert(session, Attempt, [{"key": key, "window_at": window_at, "count": 0}], keys=["key", "window_at"])
    counted = (
        update(Attempt)
        .where(Attempt.key == key, Attempt.window_at == window_at)
        .values(count=Attempt.count + 1)
        .returning(Attempt.count)
    )
    return session.execute(counted).scalar_one()


def forgive_attempts(session: Session, address: tuple[str, datetime], network: tuple[str, datetime]) -> None:
    """Drops an address's counters and counts one try less for its network: only wrong tries are to count.

    Each is (key, beginning of the window).
    """
    session.execute(delete(Attempt).where(Attempt.key == address[0]))
    session.execute(
        update(Attempt)
        .where(Attempt.key == network[0], Attempt.window_at == network[1], Attempt.count > 0)
        .values(count=Attempt.count - 1)
    )


def attempts(session: Session, key: str, window_at: datetime) -> int:
    """Returns how many tries were counted in this window."""
    query = select(Attempt.count).where(Attempt.key == key, Attempt.window_at == window_at)
    return session.scalar(query) or 0


def prune_attempts(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Drops at most `limit` counters whose window began before a moment; returns how many."""
    old = select(Attempt.key, Attempt.window_at).where(Attempt.window_at < before).limit(limit)
    statement = delete(Attempt).where(tuple_(Attempt.key, Attempt.window_at).in_(old))
    statement = statement.execution_options(synchronize_session=False)
    return changed(session, statement)


def editor_of(user: User, *, has_factor: bool = False) -> Editor:
    """Returns a row as other rooms see a person."""
    return Editor(
        id=user.id,
        address=user.address,
        name=user.name,
        role=Role(user.role),
        epoch=user.epoch,
        has_shortcuts=user.has_shortcuts,
        has_second_factor=has_factor,
    )
