"""What every template may call: filters in words, files by their content's hash, and who is signed in."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup

from curator import languages
from curator.accounts.values import Right
from curator.episodes.transcripts.times import clock as playtime
from curator.issues import chart, phrases
from curator.issues.checks import clean
from curator.issues.trended import rise, told, trend_of
from curator.issues.values import IssueRow, IssueState
from curator.mailings import store as mailings
from curator.mailings.eta import Eta
from curator.mailings.values import MailingState
from curator.picks.muting import why
from curator.picks.trends import sparkline
from curator.watch import store as alerts
from curator.web import here, words

if TYPE_CHECKING:
    from curator.web.desk.deeds import Entry

# What the desk is made of, in the order of an editor's week.
NAV = (
    ("desk.home", "Desk", Right.LOOK),
    ("desk.inbox", "Inbox", Right.LOOK),
    ("desk.trends", "Trends", Right.LOOK),
    ("desk.issues", "Issues", Right.LOOK),
    ("desk.promotions", "Promotions", Right.LOOK),
    ("desk.feeds", "Feeds", Right.LOOK),
    ("desk.shows", "Shows", Right.LOOK),
    ("desk.subscribers", "Subscribers", Right.READERS),
    ("desk.newsletter", "Newsletter", Right.MANAGE),
    ("desk.people", "People", Right.MANAGE),
    ("desk.status", "Status", Right.MANAGE),
    ("desk.activity", "Activity", Right.LOOK),
)  # Pages that belong to an area under another address.
_PARTS = {
    "/desk/items": "/desk/inbox",
    "/desk/tips": "/desk/inbox",
    "/desk/transcripts": "/desk/shows",
    "/desk/webhooks": "/desk/status",
    "/desk/providers": "/desk/status",
    "/desk/episodes": "/desk/shows",
}

# Nothing inline and nothing evaluated, as the policy wants it. What a form answers with a reason (409, 422) is shown in
# its place; no attribute is inherited, so that htmx 4 will read the templates alike.
HTMX = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "disableInheritance": True,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "defaultSwapStyle": "outerHTML",
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "409|422", "swap": True, "error": False},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}


def install(flask: Flask) -> None:
    """Puts filters and globals into the templates."""
    hashes = _hashes(Path(flask.static_folder or ""))
    settings = here.app_of(flask).settings

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=hashes[name])

    flask.jinja_env.add_extension("jinja2.ext.i18n")
    # The extension calls these with the message alone, and fills in and escapes its values itself.
    install: Any = flask.jinja_env.install_gettext_callables  # type: ignore[attr-defined]  # the extension's own
    install(_gettext, _ngettext, newstyle=True)
    flask.jinja_env.globals["ngettext"] = _counted
    flask.jinja_env.filters.update(
        moment=moment,
        in_full=in_full,
        day=day,
        wall=wall,
        countdown=countdown,
        date=words.date_of,
        why_muted=why,
        stands=stands,
        arrival=arrival,
        clock=clock,
        clock_time=clock_time,
        days=days,
        lasting=lasting,
        ago=ago,
        age=age,
        duration=words.length,
        playtime=playtime,
        size=words.size,
        fate=words.fate,
        left_out=words.left_out,
        excerpt=words.excerpt,
        host=words.host,
        evidence=evidence,
        in_words=sparkline.words,
        sparkline=sparkline.sparkline,
        tracks_readers=clean.tracks,
    )
    flask.jinja_env.globals.update(
        asset=asset,
        count=words.count,
        measured=words.measured,
        now=here.now,
        htmx_config=json.dumps(HTMX),
        who=here.editor,
        may=here.may,
        nav=nav,
        in_need=in_need,
        is_demo=settings.is_demo,
        outbox=outbox_url,
        chart_url=chart_url,
        rise=rise,
        speech=here.speech,
        speech_of=languages.speech,
        direction=languages.direction,
        foreign=foreign,
        page_language=here.page_language,
        isolated=isolated,
        place_to_listen=place_to_listen,
    )


def _gettext(message: str) -> str:
    return here.speech().gettext(message)


def _ngettext(one: str, many: str, number: int) -> str:
    return here.speech().ngettext(one, many, number)


def _counted(one: str, many: str, number: int, **values: object) -> Markup:
    """Does what the extension's own does, and writes the number as the language does: a page says "4,812 issues"."""
    said = Markup(_ngettext(one, many, number))  # noqa: S704 - a message of the house, whose values are escaped
    return said % {"num": here.speech().number(number), **values}


def isolated(words: str) -> Markup:
    """Returns words as part of a sentence whose direction may be another one."""
    return Markup("<bdi>{}</bdi>").format(words)


def place_to_listen(alt: str) -> str:
    """Returns what stands before a platform's name, "Listen on", in the language of the page."""
    return phrases.place_to_listen(alt, language=here.speech().language)


def foreign() -> Markup:
    """Returns the attributes of an element in which the house's words are in another language than the page."""
    speaks, page = here.speech(), here.page_language()
    if languages.base(speaks.lang) == languages.base(page):
        return Markup("")
    turned = f' dir="{speaks.direction}"' if speaks.direction != languages.direction(page) else ""
    return Markup(' lang="{}"{}').format(speaks.lang, Markup(turned))  # noqa: S704 - one of two constants


