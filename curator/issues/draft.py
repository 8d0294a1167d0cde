"""PICK -> ISSUE: draws up an issue from fresh items."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from curator.activity import store as activity
from curator.db import Database, Session
from curator.issues import compose, illustrate, slotted, store
from curator.issues.blocks import store as blocks
from curator.issues.notices import store as notices
from curator.issues.offered import offered
from curator.issues.planned import store as planned
from curator.issues.values import IssueState
from curator.letters.values import LetterKind
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec, Takes, WhenShort
from curator.picks import store as picks
from curator.picks.stories import store as stories
from curator.picks.values import Candidate


@dataclass(frozen=True)
class _Choice:
    """One block to be: a pick that an editor made before, or else an item with the reasons to pick it."""

    section_id: int
    pick_id: int | None = None
    item_id: int = 0
    reasons: str = ""


def draft(
    db: Database,
    newsletter_id: int,
    *,
    now: datetime,
    slot: str | None = None,
    due_at: datetime | None = None,
    by: int | None = None,
    include_archive: bool = False,
    unless_open: bool = False,
    planned_id: int | None = None,
) -> int:
    """Drafts an issue and returns its id: editors' waiting picks first, then what `offered` has, in budgets.

    A slot is drafted once: a second call, also at the same moment from another process, returns the issue that is
    there. With too few picks the issue is held (with what was found) or its slot is skipped, as the newsletter says;
    the note says why. `include_archive` also takes what was in the feeds before they were added, however old.
    `unless_open` returns the issue that can still be edited, where there is one: a form sent twice starts one issue.
    `planned_id` is the issue outside of the cadence that this is the draft of; it too is drafted once.

    What the clock drafts is told to whoever writes.

    All of it is one transaction: a crash leaves nothing behind, and the next call drafts anew.
    """
    with db.write() as session:
        store.lock_newsletter(session, newsletter_id)
        known = _drafted(session, newsletter_id, slot, planned_id)
        if known is not None:
            return known
        if unless_open and (current := store.current_issue(session, newsletter_id)) is not None:
            return current.id
        newsletter = newsletters.newsletter(session, newsletter_id)
        choices = _choices(session, newsletter, now=now, include_archive=include_archive)
        state, note = _state(newsletter, found=len(choices), due_at=due_at)
        number = store.last_number(session, newsletter_id) + 1
        issue_id = store.add_issue(
            session, newsletter_id, number=number, slot=slot, state=state, due_at=due_at, note=note, now=now
        )
        if state is not IssueState.SKIPPED:
            _place(session, newsletter_id, issue_id, choices, now=now)
            slotted.place_all(session, newsletter, issue_id)
            illustrate.want(session, issue_id, now=now)
        if planned_id is not None:
            planned.note_drafted(session, planned_id, issue_id)
        after = {"slot": slot, "state": state.value, "picks": len(choices)}
        activity.record(session, at=now, actor=by, verb="drafted", subject="issue", subject_id=issue_id, after=after)
        if by is None and state is not IssueState.SKIPPED:
            notices.tell(
                session,
                LetterKind.DRAFT_READY,
                newsletter_id=newsletter_id,
                issue_id=issue_id,
                once="",
                now=now,
                words=note,
            )
        return issue_id


def _drafted(session: Session, newsletter_id: int, slot: str | None, planned_id: int | None) -> int | None:
    if planned_id is not None:
        return planned.planned(session, planned_id).issue_id
    return None if slot is None else store.issue_of_slot(session, newsletter_id, slot)


def _choices(session: Session, newsletter: NewsletterSpec, *, now: datetime, include_archive: bool) -> list[_Choice]:
    waiting = blocks.waiting_picks(session, newsletter.id)
    found = offered(session, newsletter, now=now, include_archive=include_archive)
    story_of = stories.stories_of(session, [each.item.id for those in found.values() for each in those])
    told = stories.dealt_with(session, newsletter.id, now=now)
    chosen: list[_Choice] = []
    for section in newsletter.sections:
        by_hand = [_Choice(section.id, pick_id=pick) for pick, section_id in waiting if section_id == section.id]
        untold = found[section.id]
        if section.takes is Takes.ARTICLES:
            untold = _each_once(untold, story_of, told)
        machine = untold[: max(section.budget - len(by_hand), 0)]
        told |= {story_of[each.item.id] for each in machine if each.item.id in story_of}
        chosen += by_hand
        chosen += [_Choice(section.id, item_id=each.item.id, reasons="; ".join(each.reasons)) for each in machine]
    return chosen


def _each_once(found: Sequence[Candidate], story_of: Mapping[int, int], told: Set[int]) -> list[Candidate]:
    """Returns the candidates without those whose story is dealt with, or told by one that stands before."""
    seen: set[int] = set(told)
    kept = []
    for each in found:
        story = story_of.get(each.item.id)
        if story is None or story not in seen:
            kept.append(each)
        if story is not None:
            seen.add(story)
    return kept


def _state(newsletter: NewsletterSpec, *, found: int, due_at: datetime | None) -> tuple[IssueState, str]:
    if found >= newsletter.minimum_picks:
        return IssueState.DRAFT, ""
    short = short_note(found, newsletter.minimum_picks)
    if newsletter.when_short is WhenShort.SKIP and due_at is not None:
        return IssueState.SKIPPED, f"{short} This slot was skipped, as the newsletter's settings say."
    return IssueState.HELD, f"{short} Pick more in the inbox, or approve it as it is."


def short_note(found: int, minimum: int) -> str:
    """Returns in words how many picks were found and how many are wanted."""
    picks_found = "No pick was found" if found == 0 else f"{found} {'pick was' if found == 1 else 'picks were'} found"
    return f"{picks_found} for this issue; at least {minimum} {'is' if minimum == 1 else 'are'} wanted."


def _place(session: Session, newsletter_id: int, issue_id: int, choices: list[_Choice], *, now: datetime) -> None:
    pick_ids: list[int] = []
    for choice in choices:
        pick_id = choice.pick_id or picks.add_pick(
            session, newsletter_id, choice.item_id, choice.section_id, by=None, now=now, reasons=choice.reasons
        )
        blocks.add_block(session, issue_id, choice.section_id, pick_id=pick_id)
        pick_ids.append(pick_id)
    picked = picks.picked_items(session, pick_ids)
    titles = [picked[pick_id].title for pick_id in pick_ids]
    store.set_settings(session, issue_id, subject=compose.subject(titles), preheader=compose.preheader(titles))
