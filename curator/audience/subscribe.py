"""Takes people in and lets them go: by hand, by file, by their own link; and keeps addresses from ever being mailed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from curator.activity.store import record as log
from curator.addresses import Address, checked_address
from curator.audience import consent, store
from curator.audience.consent import Effect
from curator.audience.csv_rows import CsvRow, read_csv
from curator.audience.record import store as record
from curator.audience.steps import Step, take
from curator.audience.values import (
    ConsentRow,
    ConsentStep,
    ImportReport,
    RowError,
    SubscriptionState,
    SuppressionReason,
)
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.names import cleaned_name, one_line
from curator.newsletters import store as newsletters

CHUNK_ROWS = 1000
MAX_LISTED_ERRORS = 1000  # a file of rubbish must not become a report of a million lines


def add(
    db: Database,
    newsletter_id: int,
    address: str,
    *,
    now: datetime,
    name: str = "",
    how: str = "by hand",
    by: int | None = None,
) -> int:
    """Subscribes one person who asked for it and returns their subscriber id; a second call changes nothing.

    Somebody who left is subscribed again: whoever adds them by hand says that they asked. A name is filled in where
    there was none. A suppressed address and one that is no address are InvalidError("address").
    """
    checked = checked_address(address)
    with db.write() as session:
        newsletters.newsletter(session, newsletter_id)
        reason = store.suppression_reason(session, checked.key)
        if reason is not None:
            raise InvalidError(
                "address", f"This address must not be mailed (suppressed: {reason}). Lift its suppression first."
            )
        people = {checked.key: (checked, cleaned_name(name))}
        subscriber_id = store.ensure_subscribers(session, people, at=now, source=how[:100])[checked.key]
        record.hold(session, subscriber_id)
        take(session, newsletter_id, subscriber_id, Step(ConsentStep.ADDED, now, how, by=by))
    return subscriber_id


def unsubscribe(
    db: Database,
    newsletter_id: int,
    subscriber_id: int,
    *,
    now: datetime,
    how: str,
    by: int | None = None,
    place: str = "",
    words: str = "",
) -> bool:
    """Ends a subscription and returns whether it did: one that has ended, and one that never was, stay as they are.

    `how` is one of consent's own ways (LINK, ONE_CLICK, PREFERENCES) when the reader did it, or says who else.
    """
    with db.write() as session:
        record.hold(session, subscriber_id)
        step = Step(ConsentStep.LEFT, now, how, place=place, words=words, by=by)
        return take(session, newsletter_id, subscriber_id, step).effect is Effect.MOVED


def may_undo(db: Database, newsletter_id: int, subscriber_id: int, *, now: datetime) -> bool:
    """Tells whether `undo_unsubscribe` would bring the subscription back."""
    with db.read() as session:
        return _may_undo(session, newsletter_id, subscriber_id, now=now)


def undo_unsubscribe(
    db: Database, newsletter_id: int, subscriber_id: int, *, now: datetime, place: str = "", words: str = ""
) -> bool:
    """Takes a reader's own leaving of the last 30 days back and returns whether it did; a second call does nothing.

    Whoever denied the sign-up, never confirmed it, was taken out at the desk or must not be mailed stays out.
    """
    with db.write() as session:
        record.hold(session, subscriber_id)
        if not _may_undo(session, newsletter_id, subscriber_id, now=now):
            return False
        step = Step(ConsentStep.RETURNED, now, "returned", place=place, words=words)
        return take(session, newsletter_id, subscriber_id, step).effect is Effect.MOVED


def _may_undo(session: Session, newsletter_id: int, subscriber_id: int, *, now: datetime) -> bool:
    seen = store.subscriber_row(session, newsletter_id, subscriber_id)
    if seen is None or seen.suppression is not None:
        return False
    steps = [row.step for row in record.newest(session, subscriber_id, newsletter_id)]
    return consent.may_return(record.subscription(session, newsletter_id, subscriber_id), steps, now=now)


def suppress(
    db: Database,
    address: str,
    reason: SuppressionReason,
    *,
    now: datetime,
    note: str = "",
    by: int | None = None,
) -> None:
    """Keeps an address from ever being mailed, whether or not anybody subscribed with it.

    Subscriptions stay as they are, so that lifting the suppression gives them back. An address that is suppressed
    keeps its reason unless the new one outweighs it.
    """
    key = checked_address(address).key
    said = one_line(note, max_characters=300)
    with db.write() as session:
        before = None
        if not store.add_suppression(session, key, reason, note=said, at=now):
            before = store.suppression_reason(session, key, for_change=True)
            if before is not None and not reason.outweighs(before):
                return
            store.put_suppression(session, key, reason, note=said, at=now)
        log(
            session,
            at=now,
            actor=by,
            verb="suppressed",
            subject="subscriber",
            subject_id=store.subscriber_id(session, key) or 0,
            before={"reason": None if before is None else before.value},
            after={"reason": reason.value},
        )


def unsuppress(db: Database, address: str, *, now: datetime, by: int | None = None) -> None:
    """Lets an address be mailed again; one that is not suppressed is left as it is."""
    key = checked_address(address).key
    with db.write() as session:
        reason = store.drop_suppression(session, key)
        if reason is not None:
            log(
                session,
                at=now,
                actor=by,
                verb="unsuppressed",
                subject="subscriber",
                subject_id=store.subscriber_id(session, key) or 0,
                before={"reason": reason.value},
            )


@dataclass
class _Tally:
    """The running counts of an import."""

    report: ImportReport = field(default_factory=lambda: ImportReport(0, 0, 0, ()))
    refused: list[RowError] = field(default_factory=list)

    def refuse(self, error: RowError) -> None:
        if len(self.refused) < MAX_LISTED_ERRORS:
            self.refused.append(error)
        else:
            self.report = replace(self.report, refused_beyond=self.report.refused_beyond + 1)

    def count(self, *, added: int, already_there: int, suppressed: int, ended_before: int) -> None:
        self.report = replace(
            self.report,
            added=self.report.added + added,
            already_there=self.report.already_there + already_there,
            suppressed=self.report.suppressed + suppressed,
            ended_before=self.report.ended_before + ended_before,
        )


def import_csv(
    db: Database, newsletter_id: int, content: bytes, *, now: datetime, by: int | None = None
) -> ImportReport:
    """Subscribes everybody in a CSV file and returns what became of each row; a second import changes nothing.

    Nobody is brought back by a file: suppressed addresses and people who left are counted and stay out, and whoever
    has yet to confirm still has to. 1,000 rows are one transaction: a crash leaves whole chunks behind, and importing
    the file again adds the rest. Raises InvalidError("file") for a file that cannot be read at all (csv_rows.read_csv)
    and NotFoundError for an unknown newsletter, both before anything is written.
    """
    rows = read_csv(content)
    with db.read() as session:
        newsletters.newsletter(session, newsletter_id)
    tally = _Tally()
    for chunk in _chunks(rows, tally):
        _import_chunk(db, newsletter_id, chunk, tally, now=now, by=by)
    return replace(tally.report, refused=tuple(tally.refused))


def _chunks(rows: Iterator[CsvRow | RowError], tally: _Tally) -> Iterator[Sequence[CsvRow]]:
    """Yields good rows by the thousand, in the file's order; the bad ones go to the tally."""

    def good() -> Iterator[CsvRow]:
        for row in rows:
            if isinstance(row, RowError):
                tally.refuse(row)
            else:
                yield row

    people = good()
    while chunk := list(islice(people, CHUNK_ROWS)):
        yield chunk


