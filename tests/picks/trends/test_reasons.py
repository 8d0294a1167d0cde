"""A trend as a reason, and what is blocked."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from curator.picks.trends.reasons import allowed, is_blocked, key_of, reason
from curator.picks.trends.values import Topic

AT = datetime(2026, 11, 16, tzinfo=UTC)
TOPIC = Topic(7, "vector databases", "vector databases", 1, 3.0, 3.2, (0, 1, 2), (1,), (1,), AT, AT)
OTHER = replace(TOPIC, term="gpt-4", label="GPT-4", place=2)


def test_a_reason_names_the_topic() -> None:
    assert reason("vector databases") == "rising topic: vector databases"


@pytest.mark.parametrize(
    ("label", "words", "blocked"),
    [
        ("vector databases", "vector databases", True),
        ("vector databases", "Database", True),
        ("vector databases", "data", False),
        ("GPT-4", "gpt-4", True),
        ("向量数据", "向量数据", True),
        ("vector databases", "", False),
    ],
)
def test_blocked_words_block_labels_that_hold_them_whole(label: str, words: str, *, blocked: bool) -> None:
    assert is_blocked(label, [words]) is blocked


def test_what_is_not_blocked_keeps_its_order() -> None:
    assert allowed([TOPIC, OTHER], ["vector databases"]) == [OTHER]
    assert allowed([TOPIC, OTHER], []) == [TOPIC, OTHER]
    assert key_of("") == ""
