"""Deeds on feeds, episodes, readers and newsletters: taken back, done again, or too late."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from curator.activity import store as activity
from curator.activity.undo import undo
from curator.activity.values import Belongings, LogFilter
from curator.audience import subscribe
from curator.audience.record import store as record
from curator.audience.values import SubscriptionState, SuppressionReason
from curator.db import Database
from curator.episodes import edit, enrich
from curator.episodes import store as episodes
from curator.episodes.platforms import Platform
from curator.episodes.quotes import store as quotes
from curator.episodes.transcripts import store as transcripts
from curator.episodes.values import Words
from curator.errors import StateError
from curator.feeds import add, ingest
from curator.feeds import store as feeds
from curator.feeds.reverts import REVERTS
from curator.feeds.tables import Feed
from curator.newsletters import edit as newsletters
from curator.newsletters import store as newsletter_store
from curator.newsletters.forms import facts_of, form_from, form_of
from curator.newsletters.values import SectionForm, Takes
from tests import builders
from tests.activity.taking_back import LATER, NOW, newest, taken_back
from tests.episodes.scene import APPLE, RSS, SPOTIFY, Show


def _facts(db: Database, feed_id: int) -> tuple[object, ...]:
    with db.read() as session:
        state, row = feeds.poll_state(session, feed_id), feeds.feed_row(session, feed_id)
    assert state is not None
    return state.state, state.poll_minutes, row.is_own_show


@pytest.mark.parametrize(
    "deed",
    [
        lambda db, feed: ingest.pause(db, feed, now=NOW, by=1),
        lambda db, feed: ingest.wish(db, feed, 60, now=NOW, by=1),
        lambda db, feed: ingest.mark_own_show(db, feed, is_own_show=True, now=NOW, by=1),
    ],
    ids=["pause", "pace", "mark"],
)
def test_a_feed_is_as_before_and_changed_again(database: Database, deed: Callable[[Database, int], None]) -> None:
    feed = builders.feed_row(database)
    before = _facts(database, feed)
    deed(database, feed)
    after = _facts(database, feed)
    taken_back(database)
    assert _facts(database, feed) == before != after
    taken_back(database)
    assert _facts(database, feed) == after


def test_a_feed_that_brought_nothing_is_removed_and_added_again(database: Database) -> None:
    feed = ingest.add_feed(database, "https://a.example/feed", now=NOW, by=1)
    added = newest(database)
    taken_back(database)
    with database.read() as session:
        assert feeds.poll_state(session, feed) is None
    taken_back(database)
    with database.read() as session:
        assert [row.url for row in feeds.feed_rows(session)] == ["https://a.example/feed"]
    with pytest.raises(StateError, match="taken back already"):
        taken_back(database, added)


def test_a_feed_that_brought_something_stays(sqlite_database: Database) -> None:
    feed = ingest.add_feed(sqlite_database, "https://a.example/feed", now=NOW, by=1)
    builders.item_row(sqlite_database, feed, "Something", at=NOW)
    with pytest.raises(StateError, match="has brought items"):
        taken_back(sqlite_database)
    with sqlite_database.read() as session:
        assert activity.recent(session)[0].undone_at is None


def test_another_pace_that_somebody_set_since_stays(sqlite_database: Database) -> None:
    feed = builders.feed_row(sqlite_database)
    ingest.wish(sqlite_database, feed, 60, now=NOW, by=1)
    change = newest(sqlite_database)
    ingest.wish(sqlite_database, feed, 120, now=NOW, by=2)
    with pytest.raises(StateError, match="another pace"):
        taken_back(sqlite_database, change)


def test_a_page_added_by_hand_is_removed_unless_it_is_used(database: Database) -> None:
    given = add.add_item(database, "https://a.example/page", now=NOW, by=1, title="A page")
    assert taken_back(database) == "“A page” is removed."
    with database.read() as session:
        assert feeds.items_by_id(session, [given.item_id]) == {}
    taken_back(database)
    with database.read() as session:
        assert feeds.item(session, given.item_id).title == "A page"


def test_an_episode_says_what_it_said_before(database: Database) -> None:
    show = Show(database)
    first = Words(title="Ours", topics=("Loss",))
    edit.edit_episode(database, show.episode, first, [SPOTIFY], expected_version=0, by=1, now=NOW)
    changed = replace(first, title="Better", guests=())
    edit.edit_episode(database, show.episode, changed, [], expected_version=1, by=1, now=NOW)
    taken_back(database)
    view = show.view()
    assert (view.words, view.own_links) == (first, (SPOTIFY,))
    taken_back(database)
    assert (show.view().words, show.view().own_links) == (changed, ())


def test_what_somebody_wrote_about_an_episode_since_stays(sqlite_database: Database) -> None:
    show = Show(sqlite_database)
    edit.edit_episode(sqlite_database, show.episode, Words(title="A"), [], expected_version=0, by=1, now=NOW)
    change = newest(sqlite_database)
    edit.edit_episode(sqlite_database, show.episode, Words(title="B"), [], expected_version=1, by=2, now=NOW)
    with pytest.raises(StateError, match="changed it since \\(title\\)"):
        taken_back(sqlite_database, change)
    assert show.view().title == "B"


def test_a_shows_links_and_a_platform_are_as_before(database: Database) -> None:
    show = Show(database)
    builders.listening_links(database, show.feed, APPLE)
    seen = edit.links_version((APPLE,))
    edit.edit_show_links(database, show.feed, [RSS, APPLE], expected_version=seen, by=1, now=NOW)
    taken_back(database)
    with database.read() as session:
        assert episodes.show_row(session, show.feed).links == (APPLE,)
    edit.retire(database, Platform.APPLE, by=1, now=NOW)
    taken_back(database)
    with database.read() as session:
        assert episodes.retired(session) == {}


def _speakers(db: Database, item_id: int) -> list[str]:
    with db.read() as session:
        return [turn.speaker for turn in transcripts.turns(session, item_id, first=0, limit=9)]


def test_a_speaker_is_called_as_before_unless_two_became_one(database: Database) -> None:
    show = Show(database)
    enrich.paste(database, show.episode, "Ada: Hello there.\n\nBea: And hello.", by=1, now=NOW)
    before = _speakers(database, show.episode)
    enrich.rename_speaker(database, show.episode, before[0], "Ida", by=1, now=NOW)
    taken_back(database)
    assert _speakers(database, show.episode) == before
    enrich.rename_speaker(database, show.episode, before[0], before[1], by=1, now=NOW)
    with pytest.raises(StateError, match="whose words are whose"):
        taken_back(database)


def test_an_uploaded_transcript_is_removed_but_no_file_comes_back(sqlite_database: Database) -> None:
    show = Show(sqlite_database)
    enrich.paste(sqlite_database, show.episode, "Ada: Hello there.", by=1, now=NOW)
    taken_back(sqlite_database)
    assert _speakers(sqlite_database, show.episode) == []
    for words in ("Ada: One.", "Ada: Two."):
        enrich.paste(sqlite_database, show.episode, words, by=1, now=NOW)
    with pytest.raises(StateError, match="Upload that one again"):
        taken_back(sqlite_database)


def test_a_passage_taken_twice_is_one_deed(sqlite_database: Database) -> None:
    show = Show(sqlite_database)
    enrich.paste(sqlite_database, show.episode, "Ada: Hello there.", by=1, now=NOW)
    for _ in range(2):
        quote = enrich.take_quote(
            sqlite_database, show.episode, first=0, last=0, words=["Hello there."], by=None, now=NOW
        )
    with sqlite_database.read() as session:
        assert [change.verb for change in activity.recent(session, subject="quote")] == ["took"]
    taken_back(sqlite_database)
    with sqlite_database.read() as session:
        assert quotes.quotes_by_id(session, [quote]) == {}


def _subscription(db: Database, newsletter: int, reader: int) -> SubscriptionState | None:
    with db.read() as session:
        row = record.subscription(session, newsletter, reader)
    return None if row is None else row.state


def test_a_reader_is_taken_out_and_in_again(database: Database) -> None:
    newsletter = builders.newsletter_row(database)
    ada = subscribe.add(database, newsletter, "ada@example.org", now=NOW, by=1)
    taken_back(database)
    assert _subscription(database, newsletter, ada) is SubscriptionState.ENDED
    taken_back(database, now=LATER + timedelta(minutes=1))
    assert _subscription(database, newsletter, ada) is SubscriptionState.ACTIVE
    subscribe.unsubscribe(database, newsletter, ada, now=LATER, how="by hand", by=1)
    taken_back(database, now=LATER + timedelta(minutes=2))
    assert _subscription(database, newsletter, ada) is SubscriptionState.ACTIVE


def test_what_a_reader_did_is_not_the_desks_to_take_back(sqlite_database: Database) -> None:
    newsletter = builders.newsletter_row(sqlite_database)
    ada = subscribe.add(sqlite_database, newsletter, "ada@example.org", now=NOW, by=1)
    added = newest(sqlite_database)
    subscribe.unsubscribe(sqlite_database, newsletter, ada, now=LATER, how="link")
    with pytest.raises(StateError, match="The reader did this"):
        taken_back(sqlite_database)
    with pytest.raises(StateError, match="has changed since"):
        taken_back(sqlite_database, added)
    assert _subscription(sqlite_database, newsletter, ada) is SubscriptionState.ENDED


def test_an_address_may_be_mailed_again_and_not(database: Database) -> None:
    newsletter = builders.newsletter_row(database)
    subscribe.add(database, newsletter, "ada@example.org", now=NOW, by=1)
    subscribe.suppress(database, "ada@example.org", SuppressionReason.BY_HAND, now=NOW, by=1)
    taken_back(database)
    subscribe.add(database, newsletter, "ada@example.org", now=NOW, by=1)  # it would be refused
    subscribe.suppress(database, "stranger@example.org", SuppressionReason.BY_HAND, now=NOW, by=1)
    with pytest.raises(StateError, match="keeps no address"):
        taken_back(database)


def test_settings_of_a_newsletter_are_as_before_whatever_they_are(database: Database) -> None:
    newsletter = newsletters.create(database, builders.newsletter_form(), now=NOW, by=1)
    before = _form(database, newsletter)
    sections = (*before.sections[1:], SectionForm("Events", Takes.ARTICLES, 2))
    changed = replace(before, name="AI Monthly", reply_to="ed@podcast.example", hold_minutes=9, sections=sections)
    newsletters.change(database, newsletter, changed, now=NOW, by=1)
    after = _form(database, newsletter)
    taken_back(database)
    assert _plain(_form(database, newsletter)) == _plain(before)
    taken_back(database)
    assert _plain(_form(database, newsletter)) == _plain(after)


def _form(db: Database, newsletter: int) -> "newsletters.NewsletterForm":
    with db.read() as session:
        return form_of(newsletter_store.newsletter(session, newsletter))


def _plain(form: "newsletters.NewsletterForm") -> object:
    """A section that was taken away comes back under another number."""
    return replace(form, sections=tuple(replace(section, id=None) for section in form.sections))


def test_a_form_comes_back_from_what_the_log_keeps() -> None:
    form = builders.newsletter_form()
    assert form_from(facts_of(form)) == form


def test_settings_that_somebody_changed_since_stay(sqlite_database: Database) -> None:
    newsletter = newsletters.create(sqlite_database, builders.newsletter_form(), now=NOW, by=1)
    form = _form(sqlite_database, newsletter)
    newsletters.change(sqlite_database, newsletter, replace(form, name="One"), now=NOW, by=1)
    change = newest(sqlite_database)
    newsletters.change(sqlite_database, newsletter, replace(form, name="Two"), now=NOW, by=2)
    with pytest.raises(StateError, match="changed again since \\(name\\)"):
        taken_back(sqlite_database, change)


def test_a_pause_and_seen_records_are_taken_back(database: Database) -> None:
    newsletter = newsletters.create(database, builders.newsletter_form(), now=NOW, by=1)
    newsletters.pause(database, newsletter, now=NOW, by=1)
    taken_back(database)
    newsletters.note_dns_seen(database, newsletter, now=NOW, by=1)
    taken_back(database)
    with database.read() as session:
        spec = newsletter_store.newsletter(session, newsletter)
    assert (spec.is_paused, spec.dns_seen_at) == (False, None)


def test_what_has_no_opposite_is_refused(sqlite_database: Database) -> None:
    newsletters.create(sqlite_database, builders.newsletter_form(), now=NOW, by=1)
    with pytest.raises(StateError, match="cannot be taken back"):
        taken_back(sqlite_database)


def test_an_undo_that_was_cut_off_before_its_mark_is_marked_by_the_next(sqlite_database: Database) -> None:
    feed = builders.feed_row(sqlite_database)
    ingest.mark_own_show(sqlite_database, feed, is_own_show=True, now=NOW, by=1)
    change = newest(sqlite_database)
    with sqlite_database.write() as session:
        session.execute(update(Feed).values(is_own_show=False))
    assert undo(sqlite_database, change.id, REVERTS, by=1, now=LATER).redo is None
    with sqlite_database.read() as session:
        assert activity.change(session, change.id).undone_at == LATER


def test_a_log_is_narrowed_by_who_what_and_which(database: Database) -> None:
    with database.write() as session:
        for actor, subject, key in ((1, "feed", 1), (2, "feed", 2), (1, "issue", 1), (None, "issue", 2)):
            activity.record(session, at=NOW, actor=actor, verb="touched", subject=subject, subject_id=key)
    with database.read() as session:

        def found(only: LogFilter, before: int | None = None) -> list[tuple[str, int]]:
            return [(each.subject, each.subject_id) for each in activity.page(session, only=only, before=before)]

        assert found(LogFilter(actor=1)) == [("issue", 1), ("feed", 1)]
        assert found(LogFilter(subject="feed")) == [("feed", 2), ("feed", 1)]
        assert found(LogFilter(things={"issue": [2], "feed": [1]})) == [("issue", 2), ("feed", 1)]
        assert found(LogFilter(hides=("issue",)), before=2) == [("feed", 1)]
        assert found(LogFilter(verb="pause")) == []


def test_a_log_of_what_belongs_together_has_its_opposite(database: Database) -> None:
    with database.write() as session:
        kept = partial(activity.record, session, at=NOW, actor=1)
        kept(verb="approve", subject="issue", subject_id=1)
        kept(verb="skip", subject="item", subject_id=1, after={"newsletter": 2})
        kept(verb="skip a slot of", subject="newsletter", subject_id=1, after={"slot": "2026-11-24T07:00"})
        kept(verb="give", subject="user", subject_id=1, before={"newsletter": None}, after={})
        kept(verb="skip", subject="item", subject_id=2, before={"newsletter": 3})
    second = Belongings({"issue": [1], "booking": []}, {"newsletter": [2], "slot": [7]})
    with database.read() as session:
        everything = activity.page(session)
        within = activity.page(session, only=LogFilter(within=second))
        outside = activity.page(session, only=LogFilter(outside=[second]))
    assert [(each.subject, each.subject_id) for each in within] == [("item", 1), ("issue", 1)]
    assert [each for each in everything if second.have(each)] == within
    assert [each for each in everything if not second.have(each)] == outside
