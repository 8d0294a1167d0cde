"""What a relay's reply means: this reader's bounce, a wait, or trouble of our own. Pure.

A 5xx counts against a reader only when it speaks of the address (RFC 3463 status 5.1.x and 5.2.x, or a bare
550, 551, 552 or 553 at RCPT, RFC 5321 4.2.3). Everything else a person on our side must mend.
"""

import re
from datetime import timedelta

from curator.errors import TransportError
from curator.mailings.values import Answer, Verdict

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_BARE_ADDRESS_CODES = (550, 551, 552, 553)
# Bare 550s are also used to refuse the sender; these words tell the two apart where no enhanced status does.
_ABOUT_US = re.compile(
    r"relay|spam|block|black ?list|polic|reputation|authenti|spf|dkim|dmarc|banned|\brate\b", re.IGNORECASE
)
# Status codes that speak of the address of the sender, although they are in the address class (RFC 3463 3.2).
_SENDER_DETAILS = ("7", "8")
_AGAIN_SOON = timedelta(minutes=1)
_SERVICE_CLOSES = 421


def words(raw: bytes | str) -> str:
    """Returns a reply's text fit for a ledger or a log: one line, at most 200 characters, no address in it."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return _ADDRESS.sub("(address)", _UNPRINTABLE.sub(" ", text)).strip()[:200]


def at_recipient(code: int, raw: bytes) -> Answer:
    """Returns the answer that a reply to RCPT other than "yes" is; raises TransportError when it is not about it."""
    said = words(raw)
    if 400 <= code < 500 and code != _SERVICE_CLOSES:
        return Answer(Verdict.DEFERRED, code, said)
    if 500 <= code < 600 and _is_about_address(code, said, bare=_BARE_ADDRESS_CODES):
        return Answer(Verdict.REFUSED, code, said)
    raise trouble("refuses a recipient", code, raw, is_of_message=code != _SERVICE_CLOSES)


def after_dot(code: int, raw: bytes) -> Answer:
    """Returns the answer that a reply to the final dot is; raises TransportError when the refusal is about us."""
    said = words(raw)
    if 200 <= code < 300:
        return Answer(Verdict.ACCEPTED, code, said)
    if 400 <= code < 500:
        return Answer(Verdict.DEFERRED, code, said)
    if not 500 <= code < 600:
        return Answer(Verdict.UNKNOWN, 0, "the relay's answer makes no sense")
    if _is_about_address(code, said, bare=()):
        return Answer(Verdict.REFUSED, code, said)
    raise trouble("refuses the message", code, raw, is_of_message=True)


def trouble(what: str, code: int, raw: bytes | str, *, is_of_message: bool = False) -> TransportError:
    """Returns the error for a reply that concerns the relay as a whole: a 5xx needs a person, the rest passes."""
    said = words(raw)
    if not 400 <= code < 600:
        return TransportError(f"The mail relay {what} in words that make no sense.", retry_in=_AGAIN_SOON)
    retry_in = _AGAIN_SOON if code < 500 else None
    return TransportError(
        f"The mail relay {what}: {code} {said}", code=code, retry_in=retry_in, is_of_message=is_of_message
    )


def _is_about_address(code: int, said: str, *, bare: tuple[int, ...]) -> bool:
    status = _STATUS.search(said)
    if status is None:
        return code in bare and not _ABOUT_US.search(said)
    _, subject, detail = status.groups()
    if subject == "1":
        return detail not in _SENDER_DETAILS
    # 5.4.1 at RCPT is how Exchange says that there is no such mailbox; 5.4.4 is a domain that cannot be routed.
    return subject == "2" or (subject == "4" and detail in ("1", "4") and bool(bare))
