"""Lets the demo's readers read the newest issue: real requests to this very machine, told as they happen.

About a third click one to three links, one reader's mail gateway opens every link (the one that nobody sees included)
within a moment, and one reader leaves by their mail program's own button (RFC 8058).
"""

import fcntl
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from curator.demo.heads import Heads
from curator.demo.mail import Link, ShownMail, shown_mail
from curator.demo.maildir import Maildir
from curator.demo.reading_told import Stage, Told, keep_told, told_before
from curator.demo.script import Place, Script, script
from curator.demo.visitor import Visitor
from curator.episodes.platforms import SIGNS
from curator.errors import CuratorError, StateError

# Fewer mails than this are a test to the desk, or the first of an issue that is only just being sent.
_FEWEST_MAILS = 10
_READERS_SEED = 2026
_LOOK_EVERY_S = 0.5
_LONGEST_WAIT_LOOKS = 120
_TELL_EVERY = 10
_GATEWAY = "MailGateway/4.2 (link protection)"
# Who has chosen a place to listen hears the show there: nobody goes there by mail.
_PLACES_TO_LISTEN = frozenset(sign.name for sign in SIGNS.values())
_MAIL_PROGRAM = "ExampleMail/9 (one-click unsubscribe)"


class Reading:
    """The readers of one outbox. Any number of processes may ask and tell; one at a time has them read."""

    def __init__(self, folder: Path, *, public_url: str, heads: Heads | None = None) -> None:
        self._folder = folder
        self._public_url = public_url
        self._maildir = Maildir(folder)
        self._heads = heads or Heads(self._maildir)
        self._pause = threading.Event()

    def told(self) -> Told:
        """Returns what the readers did last, or do just now."""
        told = told_before(self._folder)
        if told.stage is Stage.READING and not self._is_held():
            return told.failed("The readers were stopped halfway: whatever ran them has ended. Let them read again.")
        return told

    def newest(self) -> int | None:
        """Returns the newest mailing that went to readers, None before the first; looks at the newest mails."""
        counts: Counter[int] = Counter()
        for mailing_id, _, _ in self._issue_mails():
            counts[mailing_id] += 1
            if counts[mailing_id] >= _FEWEST_MAILS:
                return mailing_id
        return None

    def begin(self) -> None:
        """Has the readers read in a thread of its own; while they do, and once they have, nothing happens.

        When it returns, `told` says that they read.
        """
        turn = ExitStack()
        told = self._claimed(turn)
        if told is not None:
            threading.Thread(target=self._run, args=(told, turn), name="readers", daemon=True).start()

    def read(self) -> Told:
        """Has the readers read the newest issue and returns what they did; an issue is read once.

        Whatever keeps them from it is told, not raised.
        """
        turn = ExitStack()
        told = self._claimed(turn)
        return self.told() if told is None else self._run(told, turn)

    def _claimed(self, turn: ExitStack) -> Told | None:
        """Returns the beginning of a reading, whose turn is to be closed at its end; None when nothing is to do."""
        if turn.enter_context(_held(self._folder)):
            known, newest = told_before(self._folder), self.newest()
            if newest is not None and (known.mailing_id, known.stage) != (newest, Stage.DONE):
                told = Told(mailing_id=newest, stage=Stage.READING)
                keep_told(self._folder, told)
                return told
        turn.close()
        return None

    def _run(self, told: Told, turn: ExitStack) -> Told:
        with turn:
            try:
                told = self._read(told, self._arrived(told.mailing_id))
            except CuratorError as error:
                told = told.failed(str(error))
            keep_told(self._folder, told)
            return told

    def _arrived(self, mailing_id: int) -> dict[int, str]:
        """Returns the keys of a mailing's mails by their readers, once no more come."""
        before: dict[int, str] = {}
        for _ in range(_LONGEST_WAIT_LOOKS):
            found = {reader: key for id_, reader, key in self._issue_mails() if id_ == mailing_id}
            if len(found) == len(before):
                break
            before = found
            self._pause.wait(_LOOK_EVERY_S)
        return before

    def _read(self, told: Told, mails: Mapping[int, str]) -> Told:
        readers = sorted(mails)
        plan = script(Random(_READERS_SEED + told.mailing_id), readers, self._places(mails[readers[0]]))  # noqa: S311 - a play needs no secret
        with Visitor() as visitor:
            told = self._click(visitor, told, plan, mails)
            told = self._scan(visitor, told, self._mail(mails[plan.scanned]))
            return self._leave(visitor, told, None if plan.leaver is None else self._mail(mails[plan.leaver])).done()

    def _click(self, visitor: Visitor, told: Told, plan: Script, mails: Mapping[int, str]) -> Told:
        links = {reader: self._tracked(self._mail(mails[reader])) for reader in plan.clickers}
        told = told.of(len(plan.clicks))
        clickers: set[int] = set()
        for nth, click in enumerate(plan.clicks):
            if visitor.get(links[click.reader][click.link].url, agent=_agent(click.reader)).is_redirect:
                clickers.add(click.reader)
                told = told.clicked(len(clickers))
            if nth % _TELL_EVERY == 0:
                keep_told(self._folder, told)
        return told

    def _scan(self, visitor: Visitor, told: Told, mail: ShownMail) -> Told:
        """Opens every link of a mail that leads to this machine's web; only those that are counted count."""
        for link in mail.links:
            if self._is_ours(link):
                reply = visitor.get(link.url, agent=_GATEWAY)
                if self._is_tracked(link) and reply.is_redirect:
                    told = told.scanned()
        return told

    def _leave(self, visitor: Visitor, told: Told, mail: ShownMail | None) -> Told:
        if mail is None or mail.unsubscribe_url is None or not mail.is_one_click:
            return told
        reply = visitor.post(mail.unsubscribe_url, {"List-Unsubscribe": "One-Click"}, agent=_MAIL_PROGRAM)
        return told.left_by_one() if reply.status == 200 else told

    # --- mails

    def _issue_mails(self) -> Iterator[tuple[int, int, str]]:
        """Yields the mailing, the reader and the key of every issue's mail, newest first, as they are asked for."""
        for key in self._maildir.newest_keys():
            head = self._heads.of(key)
            if head.mailing_id is not None and head.subscriber_id is not None:
                yield head.mailing_id, head.subscriber_id, key

    def _mail(self, key: str) -> ShownMail:
        return shown_mail(self._maildir.read(key) or b"")

    def _places(self, key: str) -> list[Place]:
        """Returns the counted links that a reader sees, by their places among all counted links of the mail."""
        tracked = self._tracked(self._mail(key))
        found = [Place(nth, _is_title(link)) for nth, link in enumerate(tracked) if _is_clicked(link)]
        if not found:
            raise StateError(
                "The newsletter counts no clicks, so nobody's reading would show. Its page can change that."
            )
        return found

    def _tracked(self, mail: ShownMail) -> Sequence[Link]:
        return [link for link in mail.links if self._is_tracked(link)]

    def _is_tracked(self, link: Link) -> bool:
        return self._is_ours(link) and urlsplit(link.url).path.startswith("/l/")

    def _is_ours(self, link: Link) -> bool:
        return link.url.startswith(f"{self._public_url}/")

    def _is_held(self) -> bool:
        with _held(self._folder) as is_free:
            return not is_free


def _is_clicked(link: Link) -> bool:
    return not link.is_hidden and link.words not in _PLACES_TO_LISTEN


def _is_title(link: Link) -> bool:
    """Buttons say what they do; the words of all other links are titles."""
    return not link.words.startswith(("Read", "Listen"))


def _agent(reader: int) -> str:
    """Returns a browser of the reader's own: on one machine, that is all that tells readers apart."""
    return f"Mozilla/5.0 (Demo; reader {reader}) ExampleBrowser/{100 + reader % 40}"


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Yields whether the readers are this one's; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "reading.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
