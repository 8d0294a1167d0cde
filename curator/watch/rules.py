"""Decides what needs a person, from how the installation stands. Pure."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from curator.mailings.values import BY_HAND
from curator.newsletters.slots import span
from curator.watch.values import AlertKind, OpenMailing, Standing, Trouble, WatchLimits

# Below what providers act on (MAIL.md): whoever hears of it here has time left.
_LEAST_COMPLAINTS, _MOST_COMPLAINED = 2, 0.0008
_LEAST_BOUNCES, _MOST_BOUNCED = 20, 0.02
# A provider that blocks a sender refuses all of its readers there; 5 in 1,000 is one of the smaller ones.
_LEAST_BLOCKED, _MOST_BLOCKED = 10, 0.005
_TRIES = 5
_WHY_IT_STANDS = "Mend what stopped it, and let it go on; or cancel it."


def troubles(now: Standing, limits: WatchLimits) -> list[Trouble]:
    """Returns everything that stands wrong, the gravest kinds first."""
    return [each for rule in _RULES for each in rule(now, limits)]


def silence(now: Standing) -> timedelta:
    """Returns for how long the clock has been silent, as far as whoever looked can know."""
    return now.waited(now.beat_at or now.watched_since)


def _clock(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    if (silent := silence(now)) > limits.clock_silent:
        never = "" if now.beat_at else ", and it never did"
        what = f"The clock has said nothing for {span(silent)}{never}: nothing is begun when it is due."
        yield Trouble(AlertKind.CLOCK, what, "Start `curator run` (or `curator clock`), and see its log.")


def _sender(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    silent = now.waited(now.no_sender_since)
    # With the clock dead as well it is one trouble, of which that of the clock says all.
    if silent > limits.sender_silent and silence(now) <= limits.clock_silent:
        what = f"No process that sends mail has been seen for {span(silent)}."
        yield Trouble(AlertKind.SENDER, what, "Start `curator run` (or `curator worker`), and see its log.")


def _disk(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    if now.disk_free_bytes is not None and now.disk_free_bytes < limits.disk_free_bytes:
        what = f"{now.disk_free_bytes / 1e9:,.1f} GB are left at {now.disk_folder or 'the data folder'}{_on(now)}."
        todo = "Make room before it is full: a full disk stops the sending and the desk."
        yield Trouble(AlertKind.DISK, what, todo, now.machine)


def _work(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    if now.waited_for_work(now.oldest_job_at) > limits.work_late:
        what = f"{now.jobs_due:,} jobs wait for a worker, the oldest for {span(now.waited(now.oldest_job_at))}."
        yield Trouble(AlertKind.WORK, what, "See whether a worker lives, and what its log says.")


def _letters(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    if now.waited_for_work(now.oldest_letter_at) > limits.work_late:
        waited = now.waited(now.oldest_letter_at)
        what = f"{now.letters_waiting:,} letters wait, such as confirmations; the oldest for {span(waited)}."
        yield Trouble(AlertKind.LETTERS, what, "See what the relay says: `curator doctor` asks it.")


def _jobs(now: Standing, _limits: WatchLimits) -> Iterator[Trouble]:
    if number := now.failed_since_yesterday:
        what = f"{number:,} {'job' if number == 1 else 'jobs'} failed for good within a day."
        yield Trouble(AlertKind.JOBS, what, "The desk says which and why, and tries them again.", path="/desk")


def _mailings(now: Standing, _limits: WatchLimits) -> Iterator[Trouble]:
    for each in now.mailings:
        yield from _of_mailing(each)


def _of_mailing(mailing: OpenMailing) -> Iterator[Trouble]:
    subject, path = str(mailing.id), f"/desk/mailings/{mailing.id}"
    name = f"Mailing {mailing.id} of {mailing.newsletter}"
    if mailing.state == "paused" and not mailing.reason.startswith(BY_HAND):
        yield Trouble(
            AlertKind.MAILING, f"{name} stands still. {mailing.reason}".strip(), _WHY_IT_STANDS, subject, path
        )
    elif mailing.state == "running" and mailing.troubles >= _TRIES:
        what = f"{name} does not get on: {mailing.reason or 'its relay does not take mail.'}"
        yield Trouble(AlertKind.MAILING, what, "See what the relay says: `curator doctor` asks it.", subject, path)
    if doubts := mailing.by_state.get("in_doubt", 0):
        what = f"Of {doubts:,} messages of mailing {mailing.id} nobody knows whether they arrived."
        todo = "Look into the relay's log, and settle them. They are never sent again by themselves."
        yield Trouble(AlertKind.DOUBTS, what, todo, subject, path)
    if _is_much(mailing.complaints, mailing.tried, least=_LEAST_COMPLAINTS, most=_MOST_COMPLAINED):
        what = f"{mailing.complaints:,} of {mailing.tried:,} called {name} spam."
        todo = "Mailbox providers block a sender at 1 in 1,000. Find out who did not expect it."
        yield Trouble(AlertKind.COMPLAINTS, what, todo, subject, path)
    if _is_much(mailing.hard_bounces, mailing.tried, least=_LEAST_BOUNCES, most=_MOST_BOUNCED):
        what = f"{mailing.hard_bounces:,} of {mailing.tried:,} messages of {name} bounced for good."
        todo = "See which addresses they are, and from which import they came."
        yield Trouble(AlertKind.BOUNCES, what, todo, subject, path)
    if _is_much(mailing.blocked, mailing.tried, least=_LEAST_BLOCKED, most=_MOST_BLOCKED):
        what = f"{mailing.blocked:,} of {mailing.tried:,} messages of {name} were refused as spam or by a policy."
        todo = "That is about the sender, not the readers: see their bounces, SPF, DKIM, DMARC and block lists."
        yield Trouble(AlertKind.BOUNCES, what, todo, f"{subject} blocked", path)


def _feeds(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    others = []
    for feed in now.troubled_feeds:
        failing = now.waited(feed.since)
        if feed.is_own_show and failing > limits.show_failing:
            what = f"The own show {feed.title} has not been read for {span(failing)}. {feed.note}".strip()
            todo = "Mend the feed: new episodes do not reach the newsletter."
            yield Trouble(AlertKind.SHOW, what, todo, str(feed.id), f"/desk/feeds/{feed.id}")
        elif not feed.is_own_show and failing > limits.feeds_failing:
            others.append(feed)
    if others:
        names = ", ".join(each.title for each in others[:3]) + (", ..." if len(others) > 3 else "")
        what = f"{len(others):,} {'feed has' if len(others) == 1 else 'feeds have'} not answered for a week: {names}."
        todo = "Find their new addresses, or take them out."
        yield Trouble(AlertKind.FEEDS, what, todo, path="/desk/feeds?show=trouble")


def _mailbox(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    if now.is_mailbox_missing:
        what = f"A mailbox to which bounces or answers come cannot be read{_on(now)}."
        todo = "See CURATOR_BOUNCE_MAILDIR and CURATOR_REPLY_MAILDIR, and whether their folders are there."
        yield Trouble(AlertKind.MAILBOX, what, todo, now.machine)
    elif (waited := now.waited_for_work(now.oldest_mail_at)) > limits.work_late:
        what = f"Bounces or answers have lain unread for {span(waited)}{_on(now)}."
        yield Trouble(AlertKind.MAILBOX, what, "See whether a clock runs on that machine, and its log.", now.machine)


def _signups(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    for id_, name, at in now.flooded:
        if now.waited(at) <= limits.flood_told:
            what = f"More sign-ups to {name} than are taken came from one network. They were held off."
            todo = "See who came, and whether the form needs a stricter rule."
            yield Trouble(AlertKind.SIGNUPS, what, todo, str(id_), f"/desk/subscribers/growth?newsletter={id_}")


def _endpoints(now: Standing, _limits: WatchLimits) -> Iterator[Trouble]:
    for id_, name, reason in now.endpoints_off:
        todo = "See what it answered, mend it and switch it on again: what it was not told waits for some days."
        yield Trouble(
            AlertKind.WEBHOOK,
            f"The webhook {name} is not called any more. {reason}",
            todo,
            str(id_),
            f"/desk/webhooks/{id_}",
        )


def _backups(now: Standing, limits: WatchLimits) -> Iterator[Trouble]:
    if now.backups is None:
        return
    age = now.waited(now.backups.safe_at)
    last = f"the last good one is {span(age)} old" if now.backups.good else f"there has been none for {span(age)}"
    if why := now.backups.why:
        what = f"The last backup failed; {last}. {why}"
        yield Trouble(AlertKind.BACKUP, what, "Mend what it says: it is tried again within an hour.")
    elif age > limits.backup_old:
        what = f"No backup is being made: {last}."
        todo = "See whether a worker lives for which CURATOR_BACKUP_DIR is set, and its log."
        yield Trouble(AlertKind.BACKUP, what, todo)


def _on(now: Standing) -> str:
    return f" on {now.machine}" if now.machine else ""


def _is_much(number: int, tried: int, *, least: int, most: float) -> bool:
    return number >= least and number > tried * most


_RULES: tuple[Callable[[Standing, WatchLimits], Iterator[Trouble]], ...] = (
    _clock,
    _sender,
    _disk,
    _work,
    _letters,
    _mailings,
    _feeds,
    _mailbox,
    _signups,
    _endpoints,
    _backups,
    _jobs,
)
