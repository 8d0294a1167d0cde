"""A quote or a person withdrawn: out of everything that was kept, coming issues too, and no word left of it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, delete, select, update

from curator import languages
from curator.activity import store as activity
from curator.db import Database
from curator.episodes import enrich
from curator.episodes import store as episodes
from curator.episodes.tables import Turn
from curator.episodes.transcripts import store as transcripts
from curator.episodes.values import Guest, Words
from curator.errors import CuratorError, NotFoundError, StateError
from curator.feeds.tables import Episode, Item
from curator.issues import board, illustrate, phrases, publish, store
from curator.issues.corrections import correct
from curator.issues.corrections import store as corrections
from curator.issues.preflight.values import Machine
from curator.issues.revisions import store as revisions
from curator.issues.tables import Block, Correction, IssueWords, MailLook, Revision
from curator.issues.values import IssueState
from curator.mailings import control, send
from curator.mailings import store as mailings
from curator.mailings.archive import store as archive
from curator.mailings.archive.reading import read_new
from curator.mailings.archive.web_version import web_version
from curator.mailings.values import MailingState
from curator.mailings.withdrawn import without
from curator.mailings.withdrawn.values import Kind, What
from curator.mailings.withdrawn.withdraw import preview, withdraw
from curator.newsletters import store as newsletters
from curator.newsletters.tables import Newsletter
from curator.picks.tables import Pick
from curator.pictures import store as pictures
from curator.pictures.values import Kind as PictureKind
from curator.pictures.values import Picture
from curator.promotions.tables import PromotionRow
from tests import builders
from tests.conftest import FakeClock
from tests.mailings.test_archive_search import back_issue_row
from tests.published import revision_row
from tests.web.conftest import Newsroom, make_app

NAME = "Nadia Okafor"
SAID = "an index forgets what nobody asks it for"
TRANSCRIPT = f"""Jo Park: Welcome back, {NAME}. What does a vector index forget?

{NAME}: Well, {SAID}, and that is most of it.

Jo Park: Thank you for being here today.
"""


class Desk:
    """An own show's episode with a guest, its transcript, and a quote of hers in an issue that is approved."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.room, self.app, self.db = newsroom, newsroom.app, newsroom.app.db
        self.now = newsroom.app.clock()
        self.item = newsroom.episodes[0]
        enrich.paste(self.db, self.item, TRANSCRIPT, by=None, now=self.now)
        with self.db.write() as session:
            session.execute(update(Item).where(Item.id == self.item).values(title=f"Tide pools with {NAME}"))
            guest = {"name": NAME, "role": "guest", "group": "cast"}
            session.execute(update(Episode).where(Episode.item_id == self.item).values(people=[guest]))
        self.quote = enrich.take_quote(self.db, self.item, first=1, last=1, words=[SAID], by=None, now=self.now)
        builders.subscriber_rows(self.db, newsroom.newsletter, ["a@readers.example", "b@readers.example"])
        self.issue = newsroom.issue()
        board.add_quote(self.db, self.issue, newsroom.sections[0], self.quote, by=None, now=self.now)
        board.add_text(self.db, self.issue, None, f"We talked to {NAME} this week.", by=None, now=self.now)

    def approve(self) -> None:
        publish.approve(self.db, self.app.renderer, self.issue, by=None, now=self.now)

    def withdraw(self, what: What) -> None:
        withdraw(self.db, self.app.renderer, self.app.pictures, what, by=None, now=self.now)

    def issue_state(self) -> IssueState:
        with self.db.read() as session:
            return store.issue_row(session, self.issue).state

    def everything(self) -> str:
        """All that stands in the database, as one text."""
        tables = MetaData()
        tables.reflect(self.db.engine)
        with self.db.engine.connect() as connection:
            rows = {
                table.name: [list(map(str, row)) for row in connection.execute(table.select())]
                for table in tables.sorted_tables
            }
        return json.dumps(rows, ensure_ascii=False)


