"""Makes the one message by which a mail is proved: built and signed as for a reader, and read by itself again. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from curator import tokens
from curator.audience.values import Recipient
from curator.errors import CuratorError
from curator.issues import slots
from curator.issues.proof import Proof
from curator.issues.values import Link
from curator.mailings import mime, personal
from curator.mailings.dkim import Keyring
from curator.newsletters.values import NewsletterSpec

# Reserved for examples (RFC 2606), and longer than most addresses are.
_READER = "a.reader.with.a.long.address@newsletter.example.org"
# As large as an id gets in its token, so that lengths are those of any mailing.
_MAILING, _SUBSCRIBER = 2**31 - 1, 2**40
_FIELD_END = re.compile(r"\r\n(?![ \t])")
_COVERED = re.compile(r"(?:^|;)h=([^;]*)")


@dataclass(frozen=True)
class MessageProver:
    """Makes proofs with this installation's keys; its tokens are for a mailing and a reader that do not exist."""

    keys: tokens.Keys = field(repr=False)
    public_url: str
    keyring: Keyring = field(default_factory=Keyring, repr=False)

    def __call__(
        self,
        newsletter: NewsletterSpec,
        *,
        number: int,
        subject: str,
        html: str,
        text: str,
        links: Sequence[Link],
        at: datetime,
    ) -> Proof:
        """Returns one message of a rendered mail, dated `at`; what keeps it from being made is the proof's error."""
        whole = slots.with_pixel(html) if newsletter.opens.is_on else html
        content = personal.Content(subject, slots.cut(whole), slots.cut(text), tuple(links))
        reader = Recipient(_SUBSCRIBER, _READER, "")
        try:
            outgoing = mime.message(
                content,
                reader,
                newsletter,
                mailing_id=_MAILING,
                issue_number=number,
                date=at,
                public_url=self.public_url,
                keys=self.keys,
            )
            signer = self.keyring.signer_for(outgoing.sender.rpartition("@")[2])
            message = outgoing.content if signer is None else signer.sign(outgoing.content)
            html_bytes = self._html_bytes(content, newsletter, number)
        except CuratorError as error:
            return Proof(error=str(error))
        headers = _headers(message)
        return Proof(headers, tuple(_covered(headers)), html_bytes, message)

    def _html_bytes(self, content: personal.Content, newsletter: NewsletterSpec, number: int) -> int:
        links = personal.own_links(
            content,
            newsletter,
            mailing_id=_MAILING,
            issue_number=number,
            subscriber_id=_SUBSCRIBER,
            public_url=self.public_url,
            keys=self.keys,
        )
        return len(personal.html_of(content, links, _READER).encode())


def _headers(message: bytes) -> tuple[tuple[str, str], ...]:
    """Reads headers as the standard asks for (RFC 5322 2.2.3), not with the builder's own code; folds stay in."""
    head = message.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    pairs = (each.partition(":") for each in _FIELD_END.split(head))
    return tuple((name, value.strip(" ")) for name, _, value in pairs)


def _covered(headers: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    signatures = ["".join(value.split()) for name, value in headers if name.lower() == "dkim-signature"]
    found = (_COVERED.search(value) for value in signatures)
    return [tuple(each[1].lower().split(":")) if each else () for each in found]
