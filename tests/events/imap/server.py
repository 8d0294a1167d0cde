"""A small IMAP server on loopback: one folder, and what a client of the standard library asks of it."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from curator.settings.imap import ImapUrl

PASSWORD = 's3cret "word"'


class Server:
    """Messages by UID, which of them were read, and faults that a test sets."""

    def __init__(self) -> None:
        self.messages: dict[int, bytes] = {}
        self.seen: set[int] = set()
        self.commands: list[str] = []
        self.hangs_at = ""
        self.dies_at = ""
        self.drips = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, *, password: str = PASSWORD, folder: str = "INBOX") -> ImapUrl:
        return ImapUrl("127.0.0.1", self._listening.getsockname()[1], "bounces", password, folder, "none")

    def put(self, content: bytes) -> int:
        uid = max(self.messages, default=6) + 1
        self.messages[uid] = content
        return uid

    def renumber(self) -> None:
        """What a new UIDVALIDITY means: the same messages, other numbers."""
        self.messages = {uid + 1000: content for uid, content in self.messages.items()}
        self.seen = {uid + 1000 for uid in self.seen}

    def close(self) -> None:
        self._listening.close()
        for each in self._open:
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(peer)
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        try:
            peer.sendall(b"* OK ready\r\n")
            with peer.makefile("rb") as lines:
                for line in lines:
                    tag, _, rest = line.decode().strip().partition(" ")
                    if not self._answer(peer, tag, rest):
                        return
        except (OSError, ValueError):
            return

    def _answer(self, peer: socket.socket, tag: str, rest: str) -> bool:
        verb = rest.split(" ")[1 if rest.startswith("UID") else 0].upper()
        self.commands.append(verb)
        if verb == self.dies_at:
            peer.shutdown(socket.SHUT_RDWR)
            return False
        if verb == self.hangs_at:
            if self.drips:
                for _ in range(100_000):
                    peer.sendall(b"*")
            return True
        peer.sendall(self._said(verb, rest) + b"\r\n" if (told := self._said(verb, rest)) else told)
        is_good = verb != "LOGIN" or PASSWORD.replace('"', '\\"') in rest
        is_good = is_good and (verb != "SELECT" or '"INBOX"' in rest)
        peer.sendall(f"{tag} {'OK' if is_good else 'NO'} done\r\n".encode())
        return verb != "LOGOUT"

    def _said(self, verb: str, rest: str) -> bytes:
        if verb == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1"
        if verb == "SEARCH":
            return b" ".join([b"* SEARCH", *(str(uid).encode() for uid in self.messages if uid not in self.seen)])
        number = re.match(r"UID \w+ (\d+)", rest)
        uid = int(number.group(1)) if number else 0
        if verb == "FETCH" and uid in self.messages:
            most = re.search(r"<0\.(\d+)>", rest)
            content = self.messages[uid][: int(most.group(1)) if most else None]
            return b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)" % (uid, len(content), content)
        if verb == "STORE" and uid in self.messages:
            self.seen.add(uid)
        return b""


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    try:
        yield server
    finally:
        server.close()