@pytest.fixture
def desk(database: Database, clock: FakeClock, tmp_path: Path) -> Desk:
    return Desk(Newsroom(make_app(database, clock, tmp_path)))


QUOTE, PERSON = What(Kind.QUOTE, quote_id=1), What(Kind.PERSON, name=NAME)


def test_no_word_of_a_withdrawn_quote_is_left_anywhere(desk: Desk) -> None:
    desk.approve()
    assert "forgets what nobody" in desk.everything()
    desk.withdraw(QUOTE)
    assert "forgets what nobody" not in desk.everything()
    with desk.db.read() as session:
        assert transcripts.search(session, "forgets nobody") == []
        row = activity.recent(session, subject="quote")[0]
    assert (row.verb, row.after and row.after["quotes"]) == ("withdrew", 1)


def test_no_word_of_a_withdrawn_person_is_left_anywhere(desk: Desk) -> None:
    desk.approve()
    desk.withdraw(PERSON)
    assert "Okafor" not in desk.everything()
    with desk.db.read() as session:
        view = episodes.view(session, desk.item)
        turns = [(row.speaker, row.text) for row in session.scalars(select(Turn).order_by(Turn.position))]
    assert (view.title, view.guests) == ("Tide pools with [withdrawn]", ())
    assert turns[0] == ("Jo Park", "Welcome back, [withdrawn]. What does a vector index forget?")
    assert turns[1] == ("", "[withdrawn]")
    assert turns[2][0] == "Jo Park"


def test_a_passage_is_found_where_it_stands_now_and_other_words_stay(desk: Desk) -> None:
    longer = f"Jo Park: One word before we begin.\n\nJo Park: And this was added.\n\n{TRANSCRIPT}"
    enrich.paste(desk.db, desk.item, longer, by=None, now=desk.now)
    desk.withdraw(QUOTE)
    with desk.db.read() as session:
        texts = [turn.text for turn in transcripts.turns(session, desk.item)]
    # One who speaks twice in a row speaks in one turn.
    assert [text for text in texts if text == "[withdrawn]"] == ["[withdrawn]"]
    assert any("this was added" in text for text in texts)
    assert "forgets what nobody" not in desk.everything()


def test_a_coming_issue_loses_the_block_and_its_approval(desk: Desk) -> None:
    desk.approve()
    desk.withdraw(QUOTE)
    assert desk.issue_state() is IssueState.DRAFT
    with desk.db.read() as session:
        issue = store.board(session, desk.issue)
        assert "Something in it was withdrawn" in issue.issue.note
    assert all(block.quote is None for section in issue.sections for block in section.blocks)


def test_an_issue_that_is_approved_once_more_after_some_got_it_loses_its_approval(desk: Desk) -> None:
    desk.approve()
    control.cancel(desk.db, send.start(desk.db, desk.issue, now=desk.now), now=desk.now)
    desk.approve()
    desk.withdraw(QUOTE)
    assert desk.issue_state() is IssueState.DRAFT
    with pytest.raises(StateError, match="Approve it first"):
        send.start(desk.db, desk.issue, now=desk.now)


def test_a_mailing_in_its_holding_stops_and_says_why(desk: Desk) -> None:
    desk.approve()
    with desk.db.write() as session:
        session.execute(update(Newsletter).values(hold_minutes=30))
        store.set_send_at(session, desk.issue, desk.now + timedelta(minutes=1), is_test=False)
    mailing_id = send.start(desk.db, desk.issue, now=desk.now)
    desk.withdraw(QUOTE)
    with desk.db.read() as session:
        view = mailings.mailing(session, mailing_id)
    assert (view.state, desk.issue_state()) == (MailingState.CANCELLED, IssueState.HELD)
    assert "Something in it was withdrawn" in view.reason


def test_a_running_mailing_stops_and_its_rest_gets_what_is_approved_next(desk: Desk) -> None:
    desk.approve()
    mailing_id = send.start(desk.db, desk.issue, now=desk.now)
    desk.withdraw(QUOTE)
    with desk.db.read() as session:
        view = mailings.mailing(session, mailing_id)
    assert (view.state, view.is_mended, desk.issue_state()) == (MailingState.CANCELLED, True, IssueState.HELD)