def _import_chunk(
    db: Database, newsletter_id: int, rows: Sequence[CsvRow], tally: _Tally, *, now: datetime, by: int | None
) -> None:
    everybody = _people(rows)
    with db.write() as session:
        suppressed = store.suppressed_keys(session, everybody)
        people = {key: person for key, person in everybody.items() if key not in suppressed}
        ids = store.ensure_subscribers(session, people, at=now, source="import")
        states = store.subscription_states(session, newsletter_id, ids.values())
        fresh = [id_ for id_ in ids.values() if _takes_in(states.get(id_))]
        new = store.subscribe_new(session, newsletter_id, fresh, at=now, how="import")
        record.add(session, ConsentRow(newsletter_id, ConsentStep.IMPORTED, now, "import", ""), new)
        added = len(new)
        if added:
            log(
                session,
                at=now,
                actor=by,
                verb="imported",
                subject="newsletter",
                subject_id=newsletter_id,
                after={"added": added},
            )
    ended = {key for key, id_ in ids.items() if states.get(id_) is SubscriptionState.ENDED}
    out = sum(row.address.key in suppressed for row in rows)
    gone = sum(row.address.key in ended for row in rows)
    tally.count(added=added, already_there=len(rows) - added - out - gone, suppressed=out, ended_before=gone)


def _takes_in(state: SubscriptionState | None) -> bool:
    return consent.outcome(state, ConsentStep.IMPORTED).effect is Effect.MOVED


def _people(rows: Sequence[CsvRow]) -> dict[str, tuple[Address, str]]:
    """Returns each person of a chunk once: the address as first written, the first name that is not empty."""
    people: dict[str, tuple[Address, str]] = {}
    for row in rows:
        address, name = people.get(row.address.key, (row.address, ""))
        people[row.address.key] = (address, name or row.name)
    return people
