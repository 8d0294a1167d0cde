"""Takes a file of readers in, chunk by chunk, each in one transaction with the mark behind it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from curator.activity.store import record as log
from curator.addresses import Address
from curator.audience import asking, consent
from curator.audience import store as audience
from curator.audience.growth import store as sums
from curator.audience.growth.spans import of_suppression
from curator.audience.growth.values import Change
from curator.audience.moving import store
from curator.audience.moving.fates import HOW, REASONS, after, fate
from curator.audience.moving.reading import CHUNK_ROWS, Chunk, Source, chunks
from curator.audience.moving.values import MOST_TRIES, Fate, Import, Mark, Part, Person, Phase, Plan, Tally
from curator.audience.moving.vendors import VENDORS
from curator.audience.record import store as record
from curator.audience.tags.rules import key_of
from curator.audience.values import ConsentRow, ConsentStep, SuppressionReason
from curator.clock import Clock
from curator.db import Database, Session
from curator.names import one_line
from curator.newsletters import store as newsletters

# Whoever has one of these fates is a subscriber, then or before.
_READERS = (Fate.ADDED, Fate.ASKED, Fate.ALREADY_THERE, Fate.LEFT_BEFORE, Fate.ENDED)
_LABELLED = (Fate.ADDED, Fate.ASKED, Fate.ALREADY_THERE)


def _never() -> bool:
    return False


def take_in(
    db: Database,
    import_id: int,
    source: Source,
    *,
    clock: Clock,
    is_over: Callable[[], bool] = _never,
    chunk_rows: int = CHUNK_ROWS,
) -> bool:
    """Takes in what stands behind the mark of a running import; True when its time was over before the file was.

    A chunk, its mark and its counts are one transaction. A kill leaves whole chunks, and the next call reads on behind
    the last: the end is the same however often that happens. It stops when the import is cancelled, and when another
    process took it on. Nobody is brought back by a file (`fates`). Raises InvalidError for a file that is gone or
    damaged.
    """
    begun = _begin(db, import_id, clock=clock)
    if begun is None:
        return False
    job, mark, tally = begun
    for chunk in chunks(source, job.parts, job.plan, newsletter=job.slug, mark=mark, size=chunk_rows):
        if is_over():
            return True
        written = _write(db, job, chunk, mark=mark, tally=tally, now=clock())
        if written is None:
            return False
        mark, tally = chunk.mark, written
    return False


@dataclass(frozen=True)
class _Job:
    """What is the same for every chunk."""

    id: int
    newsletter_id: int
    slug: str
    actor: int | None
    parts: Sequence[Part]
    plan: Plan
    places: Sequence[str]


def _begin(db: Database, import_id: int, *, clock: Clock) -> tuple[_Job, Mark, Tally] | None:
    """Notes that a process is at it; None when it is not running, or when too many died of it."""
    with db.write() as session:
        found = store.one(session, import_id, lock=True)
        if found.phase is not Phase.RUNNING or found.plan is None:
            return None
        if found.tries >= MOST_TRIES:
            note = f"It ended {MOST_TRIES} times without a word near line {found.mark.line:,}. The log may tell why."
            store.change(session, import_id, phases=[Phase.RUNNING], phase=Phase.FAILED, note=note, seen_at=clock())
            return None
        store.change(session, import_id, phases=[Phase.RUNNING], tries=found.tries + 1, seen_at=clock())
        slug = newsletters.newsletter(session, found.newsletter_id).slug
    places = [_place(found, part.name) for part in found.parts]
    job = _Job(found.id, found.newsletter_id, slug, found.actor, found.parts, found.plan, places)
    return job, found.mark, found.tally


def _place(found: Import, part: str) -> str:
    """Returns what the record of consent says of where: the file, and in a zip the file within."""
    name = part.rpartition("/")[2]
    return one_line(found.file_name if len(found.parts) == 1 else f"{found.file_name}: {name}", max_characters=170)


def _write(db: Database, job: _Job, chunk: Chunk, *, mark: Mark, tally: Tally, now: datetime) -> Tally | None:
    """Writes a chunk and moves the mark; None when the import is no longer where it was."""
    with db.write() as session:
        if not store.hold(session, job.id, mark=mark):
            return None
        growth: Counter[tuple[int, Change]] = Counter()
        if chunk.people:
            writing = _Writing(session, job, chunk.part, now)
            chunk.tally = chunk.tally.plus(writing.write(chunk.people))
            growth = writing.growth
        total = tally.plus(chunk.tally)
        store.refuse(session, job.id, chunk.part, chunk.refused, room=store.MAX_REFUSALS - tally.refused)
        store.advance(session, job.id, mark=chunk.mark, tally=total, now=now)
        if chunk.mark.part == len(job.parts):
            _finish(session, job, total, now=now)
        for (newsletter_id, what), number in sorted(growth.items()):
            sums.add(session, newsletter_id, {what: number}, at=now)
    return total


def _finish(session: Session, job: _Job, tally: Tally, *, now: datetime) -> None:
    store.change(session, job.id, phases=[Phase.RUNNING], phase=Phase.DONE, finished_at=now, note="")
    note(session, job.newsletter_id, job.id, tally, actor=job.actor, now=now)


def note(
    session: Session, newsletter_id: int, import_id: int, tally: Tally, *, actor: int | None, now: datetime
) -> None:
    """Writes into the log what a file changed; nothing where it changed nothing."""
    told = {"added": tally.added, "asked": tally.asked, "ended": tally.ended, "kept_out": tally.kept_out}
    if any(told.values()):
        log(
            session,
            at=now,
            actor=actor,
            verb="imported",
            subject="newsletter",
            subject_id=newsletter_id,
            after={**told, "import": import_id},
        )


@dataclass
class _Writing:
    """Writes the people of one chunk."""

    session: Session
    job: _Job
    part: int
    now: datetime
    tally: Tally = field(default_factory=Tally)
    # Who came and left by it: newsletter, way.
    growth: Counter[tuple[int, Change]] = field(default_factory=Counter)

    def write(self, people: Sequence[Person]) -> Tally:
        """Decides row by row, as if each were written before the next is looked at, and writes all at once."""
        found = self._decided(people)
        self._keep_out([person for person, fate_ in found if fate_ is Fate.KEPT_OUT])
        readers = [(person, fate_) for person, fate_ in found if fate_ in _READERS]
        if readers:
            ids = self._people(readers)
            self._subscribe([person for person, fate_ in readers if fate_ is Fate.ADDED], ids)
            self._ask([person for person, fate_ in readers if fate_ is Fate.ASKED], ids)
            self._end([person for person, fate_ in readers if fate_ is Fate.ENDED], ids)
            self._label([person for person, fate_ in readers if fate_ in _LABELLED], ids)
        return self.tally

    def _decided(self, people: Sequence[Person]) -> list[tuple[Person, Fate]]:
        newsletter_id = self.job.newsletter_id
        here = store.standings(self.session, newsletter_id, {person.address.key for person in people})
        found = []
        for person in people:
            key = person.address.key
            decided = fate(person, here[key], asks_anew=self.job.plan.asks_anew)
            here[key] = after(decided, here[key], newsletter_id=newsletter_id, now=self.now)
            self.tally.count(decided)
            found.append((person, decided))
        return found

    def _keep_out(self, people: Iterable[Person]) -> None:
        reasons: dict[str, SuppressionReason] = {}
        for person in people:
            reason = REASONS[person.standing]
            known = reasons.get(person.address.key)
            reasons[person.address.key] = reason if known is None or reason.outweighs(known) else known
        if reasons:
            for reason in set(reasons.values()):
                keys = [key for key in reasons if reasons[key] is reason]
                for newsletter_id, number in store.getting_mail(self.session, keys).items():
                    self.growth[newsletter_id, of_suppression(reason)] += number
            told = f"{VENDORS[self.job.plan.vendor].name}: {self.job.places[self.part]}"
            store.suppress(self.session, reasons, note=told, now=self.now)

    def _people(self, readers: Sequence[tuple[Person, Fate]]) -> dict[str, int]:
        """Makes subscribers of all: the address as first written, the first name that is not empty."""
        people: dict[str, tuple[Address, str]] = {}
        each: dict[str, tuple[datetime, str]] = {}
        for person, _ in readers:
            key = person.address.key
            address, name = people.get(key, (person.address, ""))
            people[key] = (address, name or person.name)
            joined = person.joined_at if person.joined_at and person.joined_at < self.now else self.now
            each.setdefault(key, (joined, person.source or HOW))
        return audience.ensure_subscribers(self.session, people, at=self.now, source=HOW, each=each)

    def _subscribe(self, people: Sequence[Person], ids: dict[str, int]) -> None:
        wanted = {ids[person.address.key]: person for person in people}
        new = audience.subscribe_new(self.session, self.job.newsletter_id, list(wanted), at=self.now, how=HOW)
        store.record(self.session, [(id_, self._step(wanted[id_], ConsentStep.IMPORTED)) for id_ in new])
        self.growth[self.job.newsletter_id, Change.IMPORTED] += len(new)
        # Somebody else subscribed them at this very moment.
        raced = len(people) - len(new)
        self.tally.added -= raced
        self.tally.already_there += raced

    def _ask(self, people: Sequence[Person], ids: dict[str, int]) -> None:
        for person in people:
            reader = record.hold(self.session, ids[person.address.key])
            since = self.now - consent.DENIAL_HOLDS
            if reader is None or record.was_denied_since(self.session, reader.id, since):
                self.tally.asked -= 1
                self.tally.aside += 1
                continue
            step = self._step(person, ConsentStep.ASKED)
            place, words = step.place, step.words
            asking.ask(self.session, self.job.newsletter_id, reader, place=place, words=words, now=self.now)

    def _end(self, people: Sequence[Person], ids: dict[str, int]) -> None:
        ended = {ids[person.address.key]: person for person in people}
        if ended:
            left = store.end(self.session, self.job.newsletter_id, list(ended), now=self.now)
            self.growth[self.job.newsletter_id, Change.UNSUBSCRIBED] += left
            rows = [(id_, self._step(person, ConsentStep.LEFT)) for id_, person in ended.items()]
            store.record(self.session, rows)

    def _label(self, people: Sequence[Person], ids: dict[str, int]) -> None:
        names = dict.fromkeys(name for person in people for name in person.tags)
        subjects = dict.fromkeys(name for person in people for name in person.interests)
        if not names and not subjects:
            return
        tags = store.ensure_tags(self.session, names) if names else {}
        interests = store.ensure_interests(self.session, self.job.newsletter_id, subjects) if subjects else {}
        bearing, named = set(), set()
        for person in people:
            who = ids[person.address.key]
            bearing |= {(who, tags.get(key_of(name))) for name in person.tags}
            named |= {(who, interests.get(name.casefold())) for name in person.interests}
        found = {(who, tag) for who, tag in bearing if tag}, {(who, interest) for who, interest in named if interest}
        self.tally.dropped += len(bearing) + len(named) - len(found[0]) - len(found[1])
        store.put_on(self.session, tags=found[0], interests=found[1], now=self.now)

    def _step(self, person: Person, step: ConsentStep) -> ConsentRow:
        place = f"{self.job.places[self.part]}, line {person.line}"
        return ConsentRow(self.job.newsletter_id, step, self.now, place, person.words)