def test_what_was_sent_is_shown_without_it(desk: Desk) -> None:
    desk.approve()
    with desk.db.read() as session:
        before = revisions.latest_revision(session, desk.issue)
    assert before is not None
    assert SAID in before.text
    with desk.db.write() as session:
        store.mark_sent(session, desk.issue, now=desk.now)
    desk.withdraw(QUOTE)
    with desk.db.read() as session:
        after = revisions.revision(session, before.id)
        document = revisions.document_of(session, before.id)
    assert SAID not in after.text + after.html
    assert document is not None
    assert "slot.invalid" not in document.subject
    assert all(entry.kind != "quote" for section in document.sections for entry in section.entries)
    assert desk.issue_state() is IssueState.SENT


def test_corrections_of_a_quote_go_with_it_and_the_log_keeps_no_word_of_them(desk: Desk) -> None:
    desk.approve()
    with desk.db.write() as session:
        store.mark_sent(session, desk.issue, now=desk.now)
        revision = revisions.latest_revision(session, desk.issue)
        assert revision is not None
        document = revisions.document_of(session, revision.id)
    assert document is not None
    entry = next(each for section in document.sections for each in section.entries if each.kind == "quote")
    words = {"body": "Well, an index forgets whatever nobody asks it for."}
    for note, is_out in (("She said whatever.", True), ("She did say whatever.", False)):
        made = correct.correct(desk.db, desk.issue, note=note, entry=entry, words=words, by=None, now=desk.now)
        if is_out:
            correct.take_out(desk.db, made, by=None, now=desk.now)
    correct.correct(desk.db, desk.issue, note="The date was wrong.", by=None, now=desk.now)
    desk.withdraw(QUOTE)
    assert "whatever" not in desk.everything()
    with desk.db.read() as session:
        assert [each.note for each in corrections.of_issue(session, desk.issue)] == ["The date was wrong."]


def test_a_back_issue_that_keeps_nothing_of_its_own_is_shown_without_a_person(desk: Desk) -> None:
    back = back_issue_row(desk.db, desk.room.newsletter, 7)
    theirs = desk.room.articles[0]
    with desk.db.write() as session:
        session.execute(update(Item).where(Item.id == theirs).values(title=f"{NAME.upper()} on tide pools"))
        section = desk.room.sections[0]
        for position, item_id in enumerate((desk.item, theirs)):
            pick_id = session.scalar(select(Pick.id).where(Pick.item_id == item_id))
            block = {"kind": "pick", "position": position, "section_id": section, "pick_id": pick_id}
            session.execute(delete(Block).where(Block.pick_id == pick_id))
            session.add(Block(issue_id=back, **block))
    read_new(desk.db, now=desk.now)
    with desk.db.read() as session:
        assert len(archive.search(session, desk.room.newsletter, "okafor", limit=9)) == 1
    desk.withdraw(PERSON)
    read_new(desk.db, now=desk.now)
    with desk.db.read() as session:
        newsletter = newsletters.newsletter(session, desk.room.newsletter)
        shown = archive.issue(session, newsletter.id, 7)
        assert shown is not None
        page = str(web_version(session, shown, newsletter, now=desk.now).document)
        assert "okafor" not in page.casefold()
        assert "Tide pools with [withdrawn]" in page
        assert archive.search(session, newsletter.id, "okafor", limit=9) == []


@pytest.mark.parametrize(
    "written", ["Émile O&#39;Brien", "ÉMILE O&#x27;BRIEN", "émile o’brien", "Émile  O'Brien", "Émile\nO&apos;Brien"]
)
def test_a_name_is_found_in_kept_html_of_any_maker(desk: Desk, written: str) -> None:
    desk.approve()
    with desk.db.write() as session:
        session.execute(update(Revision).values(html=f"<p>By {written}.</p>", document=None))
    desk.withdraw(What(Kind.PERSON, name="Émile O'Brien"))
    with desk.db.read() as session:
        assert session.scalars(select(Revision.html)).all() == ["<p>By [withdrawn].</p>"]


