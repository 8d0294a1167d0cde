"""What the inbox was asked to show, as its address says it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request, url_for

from curator.feeds.values import ItemKind
from curator.picks.inbox import store as inbox
from curator.picks.values import InboxFilter, InboxMark, InboxOrder, InboxRow, Narrowing
from curator.web import here
from curator.web.forms import key

AGES = {"7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days", "all": "Any age"}
"""How far back the list may reach, by what its address says."""

# Of the tabs these two show what nobody has looked at, and that grows old.
_AGEING = (InboxFilter.NEW, InboxFilter.MUTED)


@dataclass(frozen=True)
class Asked:
    """What the inbox was asked to show; `age` is one of `AGES`, `order` is settled by `inbox_order`."""

    show: InboxFilter
    age: str
    narrowing: Narrowing
    before: InboxMark | None
    order: InboxOrder = InboxOrder.NEWEST

    @property
    def usual_age(self) -> str:
        """The age that the tab has by itself."""
        return str(inbox.NEW_FOR.days) if self.show in _AGEING else "all"

    @property
    def is_narrowed(self) -> bool:
        """Whether something beyond the tab hides items."""
        narrowing = replace(self.narrowing, since=None)
        return narrowing != Narrowing() or self.age not in (self.usual_age, "all")

    @property
    def parts(self) -> dict[str, Any]:
        """What an address must say to ask for the same, but for the tab and the newsletter."""
        narrowing = self.narrowing
        given = {
            "kind": narrowing.kind,
            "feed": narrowing.feed_id,
            "language": narrowing.language,
            "q": narrowing.search,
            "age": self.age if self.age != self.usual_age else None,
        }
        return {name: value for name, value in given.items() if value}


def asked() -> Asked:
    """Returns what the address (of a form: its fields) asks for; nonsense asks for nothing."""
    given = request.values
    show = _one_of(InboxFilter, given.get("show"), InboxFilter.NEW)
    usual = str(inbox.NEW_FOR.days) if show in _AGEING else "all"
    age = given.get("age", "")
    age = age if age in AGES else usual
    language = given.get("language", "").lower()
    narrowing = Narrowing(
        kind=_one_of(ItemKind, given.get("kind"), None),
        feed_id=key(given.get("feed")),
        language=language if language.isascii() and language.isalpha() and len(language) < 4 else "",
        search=given.get("q", "").replace("\0", "").strip()[:200],
        since=None if age == "all" else here.now() - timedelta(days=int(age)),
    )
    return Asked(show=show, age=age, narrowing=narrowing, before=_mark(given.get("before", "")))


def older(newsletter_id: int, wanted: Asked, last: InboxRow) -> str:
    """Returns the address of the page that follows a row."""
    return address(newsletter_id, replace(wanted, before=last.mark))


def ordered(newsletter_id: int, wanted: Asked, order: InboxOrder) -> str:
    """Returns the address of the first page of the same in another order."""
    return _address(newsletter_id, wanted, order=order)


def address(newsletter_id: int, wanted: Asked) -> str:
    """Returns the address of what was asked."""
    if wanted.before is None:
        return _address(newsletter_id, wanted)
    mark = (
        str(wanted.before) if isinstance(wanted.before, int) else f"{wanted.before[0].isoformat()}_{wanted.before[1]}"
    )
    # Where the list goes on hangs on its order, which may be chosen anew in another window.
    order = {"order": wanted.order} if wanted.show is InboxFilter.NEW else {}
    return _address(newsletter_id, wanted, before=mark, **order)


def _address(newsletter_id: int, wanted: Asked, **more: Any) -> str:
    return url_for("desk.inbox", newsletter=newsletter_id, show=wanted.show, **wanted.parts, **more)


def _one_of(kinds: Any, text: str | None, default: Any) -> Any:
    return kinds(text) if text in list(kinds) else default


def _mark(text: str) -> InboxMark | None:
    """Reads "120", a place, or "2026-11-16T09:00:00+00:00_17"; None for anything else."""
    if text.isascii() and text.isdigit():
        return key(text)
    at, _, item = text.partition("_")
    item_id = key(item)
    try:
        moment = datetime.fromisoformat(at)
        return None if item_id is None or moment.tzinfo is None else (moment.astimezone(UTC), item_id)
    except (ValueError, OverflowError):
        return None
