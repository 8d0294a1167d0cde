"""Back issues from files to rows: what an import would do, doing it, and taking it back.

Each issue is one transaction, so a crash leaves whole issues; importing the same files again adds what is missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import InvalidError, StateError
from curator.issues import store as issues
from curator.issues.back import store
from curator.issues.back.entries import headings
from curator.issues.back.matching import section_of, usual_section
from curator.issues.back.reading import back_issues
from curator.issues.back.values import BackIssue, BackLink, Fate, File, Planned, Report, StandIns
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec, SectionSpec

MAX_FILES = 1_000
"""Of one import, and so of the issues in them: twenty years of a weekly newsletter."""

IMPORTED, TAKEN_BACK = "imported back issues of", "took back an import of"
_SUBJECT = "newsletter"


def planned(
    db: Database,
    newsletter_id: int,
    files: Sequence[File],
    *,
    now: datetime,
    stand_ins: StandIns = StandIns(),  # noqa: B008 - it is frozen
) -> Report:
    """Returns what an import would do; nothing is written.

    Raises NotFoundError, and InvalidError for too many files or a section that is not there.
    """
    read = list(_read(files, stand_ins))
    with db.read() as session:
        spec = newsletters.newsletter(session, newsletter_id)
        usual = _usual(spec, stand_ins.section_id)
        known = store.known(session, newsletter_id, {each.number for each in read if each.number is not None})
        taken: set[int] = set()
        plans = [_planned(each, known, taken, spec, usual, now=now) for each in read]
        return Report(tuple(_with_counts(session, newsletter_id, plans)))


def take_in(
    db: Database,
    newsletter_id: int,
    files: Sequence[File],
    *,
    by: int | None,
    now: datetime,
    stand_ins: StandIns = StandIns(),  # noqa: B008 - it is frozen
) -> Report:
    """Imports what `planned` says is new and returns what became of each issue; again adds nothing.

    In the log the issues of one call by one person are one change, which can be taken back.
    """
    plan = planned(db, newsletter_id, files, now=now, stand_ins=stand_ins)
    done = [
        _imported(db, newsletter_id, each, by=by, now=now) if each.fate is Fate.NEW else each for each in plan.issues
    ]
    return Report(tuple(done))


def take_back(
    db: Database, newsletter_id: int, made: Iterable[store.Made], *, by: int | None, now: datetime
) -> list[int]:
    """Removes imported issues with the picks and items that came with them and that nothing else uses.

    Returns the ids of the issues that were there. Raises StateError when none was.
    """
    with db.write() as session:
        issues.lock_newsletter(session, newsletter_id)
        # Those that came last go first: a pick of the first stands in a later one as well.
        gone = [each.issue_id for each in reversed(list(made)) if store.remove(session, each)]
        if not gone:
            raise StateError("These issues are gone already.")
        after = {"newsletter": newsletter_id, "number": len(gone)}
        activity.record(
            session, at=now, actor=by, verb=TAKEN_BACK, subject=_SUBJECT, subject_id=newsletter_id, after=after
        )
    return gone


def _read(files: Sequence[File], stand_ins: StandIns) -> Iterable[BackIssue]:
    if len(files) > MAX_FILES:
        raise InvalidError("files", f"These are {len(files):,} files; at most {MAX_FILES:,} are imported at once.")
    read = [issue for file in files for issue in back_issues(file)]
    if len(read) > MAX_FILES:
        raise InvalidError("file", f"These hold {len(read):,} issues; at most {MAX_FILES:,} are imported at once.")
    if len(read) == 1:
        number, dated_on = read[0].number or stand_ins.number, read[0].dated_on or stand_ins.dated_on
        return [replace(read[0], number=number, dated_on=dated_on)]
    return read


def _usual(spec: NewsletterSpec, section_id: int | None) -> SectionSpec:
    wanted = next((section for section in spec.sections if section.id == section_id), None)
    if section_id is not None and wanted is None:
        raise InvalidError("section", "This newsletter has no such section.")
    usual = wanted or usual_section(spec.sections)
    if usual is None:
        raise InvalidError(
            "section", f"{spec.name} has no section yet; make one first, the links have to stand somewhere."
        )
    return usual


def _planned(
    issue: BackIssue,
    known: dict[int, store.Known],
    taken: set[int],
    spec: NewsletterSpec,
    usual: SectionSpec,
    *,
    now: datetime,
) -> Planned:
    missing = _missing(issue, spec, now=now)
    if missing:
        return Planned(issue, Fate.REFUSED, missing)
    number = issue.number or 0
    there = known.get(number)
    urls = {link.canonical for link in issue.links}
    if there is not None and there.imported_at is not None and urls == there.urls:
        return Planned(issue, Fate.KNOWN, f"It was imported on {there.imported_at:%-d %B %Y}.", issue_id=there.id)
    if there is not None:
        what = "was imported with other links" if there.imported_at is not None else "was made here"
        return Planned(issue, Fate.CLASH, f"Issue {number} is here already, and {what}.", issue_id=there.id)
    if number in taken:
        return Planned(issue, Fate.CLASH, f"Another of these files is issue {number} too.")
    taken.add(number)
    return _placed(issue, spec, usual)


def _missing(issue: BackIssue, spec: NewsletterSpec, *, now: datetime) -> str:
    """Returns why an issue cannot be imported, empty when it can."""
    if not issue.links:
        return "There is no link in it that could be read."
    if issue.number is None:
        return "Nothing tells its number: name it in the heading (“Issue 41”) or in the file's name (41.md)."
    if issue.dated_on is None:
        return "Nothing tells when it went out: write the date into it, or into the file's name (2024-05-01-41.md)."
    if _sent_at(issue.dated_on, spec) > now:
        return f"It is dated {issue.dated_on:%-d %B %Y}, which is still to come."
    return ""


def _placed(issue: BackIssue, spec: NewsletterSpec, usual: SectionSpec) -> Planned:
    """Gives every link its section, by the heading that it stands under."""
    found = {heading: section_of(heading, spec.sections) for heading in headings(issue.links)}

    def placed(link: BackLink) -> BackLink:
        return replace(link, section_id=(found[link.heading] or usual).id)

    told = tuple((heading, (section or usual).title) for heading, section in found.items() if heading)
    unknown = tuple(heading for heading, section in found.items() if heading and section is None)
    links = tuple(placed(link) for link in issue.links)
    return Planned(replace(issue, links=links), Fate.NEW, headings=told, unknown_headings=unknown)


def _with_counts(session: Session, newsletter_id: int, plans: Sequence[Planned]) -> Iterable[Planned]:
    """Counts which pages are here, and which of them were picked; a page of two issues is the second's as well."""
    urls = {link.canonical for each in plans if each.fate is Fate.NEW for link in each.issue.links}
    items = store.items_of(session, urls)
    picked = store.picked(session, newsletter_id, items.values())
    here, ran = set(items), {url for url, item_id in items.items() if item_id in picked}
    for each in plans:
        mine = {link.canonical for link in each.issue.links} if each.fate is Fate.NEW else set()
        yield replace(each, joined=len(mine & here), ran=len(mine & ran))
        here, ran = here | mine, ran | mine