def test_a_passage_is_found_in_html_and_in_markdown() -> None:
    gone = without.Withdrawn(["R&D isn't a *cost*, they say"])
    for written in ("R&amp;D isn't a *cost*, they say", r"R\&D isn't a \*cost\*, they say"):
        assert gone.out_of(f"So {written}!") == "So [withdrawn]!"


def test_what_is_told_of_other_guests_is_told_without_a_person(desk: Desk) -> None:
    jo = Guest("Jo Park", role=f"Works with {NAME}", biography=f"Founded it with {NAME}.")
    with desk.db.write() as session:
        words = Words(guests=(jo,), artwork_url="https://art.example/a.png", artwork_credit=f"Photo: {NAME}")
        episodes.set_words(session, desk.item, words, version=1, now=desk.now)
    desk.withdraw(PERSON)
    assert "Okafor" not in desk.everything()


def test_what_was_made_of_the_words_goes_too(desk: Desk) -> None:
    desk.approve()
    with desk.db.read() as session:
        revision = revisions.latest_revision(session, desk.issue)
    assert revision is not None
    drawn = Picture(desk.app.pictures.put(b"drawn with the name", PictureKind.PNG), 1200, 630, 19)
    with desk.db.write() as session:
        store.mark_sent(session, desk.issue, now=desk.now)
        correction = {"note": f"{NAME} is meant.", "words": {"body": f"By {NAME}."}, "made_at": desk.now}
        session.add(Correction(issue_id=desk.issue, **correction))
        session.add(IssueWords(issue_id=desk.issue, words=f"words of {NAME}", made_at=desk.now))
        seen = [{"node": f"<a>{NAME}</a>"}]
        session.add(MailLook(revision_id=revision.id, machine=Machine.AXE, at=desk.now, notes=seen))
        pictures.put_share_image(session, desk.issue, drawn, now=desk.now)
    desk.withdraw(PERSON)
    assert "Okafor" not in desk.everything()
    with desk.db.read() as session:
        assert pictures.share_image(session, desk.issue) is None
    assert not desk.app.pictures.has(drawn.name)
    again = illustrate.draw(desk.db, desk.app.pictures, desk.issue, now=desk.now)
    assert again is not None
    assert again.name != drawn.name


def test_the_preview_tells_what_is_touched_and_changes_nothing(desk: Desk) -> None:
    desk.approve()
    before = desk.everything()
    plan = preview(desk.db, PERSON)
    assert desk.everything() == before
    assert (len(plan.quotes), plan.turns, list(plan.words)) == (1, 2, [desk.item])
    assert [issue.number for issue in plan.coming] == [1]
    assert plan.gone == ()


def test_what_is_nowhere_cannot_be_withdrawn(desk: Desk) -> None:
    for what in (What(Kind.QUOTE, quote_id=99), What(Kind.PERSON, name="Nobody Here")):
        with pytest.raises(NotFoundError):
            desk.withdraw(what)


def test_no_undo_brings_it_back(desk: Desk) -> None:
    block = next(block.id for section in _sections(desk) for block in section.blocks if block.quote is not None)
    board.remove(desk.db, block, by=None, now=desk.now)
    board.forget_quote(desk.db, desk.quote, by=None, now=desk.now)
    with desk.db.read() as session:
        forgot = activity.recent(session, subject="quote")[0]
    desk.withdraw(PERSON)
    with desk.db.read() as session:
        row = activity.change(session, forgot.id)
    assert row.before is None
    assert row.undone_at is not None
    assert "Okafor" not in desk.everything()


