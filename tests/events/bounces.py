"""Bounces as mail servers write them, and a mailbox to put them into."""

from pathlib import Path


def bounce(
    to: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    words: str = "smtp; 550 5.1.1 <gone@example.org>: no such user",
    message_id: str = "<somebody@else.example>",
) -> bytes:
    """A report in the form of RFC 3464, addressed to a return path."""
    return f"""Delivered-To: {to}
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="AB/mx.example"

This is a MIME-encapsulated message.

--AB/mx.example
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--AB/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 16 Nov 2026 09:00:00 +0000

Final-Recipient: rfc822; gone@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: {words}

--AB/mx.example
Content-Type: message/rfc822

Message-ID: {message_id}
From: "The AI Podcast" <news@podcast.example>
Subject: What we heard

Hello

--AB/mx.example--
""".encode()


class Mailbox:
    """A Maildir that a mail server delivers to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def deliver(self, content: bytes) -> Path:
        self._count += 1
        path = self.folder / "new" / f"1794830400.M{self._count}P7.mx.example"
        path.write_bytes(content)
        return path

    def new(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "new").iterdir())

    def seen(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "cur").iterdir())
