"""A trend as a reason for a candidate, and which trends a newsletter has blocked. Pure."""

from collections.abc import Iterable

from curator.picks.trends.terms import terms
from curator.picks.trends.values import Topic


def key_of(label: str) -> str:
    """Returns under what a trend's label is counted: "Vector databases" and "vector database" are the same."""
    return max((term.key for term in terms(label)), key=len, default="")


def is_blocked(label: str, blocked: Iterable[str]) -> bool:
    """Tells whether a label holds blocked words, whole, in whatever form: "database" blocks "Vector databases"."""
    words = tuple(blocked)
    return bool(words) and key_of(label) not in {term.key for term in terms(label, blocked=words)}


def allowed(topics: Iterable[Topic], blocked: Iterable[str]) -> list[Topic]:
    """Returns the trends that hold no blocked words, in their order."""
    words = tuple(blocked)
    return [topic for topic in topics if not is_blocked(topic.label, words)]


def reason(label: str) -> str:
    """Returns the reason in words: "rising topic: vector databases"."""
    return f"rising topic: {label}"
