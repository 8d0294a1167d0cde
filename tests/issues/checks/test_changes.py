"""What changed between two contents of an issue, in words."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from curator.issues.checks.changes import Change, Piece, Side, changes, compared
from curator.issues.values import Document, DocumentEntry, DocumentSection
from tests.issues import documents


def _document(*sections: tuple[str, list[int]], subject: str = "What a vector index forgets") -> Document:
    made = [DocumentSection(title, tuple(_entry(number) for number in numbers)) for title, numbers in sections]
    return documents.document(*made, subject=subject)


def _entry(number: int, blurb: str = "Some words of ours.") -> DocumentEntry:
    return documents.entry(f"Number {number}", blurb=blurb, block_id=number)


def _told(old: Document, new: Document) -> list[str]:
    return [change.words for change in changes(old, new)]


OLD = _document(("Trends", [1, 2, 3]), ("Talks", [4]))


def test_the_same_content_has_no_changes() -> None:
    assert changes(OLD, OLD) == ()


def test_a_changed_subject_is_told_word_by_word() -> None:
    (change,) = changes(OLD, replace(OLD, subject="What a good index forgets"))
    assert change == Change(
        "The subject was changed.",
        (
            Piece(Side.BOTH, "What a "),
            Piece(Side.OLD, "vector"),
            Piece(Side.NEW, "good"),
            Piece(Side.BOTH, " index forgets"),
        ),
    )


def test_blocks_that_came_went_and_moved_are_told_by_name() -> None:
    new = _document(("Trends", [2, 3, 5]), ("Talks", [4, 1]))
    assert _told(OLD, new) == ['"Number 5" was put into Trends.', '"Number 1" was moved from Trends to Talks.']
    assert _told(new, OLD) == ['"Number 1" was moved from Talks to Trends.', '"Number 5" was taken out of Trends.']


def test_only_what_was_moved_is_told_and_not_what_it_passed() -> None:
    new = _document(("Trends", [2, 3, 1]), ("Talks", [4]))
    assert _told(OLD, new) == ['"Number 1" stands at another place of Trends.']


def test_changed_words_lead_to_their_block() -> None:
    section = DocumentSection("Trends", (_entry(1, "Some other words of ours."), _entry(2), _entry(3)))
    (change,) = changes(OLD, replace(OLD, sections=(section, OLD.sections[1])))
    assert (change.words, change.block_id) == ('"Number 1" was changed.', 1)
    assert Piece(Side.NEW, "other ") in change.pieces or Piece(Side.NEW, " other") in change.pieces


def test_another_link_and_another_picture_are_told() -> None:
    first = replace(_entry(1), link="https://example.org/other")
    second = replace(_entry(2), image_url="https://example.org/art.png")
    section = DocumentSection("Trends", (first, second, _entry(3)))
    assert _told(OLD, replace(OLD, sections=(section, OLD.sections[1]))) == [
        '"Number 1" leads elsewhere.',
        '"Number 2" has another picture, link or fact.',
    ]


_WORDS = st.text(alphabet="ab c.\n", max_size=60)


@given(_WORDS, _WORDS)
def test_both_texts_can_be_read_off_their_comparison(old: str, new: str) -> None:
    pieces = compared(old, new)
    assert "".join(piece.text for piece in pieces if piece.side is not Side.NEW) == old
    assert "".join(piece.text for piece in pieces if piece.side is not Side.OLD) == new


def test_very_long_texts_stand_one_after_the_other() -> None:
    old, new = "a " * 5_000, "b " * 5_000
    assert compared(old, new) == (Piece(Side.OLD, old), Piece(Side.NEW, new))


_ORDERS = st.permutations([1, 2, 3, 4, 5])


@given(_ORDERS, _ORDERS)
def test_an_order_that_changed_is_told_and_one_that_did_not_is_not(old: list[int], new: list[int]) -> None:
    told = changes(_document(("Trends", old)), _document(("Trends", new)))
    assert bool(told) is (old != new)
