"""ITEM -> STORY: new items join the stories that they tell, or open one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from curator.db import Database
from curator.picks.stories import store
from curator.picks.stories.best import best_first
from curator.picks.stories.fold import fold
from curator.picks.stories.values import Folded, Telling

SINCE = timedelta(days=14)
"""What came before it is folded no more: a desk that has had no stories yet begins with two weeks of them.

A page that is told again later is another story: that it ran is known by its address.
"""

# An item joins a story that began within two days of it, so this holds every item of every story that it may join.
_AROUND = timedelta(days=4)


def refresh(db: Database, *, now: datetime) -> int:
    """Gives every new item its story and returns how many had none.

    It reads, folds with no transaction open, and writes once; a crash leaves the items without a story, for the next
    round. Where nothing is new it costs one query.
    """
    with db.read() as session:
        new = store.untold(session, since=now - SINCE)
        if not new:
            return 0
        known = {each.id: each for each in store.told_between(session, new[0].at - _AROUND, new[-1].at + _AROUND)}
        urls = [each.canonical_url for each in new if each.canonical_url]
        known |= {each.id: each for each in store.told_at(session, urls, since=new[0].at - SINCE)}
    folded = _folded(new, list(known.values()))
    with db.write() as session:
        stories = store.put(session, folded)
        tellings = store.members(session, {stories[each.id] for each in new})
        best = {story_id: best_first(those)[0] for story_id, those in tellings.items()}
        store.put_best(
            session, best, {story_id: max(each.at for each in those) for story_id, those in tellings.items()}
        )
    return len(new)


def _folded(new: Sequence[Telling], known: Sequence[Telling]) -> list[Folded]:
    # The fold calls a new story after the item that opened it, so stories that are kept go by numbers no item has.
    kept = [replace(each, story_id=-(each.story_id or 0)) for each in known]
    found, at = fold([*kept, *new]), {each.id: each.at for each in new}
    return [
        Folded(item_id, story_id=-story if story < 0 else None, opened_by=story, at=at[item_id])
        for item_id, story in found.items()
    ]