def chart_url(counts: Sequence[int], accent: str = "") -> str:
    """Returns the address of a trend's chart on this site."""
    return url_for("public.chart", name=chart.name(counts, accent=accent))


def evidence(facts: Mapping[str, Any]) -> str:
    """Returns what a trend's block keeps, in a sentence."""
    trend = trend_of(facts)
    return told(trend, first_seen=f"{trend.first_seen_on.day} {trend.first_seen_on:%B %Y}")


def moment(at: datetime, zone: str) -> Markup:
    """Returns "Tue 1 Dec 2026, 07:00 Europe/London (in 3 d 4 h)" for people and the moment for machines."""
    return _time(at.isoformat(), words.moment(at, zone, here.now()))


def in_full(at: datetime, zone: str) -> Markup:
    """Returns "Tuesday 1 December 2026 at 07:00 Europe/London (in 3 d 4 h)".

    Where the reader's own clock shows another time, `yours.js` adds it.
    """
    told, away = words.in_full(at, zone), words.distance(at, here.now())
    form = '<time datetime="{}" data-zone="{}">{}</time> (<span class="away">{}</span>)'
    return Markup(form).format(at.isoformat(), zone, told, away)  # noqa: S704 - a constant of this function


def day(at: datetime, zone: str) -> str:
    """Returns "Tue 1 Dec" on the zone's calendar."""
    return words.day(at, zone, here.now())


def wall(at: datetime, zone: str) -> Markup:
    """Returns "07:00" on the zone's clock; `yours.js` adds the reader's own time where it differs."""
    told = at.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    return Markup('<time datetime="{}" data-zone="{}">{}</time>').format(at.isoformat(), zone, told)


def countdown(until: datetime) -> Markup:
    """Returns how long it is until a moment, "4:12", with the exact moment for machines."""
    return _time(until.isoformat(), words.countdown(until, here.now()))


def clock(at: datetime, zone: str) -> Markup:
    """Returns "07:18" on the zone's wall clock, with the exact moment for machines."""
    return _time(at.isoformat(), words.clock(at, zone, here.now()))


def clock_time(at: datetime, zone: str) -> Markup:
    """Returns "07:18" on the zone's wall clock, whatever the day, with the exact moment for machines."""
    return _time(at.isoformat(), f"{at.astimezone(ZoneInfo(zone)):%H:%M}")


def days(entries: "Sequence[Entry]", zone: str) -> "list[tuple[str, list[Entry]]]":
    """Returns a log's lines by the days of a zone, in their order."""
    grouped = groupby(entries, key=lambda entry: entry.change.at.astimezone(ZoneInfo(zone)).date())
    return [(f"{day:%A} {day.day} {day:%B %Y}", list(lines)) for day, lines in grouped]


def lasting(since: datetime) -> str:
    """Returns how long something has lasted: "3 min"."""
    return words.span(here.now() - since)


def arrival(told: Eta, zone: str) -> str:
    """Returns about when a mailing is done."""
    return words.arrival(told, zone, here.now())


def stands(issue: IssueRow) -> str:
    """Returns where an issue stands, in a word: "holding" as long as its mailing can be taken back."""
    if issue.state is not IssueState.SENDING:
        return issue.state
    with here.db().read() as session:
        return MailingState.HOLDING if issue.id in mailings.holding_issue_ids(session) else issue.state


def ago(at: datetime) -> Markup:
    """Returns "5 min ago" or "in 2 h", with the exact moment for machines."""
    return _time(at.isoformat(), words.distance(at, here.now()))


def age(at: datetime) -> Markup:
    """Returns how old something is: "3 d"."""
    return _time(at.isoformat(), words.age(at, here.now()))


def nav() -> list[tuple[str, str, bool]]:
    """Returns the desk's areas as (URL, label, whether the page belongs to it)."""
    links = [(url_for(endpoint), label) for endpoint, label, right in NAV if here.may(right)]
    home = url_for("desk.home")
    path = request.path
    for part, whole in _PARTS.items():
        path = path.replace(part, whole, 1)
    return [(url, label, path == url or (url != home and path.startswith(url))) for url, label in links]


def in_need() -> int:
    """Returns how many things need a person, for whoever runs the installation; 0 for everybody else."""
    if "in_need" not in g:
        g.in_need = 0
        if here.may(Right.MANAGE):
            with here.db().read() as session:
                g.in_need = alerts.count_open(session)
    return int(g.in_need)


def _time(machine: str, people: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, people)


def _hashes(folder: Path) -> dict[str, str]:
    """Returns the hash of every static file: a changed file gets another URL, so caches may keep each forever."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def outbox_url() -> str | None:
    """Returns the demo's outbox page, where one is installed."""
    rules = current_app.url_map.iter_rules()
    return next((rule.rule for rule in rules if rule.rule in ("/outbox", "/outbox/")), None)
