"""One visit to a folder of an IMAP server: what nobody has read yet, its beginning, and the mark that it was read.

RFC 3501 by the standard library. A visit ends by itself after a time, whatever the server does or leaves undone.
"""

import imaplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from curator.events.mailbox import MailboxError
from curator.settings.imap import ImapUrl

ANSWER_S = 15.0
"""How long one answer may take."""
VISIT_S = 45.0
"""How long a visit may take: the clock looks again a minute after it began."""


class Folder:
    """An open folder. Messages are named by their UIDs, which hold for as long as the visit lasts.

    Every method raises MailboxError.
    """

    def __init__(self, server: imaplib.IMAP4, host: str) -> None:
        self._server = server
        self._host = host

    def new_names(self) -> list[str]:
        """Returns the messages that nobody has read yet, oldest first."""
        uids = b" ".join(part for part in self._asked("SEARCH", "UNSEEN") if isinstance(part, bytes)).split()
        return sorted((uid.decode("ascii") for uid in uids if uid.isdigit()), key=int)

    def beginning(self, name: str, *, max_bytes: int) -> bytes | None:
        """Returns the first bytes of a message, which stays unread; None when it is gone."""
        parts = self._asked("FETCH", name, f"(BODY.PEEK[]<0.{max_bytes}>)")
        found = next((part[1] for part in parts if isinstance(part, tuple)), None)
        return found[:max_bytes] if isinstance(found, bytes) else None

    def put_away(self, name: str) -> bool:
        """Marks a message as read; the server keeps it."""
        self._asked("STORE", name, "+FLAGS.SILENT", r"(\Seen)")
        return True

    def _asked(self, *command: str) -> list[Any]:
        with _in_plain_words(self._host):
            status, parts = self._server.uid(*command)
            if status != "OK":
                raise imaplib.IMAP4.error("the server refused a command")
            return parts


@contextmanager
def visit(
    url: ImapUrl, *, answer_s: float = ANSWER_S, visit_s: float = VISIT_S, tls: ssl.SSLContext | None = None
) -> Iterator[Folder]:
    """Opens a folder, and closes it afterwards. Raises MailboxError, whose words hold no address and no password."""
    with _in_plain_words(url.host):
        server = _connected(url, answer_s, tls or ssl.create_default_context())
    # Each byte of a server that drips begins the wait anew, so the visit as a whole has an end of its own.
    ended = threading.Timer(visit_s, _hang_up, [server])
    ended.daemon = True
    ended.start()
    try:
        _sign_in(server, url)
        yield Folder(server, url.host)
    finally:
        _leave(server)
        ended.cancel()


def _connected(url: ImapUrl, answer_s: float, tls: ssl.SSLContext) -> imaplib.IMAP4:
    if url.tls == "implicit":
        return imaplib.IMAP4_SSL(url.host, url.port, ssl_context=tls, timeout=answer_s)
    server = imaplib.IMAP4(url.host, url.port, timeout=answer_s)
    try:
        if url.tls == "starttls":
            server.starttls(tls)
    except BaseException:
        _leave(server)
        raise
    return server


def _leave(server: imaplib.IMAP4) -> None:
    for step in (server.logout, server.shutdown):
        # What is broken cannot be left politely, and has to be closed all the same.
        with suppress(OSError, imaplib.IMAP4.error):
            step()


def _sign_in(server: imaplib.IMAP4, url: ImapUrl) -> None:
    with _in_plain_words(url.host):
        try:
            server.login(url.user, url.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise MailboxError(f"The mailbox on {url.host} takes neither this user nor this password.") from error
        if server.select(f'"{url.folder}"')[0] != "OK":
            raise MailboxError(f"The mailbox on {url.host} has no folder {url.folder}.")


def _hang_up(server: imaplib.IMAP4) -> None:
    with suppress(OSError):
        server.socket().shutdown(socket.SHUT_RDWR)


@contextmanager
def _in_plain_words(host: str) -> Iterator[None]:
    try:
        yield
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxError(f"The mailbox on {host} cannot be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """Returns what happened in words of ours: a server's own may hold anything."""
    match error:
        case TimeoutError():
            return "it does not answer."
        case ssl.SSLError():
            return "its certificate or its encryption is not in order."
        case OSError():
            return f"{error.strerror or 'the connection broke'}."
        case imaplib.IMAP4.abort():
            return "the connection broke."
        case _:
            return "it refused a command or answered what is no IMAP."
