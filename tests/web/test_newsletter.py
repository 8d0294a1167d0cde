"""The newsletter's settings, for owners."""

import html
import re
from dataclasses import replace
from datetime import time

import pytest
from flask import Flask

from curator.app import App
from curator.issues import publish
from curator.mailings.routes import Route
from curator.mailings.transports.memory import MemoryTransport
from curator.newsletters import store
from curator.newsletters.values import NewsletterSpec, Rhythm, WhenUnapproved
from curator.web import here
from tests import builders
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


def test_another_postal_address_takes_approvals_back_and_says_so(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id = newsroom.issue()
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    fields = _fields(mina.see("/desk/newsletter")) | {"rhythm": "weekly", "weekday-1": "yes", "when_short": "hold"}
    page = mina.follow(mina.post("/desk/newsletter", fields | {"postal_address": "5 River Lane\r\nLeeds"}))
    assert "Issue 1 has lost the approval by it" in page


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


def test_what_is_noted_of_readers_is_two_choices(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    fields = _fields(mina.see("/desk/newsletter"))
    assert (fields["clicks"], fields["opens"]) == ("individual", "off")
    mina.post("/desk/newsletter", {**fields, "clicks": "aggregate", "opens": "individual"})
    spec = _newsletters(sqlite_app)[0]
    assert (spec.clicks, spec.opens) == ("aggregate", "individual")
    mina.post("/desk/newsletter", {name: value for name, value in fields.items() if name not in ("clicks", "opens")})
    assert _newsletters(sqlite_app)[0].opens == "individual", "whoever was not asked has chosen nothing"
    assert mina.post("/desk/newsletter", {**fields, "opens": "everything"}).status_code == 422


def test_hold_waves_and_hours_are_the_newsletters(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    fields = _fields(mina.see("/desk/newsletter"))
    assert (fields["hold_minutes"], fields["wave_minutes"], fields["send_from"]) == ("0", "0", "")
    assert "transport" not in fields, "there is only one"
    fields |= {"hold_minutes": "10", "wave_minutes": "30", "send_from": "20:00", "send_until": "06:30"}
    mina.follow(mina.post("/desk/newsletter", fields))
    spec = _newsletters(sqlite_app)[0]
    assert (spec.hold_minutes, spec.wave_minutes) == (10, 30)
    assert (spec.send_from, spec.send_until) == (time(20), time(6, 30))
    fields = _fields(mina.see("/desk/newsletter"))
    assert (fields["send_from"], fields["send_until"]) == ("20:00", "06:30")


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"hold_minutes": "61"}, "hold_minutes"),
        ({"wave_minutes": "soon"}, "wave_minutes"),
        ({"send_from": "08:00", "send_until": ""}, "send_until"),
        ({"send_from": "", "send_until": "20:00"}, "send_from"),
        ({"send_from": "08:00", "send_until": "08:00"}, "send_until"),
        ({"send_from": "early", "send_until": "20:00"}, "send_from"),
    ],
)
def test_hours_and_minutes_that_cannot_be_are_refused_beside_their_field(
    mina: Browser, newsroom: Newsroom, wrong: dict[str, str], name: str
) -> None:
    answer = mina.post("/desk/newsletter", {**_fields(mina.see("/desk/newsletter")), **wrong})
    assert (answer.status_code, f'<a href="#{name}">' in answer.text) == (422, True)


def test_deadline_second_person_and_colour_are_the_newsletters(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    fields = _fields(mina.see("/desk/newsletter"))
    fields |= {"rhythm": "weekly", "when_short": "hold", "approval_lead_minutes": "90", "when_unapproved": "send"}
    page = mina.follow(mina.post("/desk/newsletter", fields | {"needs_second_person": "yes", "accent": "#7A1F5C"}))
    spec = _newsletters(sqlite_app)[0]
    assert (spec.approval_lead_minutes, spec.when_unapproved) == (90, WhenUnapproved.SEND)
    assert (spec.needs_second_person, spec.accent) == (True, "#7a1f5c")
    assert 'fill="#7a1f5c"' in page


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("accent", "#ffee00", "choose a darker one"),
        ("accent", "red", "is not a colour"),
        ("approval_lead_minutes", "4320", "would be drafted after its deadline"),
        ("approval_lead_minutes", "20161", "from 0 to 20,160"),
    ],
)
def test_a_deadline_or_a_colour_that_will_not_do_is_said_beside_its_field(
    mina: Browser, newsroom: Newsroom, field: str, typed: str, why: str
) -> None:
    fields = _fields(mina.see("/desk/newsletter"))
    choices = {"rhythm": "weekly", "when_short": "hold", "when_unapproved": "hold"}
    answer = mina.post("/desk/newsletter", fields | choices | {field: typed})
    assert (answer.status_code, f'href="#{field}"' in answer.text, why in answer.text) == (422, True, True)


def test_one_of_several_transports_is_chosen_by_its_name(
    mina: Browser, newsroom: Newsroom, flask: Flask, sqlite_app: App
) -> None:
    named = {name: Route(name, MemoryTransport()) for name in ("bulk", "fresh")}
    flask.extensions[here.EXTENSION] = replace(sqlite_app, named_transports=named)
    fields = _fields(mina.see("/desk/newsletter")) | {"transport": "fresh", "spare_transport": "usual"}
    mina.follow(mina.post("/desk/newsletter", fields))
    spec = _newsletters(sqlite_app)[0]
    assert (spec.transport, spec.spare_transport) == ("fresh", "usual")
    for wrong, name in (("nowhere", "transport"), ("fresh", "spare_transport")):
        answer = mina.post("/desk/newsletter", {**fields, name: wrong})
        assert (answer.status_code, f'<a href="#{name}">' in answer.text) == (422, True), name


def test_a_transport_that_is_gone_is_shown_and_another_must_be_chosen(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    builders.change_newsletters(sqlite_app.db, transport="gone")
    page = mina.see("/desk/newsletter")
    assert '<option value="gone" selected>gone (not in the settings any more)' in page
    fields = _fields(page) | {"spare_transport": ""}
    answer = mina.post("/desk/newsletter", fields)
    assert "The settings name no transport gone any more" in answer.text
    mina.follow(mina.post("/desk/newsletter", fields | {"transport": ""}))
    assert _newsletters(sqlite_app)[0].transport == ""


def _fields(page: str) -> dict[str, str]:
    """What the form holds as it is opened."""
    fields = {name: html.unescape(value) for name, value in _INPUT.findall(page)}
    fields |= dict(re.findall(r'<input type="hidden" name="((?:section-id-|newsletter)[^"]*)" value="([^"]*)"', page))
    fields |= dict.fromkeys(re.findall(r'name="(weekday-\d)" value="yes"[^>]* checked', page), "yes")
    for name, options in re.findall(r'<select id="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        if chosen:
            fields[name] = chosen.group(1) or chosen.group(2)
    return fields


def _newsletters(app: App) -> list[NewsletterSpec]:
    with app.db.read() as session:
        return store.newsletters(session)
