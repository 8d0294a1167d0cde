"""From the bytes of a mail to what it says of each recipient: hard, soft, a complaint, or nothing. Pure.

Reports in the standard's form (RFC 3464) are read first, then feedback (ARF), then words, at last what flufl.bounce
makes of the odd ones. Whatever the bytes are, the time and the memory are bounded and nothing is raised.
"""

import email
import re
from dataclasses import replace

from flufl.bounce import all_failures

from curator.events import dsn
from curator.events.bounces import feedback, wording
from curator.events.bounces.judge import judged
from curator.events.bounces.values import Finding, Kind, Reason
from curator.events.dsn import RETURNED, Report
from curator.events.parts import BLANKS, Fields, Part

_LONGEST_WORDS = 200
# Its parser recurses and its patterns are its own: it gets a small mail with few parts, or none.
_MOST_FOR_FLUFL, _MOST_BOUNDARIES = 40_000, 12
_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_AWAY = re.compile(
    r"out of (?:the )?office"
    r"|auto(?:matic|mated)?[ -]?(?:reply|response|antwort)|away from|on (?:holiday|leave)|vacation"
    r"|abwesen|absen(?:ce|t)|fuera de|r[eé]ponse automatique|risposta automatica|自動(?:応答|返信)|自动回复",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{3}")
_CHALLENGE = re.compile(
    r"confirm your (?:e-?mail|message)|verify (?:your|that you)|challenge|please confirm|spam ?arrest", re.IGNORECASE
)
_CAME_BACK = re.compile(
    r"undeliver|deliver\w* (?:\w+ )?(?:fail|status|problem|error|notif|report)|returned mail|returning"
    r"|fail(?:ed|ure)|bounce"
    r"|not (?:be )?deliver|mail (?:system|deliver)|non[- ]remis|unzustellbar|could not send|rejected|warning",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"mailer-daemon|mail deliver|post_?master|mail-daemon|<>|system administrator", re.IGNORECASE)
_WAITING = re.compile(
    r"^warning|delayed|still (?:being )?(?:tr|retr)|will (?:keep|be) (?:re)?tr|\bwarning\b.*could not", re.IGNORECASE
)


def findings(content: bytes) -> list[Finding]:
    """Returns what a mail says, one finding a recipient; one of kind NONE where it says nothing of the sort."""
    fields, found = dsn.opened(content)
    reports = [each for each in dsn.reports(found) if each.action or each.status][:20]
    text = wording.text_of(found, returned=RETURNED)
    reports = reports or dsn.loose_reports(content)
    if reports:
        return [_of_report(each, fields, text, found) for each in reports]
    told = feedback.findings(found, returned=RETURNED)
    if told:
        return told
    reply = _reply(fields)
    if reply is not None:
        return [Finding(reply)]
    return _of_words(content, fields, found, text) if _is_bounce(fields) else [Finding(Kind.NONE)]


def _of_report(report: Report, fields: Fields, text: str, found: list[Part]) -> Finding:
    recipient = report.final or report.original
    words = report.words
    if not recipient:
        recipient = wording.said(fields, text, likely=_likely(found))[0].recipient
    kind, reason = judged(report.action, report.status, words, told=text)
    if reason is Reason.OTHER and kind is not Kind.NONE and not _LETTERS.search(words):
        # A report without words: people are told more than machines.
        kind, reason = judged(report.action, report.status, wording.said(fields, text)[0].words, told=text)
    return Finding(kind, reason, recipient, report.original, report.status or _status(words), _line(words or text))


def _of_words(content: bytes, fields: Fields, found: list[Part], text: str) -> list[Finding]:
    likely = _likely(found)
    told = wording.said(fields, text, likely=likely)
    if not any(each.recipient for each in told):
        told = [replace(told[0], recipient=each) for each in _by_flufl(content)] or told
    action = "delayed" if _WAITING.search(fields.get("subject", [""])[0]) else "failed"
    return [_of_said(each.recipient, each.words, action) for each in told]


def _of_said(recipient: str, words: str, action: str) -> Finding:
    status = _status(words)
    kind, reason = judged(action, status, words)
    return Finding(kind, reason, recipient, "", status, _line(words))


def _likely(found: list[Part]) -> list[str]:
    return wording.addresses_of_message(found, returned=RETURNED)


def _by_flufl(content: bytes) -> list[str]:
    small = content[:_MOST_FOR_FLUFL]
    if small.lower().count(b"boundary") > _MOST_BOUNDARIES:
        return []
    try:
        temporary, permanent = all_failures(email.message_from_bytes(small))
        return sorted(each.decode("utf-8", "replace") for each in {*temporary, *permanent})[:20]
    except Exception:  # its detectors and the standard library's parser raise whatever they meet
        return []


def _reply(fields: Fields) -> Kind | None:
    """Returns what kind of answer of a machine a mail is, by its header; None where it is none."""
    subject = fields.get("subject", [""])[0]
    if _CAME_BACK.search(subject) or _DAEMON.search(fields.get("from", [""])[0]):
        return None
    marks = " ".join(fields.get("auto-submitted", []) + fields.get("precedence", [])).lower()
    is_auto = "auto" in marks or any(
        name in fields for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress")
    )
    if _CHALLENGE.search(subject):
        return Kind.CHALLENGE
    return Kind.AUTO_REPLY if is_auto or _AWAY.search(subject) else None


def _is_bounce(fields: Fields) -> bool:
    senders = " ".join(fields.get("from", []) + fields.get("return-path", []))
    return (
        "x-failed-recipients" in fields
        or bool(_DAEMON.search(senders))
        or bool(_CAME_BACK.search(fields.get("subject", [""])[0]))
    )


def _status(words: str) -> str:
    found = _STATUS.search(words)
    return found.group(1) if found else ""


def _line(words: str) -> str:
    return BLANKS.sub(" ", words).strip()[:_LONGEST_WORDS]