def _sent_at(dated_on: date, spec: NewsletterSpec) -> datetime:
    """A back issue went out on its day at the hour at which the newsletter goes out today."""
    local = datetime.combine(dated_on, spec.cadence.at, ZoneInfo(spec.cadence.zone))
    return local.astimezone(UTC)


def _imported(db: Database, newsletter_id: int, plan: Planned, *, by: int | None, now: datetime) -> Planned:
    issue = plan.issue
    assert issue.number is not None
    assert issue.dated_on is not None
    with db.write() as session:
        issues.lock_newsletter(session, newsletter_id)
        if issue.number in store.known(session, newsletter_id, [issue.number]):
            return replace(plan, fate=Fate.CLASH, why=f"Issue {issue.number} came to be here meanwhile.")
        spec = newsletters.newsletter(session, newsletter_id)
        made = store.add(
            session,
            newsletter_id,
            issue.links,
            number=issue.number,
            title=issue.title,
            sent_at=_sent_at(issue.dated_on, spec),
            now=now,
        )
        _record(session, newsletter_id, made, by=by, now=now)
    return replace(plan, issue_id=made.issue_id)


def _record(session: Session, newsletter_id: int, made: store.Made, *, by: int | None, now: datetime) -> None:
    """Writes an issue down with those that came before it in the same call: one change, to be taken back as one."""
    batch = now.isoformat()
    begun = activity.take_begun(
        session,
        actor=by,
        verb=IMPORTED,
        subject=_SUBJECT,
        subject_id=newsletter_id,
        part=("batch", batch),
        since=now,
    )
    told = {"issue": made.issue_id, "picks": list(made.pick_ids), "items": list(made.item_ids)}
    rows = [*((begun or {}).get("made", [])), told]
    activity.record(
        session,
        at=now,
        actor=by,
        verb=IMPORTED,
        subject=_SUBJECT,
        subject_id=newsletter_id,
        before={"batch": batch, "made": rows},
        after={"newsletter": newsletter_id, "number": len(rows)},
    )
