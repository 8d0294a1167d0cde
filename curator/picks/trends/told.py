"""An installation's own trends, as an answer for machines."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from curator.db import Session
from curator.feeds import store as feeds
from curator.feeds.values import FreshItem
from curator.picks.trends import store
from curator.picks.trends.sparkline import words
from curator.picks.trends.values import Topic

# The feeds of a topic that are named, those with the most items first.
_MOST_NAMED = 40


def own_trends(session: Session, *, days: int, limit: int) -> dict[str, object]:
    """Returns the trends of a window as last computed, each with rank, score and evidence; four queries at most."""
    topics = store.topics(session, days)[:limit]
    items = feeds.items_by_id(session, [item_id for topic in topics for item_id in topic.item_ids])
    named = dict.fromkeys(feed for topic in topics for feed in topic.feed_ids[:_MOST_NAMED])
    names = store.feed_names(session, list(named))
    made_at: Iterable[datetime] = (topic.made_at for topic in topics)
    return {
        "days": days,
        "made_at": next((at.isoformat() for at in made_at), None),
        "terms": [
            _told(rank, topic, names, [items[each] for each in topic.item_ids if each in items])
            for rank, topic in enumerate(topics, start=1)
        ],
    }


def _told(rank: int, topic: Topic, names: dict[int, str], items: Sequence[FreshItem]) -> dict[str, object]:
    return {
        "term": topic.label,
        "rank": rank,
        "score": topic.score,
        "evidence": {
            "items": topic.items,
            "past_items": sum(topic.counts) - topic.items,
            "factor": topic.factor,
            "first_seen": topic.first_seen_at.date().isoformat(),
            "feeds": [names[each] for each in topic.feed_ids[:_MOST_NAMED] if each in names],
            "daily": list(topic.counts),
            "in_words": words(topic.counts),
            "examples": [
                {"title": each.title, "url": each.url, "feed": each.feed_title, "day": each.at.date().isoformat()}
                for each in items
            ],
        },
    }