def test_a_sponsors_words_and_mail_of_the_first_release_lose_the_name_too(desk: Desk) -> None:
    revision_row(desk.db, desk.issue, number=9, html=f"<p>{NAME}</p>", text=f"With {NAME}.", document=None)
    row = {"kind": "house", "title": f"A course by {NAME}", "newsletter_id": desk.room.newsletter}
    with desk.db.write() as session:
        session.add(PromotionRow(created_at=desk.now, **row))
    desk.withdraw(PERSON)
    assert "Okafor" not in desk.everything()
    assert "A course by [withdrawn]" in desk.everything()


def test_whoever_has_the_words_open_does_not_save_them_over_it(desk: Desk) -> None:
    with desk.db.read() as session:
        (block,) = (block for block in store.board(session, desk.issue).intro if NAME in block.body)
    desk.withdraw(PERSON)
    with pytest.raises(CuratorError):
        board.edit_text(desk.db, block.id, body=block.body, expected_version=block.version, by=None, now=desk.now)
    assert "Okafor" not in desk.everything()


def test_a_mailing_that_is_being_built_is_waited_for(desk: Desk) -> None:
    desk.approve()
    mailing_id = send.start(desk.db, desk.issue, now=desk.now)
    with desk.db.write() as session:
        mailings.set_state(session, mailing_id, MailingState.BUILDING)
    with pytest.raises(StateError, match="just being built"):
        desk.withdraw(QUOTE)


def test_an_editor_may_write_of_the_episode_afterwards(desk: Desk) -> None:
    desk.withdraw(PERSON)
    with desk.db.read() as session:
        assert episodes.view(session, desk.item).version == 1


@pytest.mark.parametrize(
    ("people", "left"),
    [
        (NAME, ""),
        (f"{NAME} (database researcher)", ""),
        (f"{NAME} (database researcher) and Jo Park", "Jo Park"),
        (f"Jo Park and {NAME}", "Jo Park"),
        (f"Jo Park, {NAME} (researcher) and Lee", "Jo Park and Lee"),
    ],
)
def test_a_guest_goes_with_their_role(people: str, left: str) -> None:
    assert without.of_person(NAME).out_of({"people": people}) == {"people": left}


@pytest.mark.parametrize("language", sorted(languages.known()))
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_guest_goes_in_every_language_that_mail_is_written_in(language: str, place: int) -> None:
    others = ["Jo Park", "Lee"][: max(place, 1)]
    names = [*others[:place], f"{NAME} (researcher)", *others[place:]]
    left = without.of_person(NAME).out_of({"people": phrases.joined(names, language=language)})["people"]
    assert NAME not in left
    assert "researcher" not in left
    assert all(other in left for other in others)
    spoken = {"source": phrases.joined(["Jo Park", NAME], language=language)}
    assert without.of_person(NAME).is_in(spoken)


def test_the_name_of_a_guest_goes_even_where_the_role_is_hard_to_read() -> None:
    left = without.of_person(NAME).out_of({"people": f"{NAME} (head (acting)) and Jo Park"})["people"]
    assert NAME not in left
    assert "Jo Park" in left


@pytest.mark.parametrize("text", ["Nadia  Okafor", "nadia okafor", "NADIA\nOKAFOR"])
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    assert without.of_person(NAME).out_of(f"By {text}.") == "By [withdrawn]."


def test_a_name_within_another_is_none_and_an_address_is_no_name() -> None:
    gone = without.of_person("Jo")
    assert gone.out_of("Jordan and Banjo") == "Jordan and Banjo"
    assert gone.out_of({"url": "https://x.example/Jo"}) == {"url": "https://x.example/Jo"}
    assert without.of_person("O'Brien").out_of("<p>O&#x27;Brien</p>") == "<p>[withdrawn]</p>"


@given(st.text(max_size=40), st.text(max_size=80))
def test_any_name_and_any_words_are_taken_and_nothing_is_left_twice(name: str, words: str) -> None:
    gone = without.of_person(name)
    assert gone.out_of(gone.out_of(words)) == gone.out_of(words) or "withdrawn" in name.casefold()


def _sections(desk: Desk) -> tuple[object, ...]:
    with desk.db.read() as session:
        return store.board(session, desk.issue).sections
