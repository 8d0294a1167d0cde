"""A form's fields, read one by one; what is wrong is kept beside the field that it is about."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from curator.errors import InvalidError
from curator.languages import msgid
from curator.web import here

T = TypeVar("T")

# Nobody types them, and a control of direction that is left open turns what stands behind it on the page.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Form:
    """What somebody typed, and the complaints about it. A page that shows the form again shows both."""

    def __init__(self, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> None:
        # PostgreSQL's text cannot hold NUL; nobody types it.
        self.values = {name: value.replace("\0", "") for name, value in (values or {}).items()}
        self.errors: dict[str, str] = dict(errors or {})

    @property
    def is_good(self) -> bool:
        """Whether nothing has been refused so far."""
        return not self.errors

    def value(self, name: str, default: str = "") -> str:
        """Returns a field as it was typed."""
        return self.values.get(name, default)

    def refuse(self, name: str, reason: str) -> None:
        """Keeps the first complaint about a field."""
        self.errors.setdefault(name, reason)

    def take(self, error: InvalidError) -> None:
        """Keeps a complaint that an arrow raised, in the language of the page."""
        self.refuse(error.field, here.told(error))

    def text(self, name: str, *, at_most: int, needed: str = "") -> str:
        """Returns a field without outer space and with plain newlines; `needed` is the complaint when it is empty."""
        text = self.value(name).replace("\r\n", "\n").strip()
        if not text and needed:
            self.refuse(name, needed)
        if len(text) > at_most:
            too_long = msgid("This has %(characters)s characters; at most %(most)s fit.")
            self.take(InvalidError(name, too_long, characters=len(text), most=at_most))
        return text

    def line(self, name: str, *, at_most: int, needed: str = "") -> str:
        """Returns a field as one line of what can be seen: mail headers and titles hold no newline."""
        text = self.text(name, at_most=at_most, needed=needed)
        return _UNSEEN.sub("", " ".join(text.split())).strip()

    def number(self, name: str, *, low: int, high: int) -> int:
        """Returns a whole number from `low` to `high`; `low` when it is none, with a complaint."""
        typed = self.value(name).strip()
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
        if number is None or not low <= number <= high:
            self.refuse(name, f"Give a whole number from {low} to {high:,}.")
            return low
        return number

    def choice(self, name: str, choices: Sequence[T], *, default: T) -> T:
        """Returns the choice whose text was sent; `default` when it is none of them, with a complaint."""
        typed = self.value(name)
        for choice in choices:
            if str(choice) == typed:
                return choice
        self.refuse(name, "Choose one of the list.")
        return default

    def moment(self, name: str, zone: str) -> datetime | None:
        """Returns a date and time typed on the zone's wall clock, in UTC; None with a complaint when it is none.

        A time that the zone's clock skips in spring is refused; one that it shows twice in autumn is the first.
        """
        local = _local(self.value(name).strip())
        if local is None:
            self.refuse(name, "Give a date and a time, such as 2026-12-01T07:00.")
            return None
        at = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
            self.refuse(name, f"The clocks of {zone} skip this time; choose an hour later.")
            return None
        return at


def key(text: str | None) -> int | None:
    """Returns a row's key from a query or a field; None when it is none."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 19:
        return None
    number = int(text)
    return number if 0 < number < 2**63 else None


def _local(typed: str) -> datetime | None:
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        return None
    # The years' bounds keep zone arithmetic from running over the calendar's edge.
    return local if local.tzinfo is None and 1990 < local.year < 2200 else None
