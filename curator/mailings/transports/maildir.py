"""Files messages in a Maildir (new/, cur/, tmp/) instead of sending them, for another program to take from there."""

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from curator.errors import TransportError
from curator.mailings.transports.offer import Offer, unfit
from curator.mailings.transports.one_by_one import OneByOneSession
from curator.mailings.values import Answer, Outgoing, Verdict

_FILED = Answer(Verdict.ACCEPTED, 250, "filed in the Maildir")
_TAKES = Offer(has_smtputf8=True)
_NOT_SAFE_IN_NAME = re.compile(r"[^A-Za-z0-9.-]+")
_AGAIN_SOON = timedelta(minutes=1)


class MaildirTransport:
    """A folder, made when it is missing. Its messages carry their envelope on top: Return-Path and Delivered-To."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return f"MaildirTransport({self._folder})"

    def look(self) -> None:
        """Raises TransportError when the folder can neither be used nor made; makes none."""
        folder = next(path for path in (self._folder.absolute(), *self._folder.absolute().parents) if path.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise TransportError(f"The Maildir {self._folder} cannot be used: {folder} cannot be written to.")

    def connect(self) -> "MaildirSession":
        """Returns a session, or raises TransportError when the folder cannot be used."""
        try:
            for part in ("new", "cur", "tmp"):
                (self._folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise TransportError(f"The Maildir {self._folder} cannot be used: {error.strerror}.") from error
        return MaildirSession(self._folder)


class MaildirSession(OneByOneSession):
    """Files one message after another."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._chance = os.urandom(8).hex()
        self._count = 0

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Files one message whole or not at all: it is on the disk before it gets its name in new/."""
        reason = unfit(message, _TAKES)
        if reason is not None:
            return Answer(Verdict.REFUSED, 0, reason)
        self._count += 1
        # The names of one session sort as its messages were handed over.
        name = f"{self._chance}.{self._count:06}.{_NOT_SAFE_IN_NAME.sub('-', message.delivery_key)}"
        draft, filed = self._folder / "tmp" / name, self._folder / "new" / name
        try:
            with self._trouble():
                self._write(draft, message)
            before_dot()
            with self._trouble():
                draft.rename(filed)
        except BaseException:
            self.close()
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        return self._kept()

    def _write(self, draft: Path, message: Outgoing) -> None:
        envelope = f"Return-Path: <{message.sender}>\r\nDelivered-To: {message.recipient}\r\n"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(envelope.encode() + message.content)
            file.flush()
            os.fsync(file.fileno())

    def _kept(self) -> Answer:
        """Makes the name in new/ outlast a power cut; when that fails the message is there and may vanish."""
        try:
            descriptor = os.open(self._folder / "new", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            self.close()
            return Answer(Verdict.UNKNOWN, 0, "the Maildir could not be written to the disk")
        return _FILED

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = f"The Maildir {self._folder} cannot be written: {error.strerror}."
            raise TransportError(reason, retry_in=_AGAIN_SOON) from error
