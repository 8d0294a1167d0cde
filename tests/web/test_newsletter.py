"""The newsletter's settings, for owners."""

import html
import re

from curator.app import App
from curator.newsletters import store
from curator.newsletters.values import NewsletterSpec, Rhythm
from tests.web.conftest import Browser, Newsroom

_INPUT = re.compile(r'<input id="([^"]+)"[^>]* name="\1" type="[^"]+" value="([^"]*)"')


def test_the_first_newsletter_is_set_up_on_the_desk(mina: Browser, sqlite_app: App) -> None:
    assert mina.client.get("/desk/newsletter").headers["Location"] == "/desk/newsletter/new"
    empty = mina.see("/desk/newsletter/new")
    assert empty.count("Title of a new one") == 2, "three sections are proposed, two places are free"
    fields = _fields(empty)
    fields |= {"name": "Held Out Weekly", "sender_name": "Held Out", "sender_address": "news@podcast.example"}
    fields |= {"zone": "Europe/London", "rhythm": "weekly", "weekday-1": "yes", "when_short": "hold"}
    shown = mina.follow(mina.post("/desk/newsletter/new", fields))
    assert "every Tuesday at 07:00 Europe/London" in shown
    assert "Tue 17 Nov 2026, 07:00 Europe/London (in 22 h)" in shown
    assert shown.count("<time") == 5
    spec = _newsletters(sqlite_app)[0]
    assert (spec.slug, len(spec.sections)) == ("held-out-weekly", 3)


def test_before_any_feed_brought_an_item_no_empty_issue_is_drafted(mina: Browser, sqlite_app: App) -> None:
    fields = _fields(mina.see("/desk/newsletter/new"))
    fields |= {"name": "Held Out Weekly", "sender_name": "Held Out", "sender_address": "news@podcast.example"}
    fields |= {"zone": "Europe/London", "rhythm": "weekly", "weekday-1": "yes", "when_short": "hold"}
    shown = mina.follow(mina.post("/desk/newsletter/new", fields))
    assert "The first issue is drafted Sat 21 Nov 2026, 07:00 Europe/London" in shown
    fields |= {"newsletter": "1", "draft_lead_hours": "96"}
    assert "It goes out every Tuesday" in mina.follow(mina.post("/desk/newsletter", fields))
    with sqlite_app.db.read() as session:
        assert not store.has_due(session, now=sqlite_app.clock())


def test_rhythm_sections_and_sender_are_changed(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    fields = _fields(mina.see("/desk/newsletter"))
    fields |= {"rhythm": "monthly", "month_day": "31", "at": "18:30", "when_short": "skip"}
    fields |= {"section-title-3": "One more thing", "section-takes-3": "articles", "section-place-3": "1"}
    fields |= {"postal_address": "5 River Lane\r\nLeeds", "section-title-0": "From the show", "section-place-0": "2"}
    answer = mina.post("/desk/newsletter", fields)
    assert "on the 31st of every month" in mina.follow(answer)
    spec = _newsletters(sqlite_app)[0]
    assert spec.cadence.rhythm is Rhythm.MONTHLY
    assert spec.postal_address == "5 River Lane\nLeeds"
    assert [section.title for section in spec.sections][:2] == ["One more thing", "From the show"]


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_lost(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    before = _newsletters(sqlite_app)
    fields = _fields(mina.see("/desk/newsletter"))
    fields |= {"name": "", "at": "noon", "every_n_weeks": "0", "tagline": "Typed for an hour"}
    answer = mina.post("/desk/newsletter", fields)
    assert answer.status_code == 422
    for name in ("name", "at", "every_n_weeks"):
        assert f'<a href="#{name}">' in answer.text
        assert f'id="{name}-wrong"' in answer.text
    assert "Typed for an hour" in answer.text
    assert "3 things need another look" in answer.text
    assert _newsletters(sqlite_app) == before


def test_what_the_arrow_refuses_stands_beside_its_field(mina: Browser, newsroom: Newsroom) -> None:
    fields = _fields(mina.see("/desk/newsletter"))
    for name, value in (("sender_address", "news at podcast"), ("zone", "Mars/Olympus"), ("slug", "Not A Slug")):
        answer = mina.post("/desk/newsletter", {**fields, name: value})
        assert (answer.status_code, f'<a href="#{name}">' in answer.text) == (422, True), name
    days = {name: value for name, value in fields.items() if not name.startswith("weekday")}
    answer = mina.post("/desk/newsletter", days)
    assert '<a href="#weekday-0">' in answer.text


def test_a_section_that_picks_stand_in_is_not_taken_away(mina: Browser, newsroom: Newsroom) -> None:
    newsroom.issue()
    fields = _fields(mina.see("/desk/newsletter"))
    answer = mina.post("/desk/newsletter", {**fields, "section-title-0": ""})
    assert answer.status_code == 422
    assert 'href="#section-title-0"' in answer.text


def test_a_newsletter_that_is_not_there_never_means_another_one(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    for url in ("/desk/newsletter/pause", "/desk/newsletter", "/desk/issues", "/desk/subscribers"):
        assert mina.post(url, {"newsletter": 77, "address": "ada@readers.example"}).status_code == 404, url
    mina.see("/desk/subscribers?newsletter=77", status=404)
    assert mina.post("/desk/newsletter/pause?newsletter=77", {"newsletter": newsroom.newsletter}).status_code == 303
    with sqlite_app.db.read() as session:
        assert store.newsletter(session, newsroom.newsletter).is_paused, "the form says which, not the address"


def test_the_cadence_is_paused_and_resumed(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    assert "Resume" in mina.follow(mina.post("/desk/newsletter/pause"))
    assert _newsletters(sqlite_app)[0].is_paused
    assert "no issue is drafted by itself" in mina.see("/desk")
    mina.post("/desk/newsletter/resume")
    assert not _newsletters(sqlite_app)[0].is_paused


def test_counting_clicks_is_a_box_that_says_what_is_noted(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    page = mina.see("/desk/newsletter")
    assert 'name="tracks_clicks" value="yes" aria-describedby="tracks_clicks-hint" checked' in page
    assert "notes which reader followed which link" in page
    fields = _fields(page)
    mina.post("/desk/newsletter", {name: value for name, value in fields.items() if name != "tracks_clicks"})
    assert not _newsletters(sqlite_app)[0].tracks_clicks
    assert "checked> Count clicks" not in mina.see("/desk/newsletter")
    mina.post("/desk/newsletter", {**fields, "tracks_clicks": "yes"})
    assert _newsletters(sqlite_app)[0].tracks_clicks


def _fields(page: str) -> dict[str, str]:
    """What the form holds as it is opened."""
    fields = {name: html.unescape(value) for name, value in _INPUT.findall(page)}
    fields |= dict(re.findall(r'<input type="hidden" name="((?:section-id-|newsletter)[^"]*)" value="([^"]*)"', page))
    fields |= dict.fromkeys(re.findall(r'name="(weekday-\d|tracks_clicks)" value="yes"[^>]* checked', page), "yes")
    for name, options in re.findall(r'<select id="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        if chosen:
            fields[name] = chosen.group(1) or chosen.group(2)
    return fields


def _newsletters(app: App) -> list[NewsletterSpec]:
    with app.db.read() as session:
        return store.newsletters(session)
