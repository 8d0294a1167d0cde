"""Queries on how a newsletter is signed up for: its rules, the interests that it offers, those that readers chose."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from curator.audience.tables import AskedInterest, Interest, SignUpPolicy, SubscriberInterest
from curator.audience.values import InterestRow, SignUpRules, Welcome
from curator.db import upsert

# --- a newsletter's rules


def rules(session: Session, newsletter_id: int) -> SignUpRules:
    """Returns a newsletter's rules, the usual ones where nobody set any."""
    row = session.execute(
        select(
            SignUpPolicy.role_addresses,
            SignUpPolicy.disposable_addresses,
            SignUpPolicy.frame_origins,
            SignUpPolicy.own_page,
        ).where(SignUpPolicy.newsletter_id == newsletter_id)
    ).one_or_none()
    if row is None:
        return SignUpRules()
    return SignUpRules(Welcome(row[0]), Welcome(row[1]), tuple(row[2].split()), row[3])


def set_rules(session: Session, newsletter_id: int, wanted: SignUpRules) -> None:
    """Writes a newsletter's rules over whatever they were."""
    row = {
        "newsletter_id": newsletter_id,
        "role_addresses": wanted.role_addresses,
        "disposable_addresses": wanted.disposable_addresses,
        "frame_origins": "\n".join(wanted.frame_origins),
        "own_page": wanted.own_page,
    }
    names = [name for name in row if name != "newsletter_id"]
    upsert(session, SignUpPolicy, [row], keys=["newsletter_id"], update=names)


# --- the interests that a newsletter offers


def interests(session: Session, newsletter_ids: Collection[int]) -> dict[int, tuple[InterestRow, ...]]:
    """Returns what each of these newsletters offers, in its order; one query."""
    rows = session.execute(
        select(Interest.id, Interest.newsletter_id, Interest.name, Interest.position)
        .where(Interest.newsletter_id.in_(list(newsletter_ids)))
        .order_by(Interest.newsletter_id, Interest.position, Interest.id)
    )
    found: dict[int, list[InterestRow]] = {id_: [] for id_ in newsletter_ids}
    for row in rows:
        found[row.newsletter_id].append(InterestRow(*row))
    return {id_: tuple(each) for id_, each in found.items()}


def add_interest(session: Session, newsletter_id: int, name: str, *, position: int) -> int:
    """Adds an interest and returns its id."""
    row = Interest(newsletter_id=newsletter_id, name=name, position=position)
    session.add(row)
    session.flush()
    return row.id


def set_interest(session: Session, interest_id: int, *, name: str, position: int) -> None:
    """Gives an interest another name and place."""
    session.execute(update(Interest).where(Interest.id == interest_id).values(name=name, position=position))


def drop_interest(session: Session, interest_id: int) -> list[int]:
    """Removes an interest and returns whose it was."""
    whose = session.scalars(
        select(SubscriberInterest.subscriber_id)
        .where(SubscriberInterest.interest_id == interest_id)
        .order_by(SubscriberInterest.subscriber_id)
    ).all()
    session.execute(delete(Interest).where(Interest.id == interest_id))
    return list(whose)


def interest_readers(session: Session, interest_ids: Collection[int]) -> dict[int, int]:
    """Returns how many readers chose each of these interests."""
    query = select(SubscriberInterest.interest_id, func.count()).group_by(SubscriberInterest.interest_id)
    rows = session.execute(query.where(SubscriberInterest.interest_id.in_(list(interest_ids))))
    return {row[0]: row[1] for row in rows}


# --- the interests that readers chose


def chosen(session: Session, subscriber_id: int) -> set[int]:
    """Returns the interests that are a reader's, of all newsletters."""
    mine = SubscriberInterest.subscriber_id == subscriber_id
    return set(session.scalars(select(SubscriberInterest.interest_id).where(mine)))


def asked(session: Session, newsletter_id: int, subscriber_id: int) -> list[InterestRow]:
    """Returns what a reader ticked at their sign-up and has not confirmed, in the newsletter's order."""
    rows = session.execute(
        select(Interest.id, Interest.newsletter_id, Interest.name, Interest.position)
        .join(AskedInterest, AskedInterest.interest_id == Interest.id)
        .where(AskedInterest.subscriber_id == subscriber_id, Interest.newsletter_id == newsletter_id)
        .order_by(Interest.position, Interest.id)
    )
    return [InterestRow(*row) for row in rows]


def choose(session: Session, subscriber_id: int, newsletter_id: int, interest_ids: Collection[int]) -> None:
    """Makes a newsletter's interests of a reader these and no others."""
    _replace(session, SubscriberInterest, subscriber_id, newsletter_id, interest_ids)


def ask_for(session: Session, subscriber_id: int, newsletter_id: int, interest_ids: Collection[int]) -> None:
    """Keeps what was ticked at a sign-up until the mailbox confirms; an earlier sign-up's is forgotten."""
    _replace(session, AskedInterest, subscriber_id, newsletter_id, interest_ids)


def forget_asked(session: Session, newsletter_id: int, subscriber_ids: Collection[int]) -> None:
    """Forgets what these readers ticked at a sign-up that came to nothing."""
    whose = AskedInterest.subscriber_id.in_(list(subscriber_ids))
    session.execute(delete(AskedInterest).where(whose, _is_of(AskedInterest, newsletter_id)))


def give(session: Session, interest_id: int, subscriber_ids: Sequence[int]) -> None:
    """Makes an interest these readers' own, where it is not yet; whoever is gone meanwhile is left out."""
    rows: list[Mapping[str, int]] = [{"subscriber_id": id_, "interest_id": interest_id} for id_ in subscriber_ids]
    for start in range(0, len(rows), 500):
        upsert(
            session,
            SubscriberInterest,
            [dict(row) for row in rows[start : start + 500]],
            keys=["subscriber_id", "interest_id"],
        )


def _replace(
    session: Session,
    table: type[SubscriberInterest] | type[AskedInterest],
    subscriber_id: int,
    newsletter_id: int,
    interest_ids: Collection[int],
) -> None:
    session.execute(delete(table).where(table.subscriber_id == subscriber_id, _is_of(table, newsletter_id)))
    of_it = Interest.newsletter_id == newsletter_id, Interest.id.in_(list(interest_ids))
    known = session.scalars(select(Interest.id).where(*of_it)).all()
    if known:
        session.execute(insert(table), [{"subscriber_id": subscriber_id, "interest_id": id_} for id_ in known])


def _is_of(table: type[SubscriberInterest] | type[AskedInterest], newsletter_id: int) -> ColumnElement[bool]:
    return table.interest_id.in_(select(Interest.id).where(Interest.newsletter_id == newsletter_id))
