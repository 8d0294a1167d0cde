"""What was learned and what is offered, as rows."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import event

from curator.picks.ranking import store
from curator.picks.ranking.values import Learned, Offer
from curator.picks.tables import BlockedTerm, TrendRow
from tests.picks.desk import NOW, Desk


def put(desk: Desk, *offers: Offer, model_id: int | None = None) -> None:
    with desk.db.write() as session:
        store.put_candidates(session, desk.newsletter_id, offers, model_id=model_id)


def offer(desk: Desk, index: int, place: int, **columns: object) -> Offer:
    given: dict[str, object] = {"section_id": desk.sections[2], "score": 1.5, "reasons": ("told by 2 of your feeds",)}
    return Offer(item_id=desk.items[index], place=place, scored_at=NOW, **(given | {"propensity": None} | columns))  # type: ignore[arg-type]  # the test's own columns


def places(desk: Desk, **asked: object) -> list[int]:
    with desk.db.read() as session:
        return [each.place for each in store.candidates(session, desk.newsletter_id, **asked)]  # type: ignore[arg-type]  # the test's own words


def test_a_list_takes_the_place_of_the_last_one(desk: Desk) -> None:
    put(desk, offer(desk, 0, 1), offer(desk, 1, 2, propensity=0.1, section_id=None))
    put(desk, offer(desk, 1, 1), offer(desk, 3, 2, propensity=0.1, section_id=None))
    with desk.db.read() as session:
        found = store.candidates(session, desk.newsletter_id)
        others = store.candidates(session, desk.other_id)
        when = store.scored_at(session, desk.newsletter_id)
    assert found == [offer(desk, 1, 1), offer(desk, 3, 2, propensity=0.1, section_id=None)]
    assert [each.is_exploring for each in found] == [False, True]
    assert others == []
    assert when == NOW


def test_what_was_decided_since_is_offered_no_more(desk: Desk) -> None:
    put(desk, *(offer(desk, number, number + 1) for number in range(4)))
    desk.pick(0)
    desk.skip(1)
    desk.put_off(3, 2)
    assert places(desk) == [3]


def test_a_list_is_read_page_by_page_and_by_section(desk: Desk) -> None:
    put(desk, *(offer(desk, number, number + 1, section_id=desk.sections[number % 2]) for number in range(4)))
    assert places(desk, limit=2) == [1, 2]
    assert places(desk, after_place=2) == [3, 4]
    assert places(desk, section_id=desk.sections[1]) == [2, 4]
    with desk.db.read() as session:
        assert set(store.offers_of(session, desk.newsletter_id, desk.items[3:])) == {desk.items[3]}


def test_the_last_versions_of_a_model_are_kept(desk: Desk) -> None:
    for number in range(store.KEPT_VERSIONS + 2):
        made = NOW + timedelta(days=number)
        with desk.db.write() as session:
            whole = Learned(None, b"model", examples=40, positives=number, lag_days=6.5)
            part = Learned(desk.sections[2], None, "There are no picks to learn from yet.")
            version = store.put_models(session, desk.newsletter_id, [part, whole], now=made)
        assert version == number + 1
    with desk.db.read() as session:
        models = store.models(session, desk.newsletter_id)
        standings = store.standings(session, desk.newsletter_id)
        one = store.standing(session, desk.newsletter_id)
        none = store.standing(session, desk.other_id)
    assert [(each.section_id, each.version, each.body) for each in models] == [
        (None, 7, b"model"),
        (desk.sections[2], 7, None),
    ]
    assert [(each.is_learned, each.positives, each.made_at) for each in standings] == [
        (True, 6, made),
        (False, 0, made),
    ]
    assert one == standings[0]
    assert standings[1].note == "There are no picks to learn from yet."
    assert none is None


def test_two_refits_at_once_are_two_versions(desk: Desk) -> None:
    def refit() -> int:
        with desk.db.write() as session:
            return store.put_models(session, desk.newsletter_id, [Learned(None, b"x")], now=NOW)

    with ThreadPoolExecutor(1) as pool:
        with desk.db.write() as session:
            first = store.put_models(session, desk.newsletter_id, [Learned(None, b"x")], now=NOW)
            second = pool.submit(refit)
            with suppress(TimeoutError):
                second.result(0.5)
        assert (first, second.result(30)) == (1, 2)


def test_an_offer_names_the_model_that_scored_it(desk: Desk) -> None:
    with desk.db.write() as session:
        store.put_models(session, desk.newsletter_id, [Learned(None, b"model")], now=NOW)
        model_id = store.models(session, desk.newsletter_id)[0].id
    put(desk, offer(desk, 0, 1), model_id=model_id)
    with desk.db.read() as session:
        assert [each.model_version for each in store.candidates(session, desk.newsletter_id)] == [1]


def test_a_rising_topic_is_told_by_its_items_unless_its_words_are_blocked(desk: Desk) -> None:
    given = {"score": 3.0, "factor": None, "counts": [], "feed_ids": [], "first_seen_at": NOW, "made_at": NOW}
    rows = (
        (7, "vector databases", "Vector databases", 1, [4, 5]),
        (7, "agents", "Agents", 2, [5, 6]),
        (7, "black friday", "Black Friday", 3, [8]),
        (28, "old", "Old", 1, [7]),
    )
    with desk.db.write() as session:
        session.add_all(
            TrendRow(days=days, term=term, label=label, place=place, item_ids=ids, **given)
            for days, term, label, place, ids in rows
        )
        session.add(BlockedTerm(newsletter_id=desk.newsletter_id, words="black friday", blocked_at=NOW))
    with desk.db.read() as session:
        found = store.rising(session, desk.newsletter_id)
    assert found == {4: "Vector databases", 5: "Vector databases", 6: "Agents"}


def test_how_old_an_item_is_is_told_as_of_now(desk: Desk) -> None:
    one = offer(desk, 0, 1, reasons=("told by 2 of your feeds", "out today"))
    assert one.reasons_at(NOW + timedelta(days=1), item_at=NOW) == ["told by 2 of your feeds", "out yesterday"]


def test_reading_costs_one_query(desk: Desk) -> None:
    put(desk, *(offer(desk, number, number + 1) for number in range(4)))
    counted: list[str] = []
    event.listen(desk.db.engine, "before_cursor_execute", note := lambda *given: counted.append(given[2]))
    try:
        assert len(places(desk)) == 4
    finally:
        event.remove(desk.db.engine, "before_cursor_execute", note)
    assert len([each for each in counted if each.startswith("SELECT")]) == 1
