"""A hit goes through 32 bytes and comes back; what is torn or foreign hides nothing that follows."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from curator.events.records import SIZE, packed, unpacked
from curator.events.values import Hit

MOMENTS = st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
HITS = st.builds(
    Hit,
    mailing_id=st.integers(0, 2**32 - 1),
    link=st.integers(0, 2**15 - 1),
    subscriber_id=st.integers(min_value=0, max_value=2**56 - 1),
    at=MOMENTS,
    agent=st.integers(min_value=-(2**63), max_value=2**63 - 1),
    is_head=st.booleans(),
)


@given(st.lists(HITS, max_size=5))
def test_hits_come_back_equal_and_in_order(hits: list[Hit]) -> None:
    content = b"".join(map(packed, hits))
    assert len(content) == SIZE * len(hits)
    assert unpacked(content) == (hits, len(content))


@given(st.lists(st.tuples(HITS, st.binary(max_size=40)), max_size=5), st.binary(max_size=31))
def test_what_is_foreign_between_records_hides_none_of_them(parts: list[tuple[Hit, bytes]], tail: bytes) -> None:
    content = b"".join(junk + packed(hit) for hit, junk in parts) + tail
    found, done = unpacked(content)
    assert found == [hit for hit, _ in parts]
    assert len(content) - done < SIZE


@given(HITS, HITS, st.integers(1, SIZE - 1))
def test_a_torn_record_is_passed_over(torn: Hit, whole: Hit, kept: int) -> None:
    found, _ = unpacked(packed(torn)[:kept] + packed(whole))
    assert found == [whole]


@given(HITS, st.integers(0, SIZE - 1))
@example(Hit(1, 2, 3, datetime(2026, 1, 1, tzinfo=UTC), 4), 0)
def test_a_record_whose_end_is_not_there_yet_is_left_for_later(hit: Hit, there: int) -> None:
    assert unpacked(packed(hit)[:there]) == ([], 0)


@given(HITS, st.integers(0, SIZE * 8 - 1))
def test_a_record_with_one_wrong_bit_is_none(hit: Hit, bit: int) -> None:
    content = bytearray(packed(hit))
    content[bit // 8] ^= 1 << bit % 8
    assert unpacked(bytes(content))[0] == []


def test_a_clock_from_before_1970_or_after_2200_breaks_nothing() -> None:
    for at in (datetime(1901, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        (hit,), _ = unpacked(packed(Hit(1, 2, 3, at, 4)))
        assert 1970 <= hit.at.year <= 2200
