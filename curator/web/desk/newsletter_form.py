"""A newsletter as form fields, and form fields as a newsletter."""

import re
from collections.abc import Sequence
from datetime import date, time

from curator.newsletters.values import (
    DEFAULT_SECTIONS,
    Cadence,
    NewsletterForm,
    NewsletterSpec,
    Rhythm,
    SectionForm,
    SectionSpec,
    Takes,
    Tracking,
    WhenShort,
    WhenUnapproved,
)
from curator.settings.transports import USUAL_TRANSPORT
from curator.web.forms import Form, key

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TAKES = {
    Takes.EPISODES: "Episodes of our own shows",
    Takes.TRENDS: "What several feeds tell",
    Takes.ARTICLES: "Articles and other shows",
}
TRACKING = [(Tracking.OFF, "Nothing"), (Tracking.AGGREGATE, "Sums only"), (Tracking.INDIVIDUAL, "By reader")]
"""What may be noted of clicks and opens, with its words."""
# Empty rows at the end of the sections' list, for new ones.
SPARE_SECTIONS = 2
_MOST_SECTIONS = 20
_NO_SLUG = re.compile(r"[^a-z0-9]+")


def values_of(newsletter: NewsletterSpec) -> dict[str, str]:
    """Returns the fields of a newsletter as it stands."""
    cadence = newsletter.cadence
    return {
        **{name: getattr(newsletter, name) for name in ("slug", "name", "tagline", "sender_name", "sender_address")},
        "reply_to": newsletter.reply_to or "",
        "postal_address": newsletter.postal_address,
        "language": newsletter.language,
        "rhythm": cadence.rhythm,
        "zone": cadence.zone,
        "at": f"{cadence.at:%H:%M}",
        "every_n_weeks": str(cadence.every_n_weeks),
        "month_day": str(cadence.month_day),
        **{f"weekday-{day}": "yes" for day in cadence.weekdays},
        "draft_lead_hours": str(newsletter.draft_lead_hours),
        "minimum_picks": str(newsletter.minimum_picks),
        "when_short": newsletter.when_short,
        "clicks": newsletter.clicks,
        "opens": newsletter.opens,
        "transport": newsletter.transport,
        "spare_transport": newsletter.spare_transport,
        "hold_minutes": str(newsletter.hold_minutes),
        "wave_minutes": str(newsletter.wave_minutes),
        "send_from": _shown(newsletter.send_from),
        "send_until": _shown(newsletter.send_until),
        "approval_lead_minutes": str(newsletter.approval_lead_minutes),
        "when_unapproved": newsletter.when_unapproved,
        "needs_second_person": "yes" if newsletter.needs_second_person else "",
        "accent": newsletter.accent,
        "shows_back_issues": "yes" if newsletter.shows_back_issues else "",
        **_section_values(newsletter.sections),
    }


def new_values() -> dict[str, str]:
    """Returns the fields of a newsletter that nobody has filled in yet."""
    return {
        "language": "en",
        "rhythm": Rhythm.WEEKLY,
        "zone": "UTC",
        "at": "07:00",
        "every_n_weeks": "1",
        "month_day": "1",
        "weekday-1": "yes",
        "draft_lead_hours": "72",
        "minimum_picks": "3",
        "when_short": WhenShort.HOLD,
        "clicks": Tracking.INDIVIDUAL,
        "opens": Tracking.OFF,
        "shows_back_issues": "yes",
        "hold_minutes": "5",
        "wave_minutes": "15",
        "approval_lead_minutes": "120",
        "when_unapproved": WhenUnapproved.HOLD,
        **_section_values(DEFAULT_SECTIONS),
    }


def section_rows(form: Form) -> range:
    """Returns the numbers of the section rows that a form shows."""
    numbers = [int(name.removeprefix("section-title-")) for name in form.values if _is_section(name)]
    return range(max(numbers, default=-1) + 1)


def transport_choices(names: Sequence[str], newsletter: NewsletterSpec | None) -> list[tuple[str, str]]:
    """Returns the transports to choose from, with their words; none where there is nothing to choose.

    One that the newsletter names and the settings do not is among them, so that the page tells how it stands.
    """
    present = newsletter.transport if newsletter is not None else ""
    named = [name for name in names if name]
    gone = [present] if present and present not in named else []
    if not named and not gone:
        return []
    return [
        ("", "The usual one" if "" in names else "The usual one (not set up yet)"),
        *((name, name) for name in named),
        *((name, f"{name} (not in the settings any more)") for name in gone),
    ]


def spare_choices(names: Sequence[str], newsletter: NewsletterSpec | None) -> list[tuple[str, str]]:
    """Returns what may take over when the transport has had its day, nothing first."""
    present = newsletter.spare_transport if newsletter is not None else ""
    choices = [("", "None: the rest waits for tomorrow")]
    choices += [(USUAL_TRANSPORT, "The usual one") if not name else (name, name) for name in names]
    if present and present not in dict(choices):
        choices.append((present, f"{present} (not in the settings any more)"))
    return choices


def read(form: Form, *, anchor_on: date, transports: Sequence[str], known: NewsletterSpec | None) -> NewsletterForm:
    """Returns the newsletter that was typed; complaints stand in the form.

    `anchor_on` keeps every-n-weeks in step. Of `transports`, the names in the settings, one may be chosen; what is not
    asked for stays as it is `known`.
    """
    name = form.line("name", at_most=200, needed="Give the newsletter a name.")
    return NewsletterForm(
        slug=form.line("slug", at_most=80) or _NO_SLUG.sub("-", name.lower()).strip("-")[:80] or "newsletter",
        name=name,
        tagline=form.line("tagline", at_most=300),
        sender_name=form.line("sender_name", at_most=200, needed="Say who sends it."),
        sender_address=form.line("sender_address", at_most=320, needed="Give the address that it is sent from."),
        reply_to=form.line("reply_to", at_most=320) or None,
        postal_address=form.text("postal_address", at_most=500),
        language=form.line("language", at_most=20) or "en",
        cadence=_cadence(form, anchor_on),
        draft_lead_hours=form.number("draft_lead_hours", low=0, high=24 * 92),
        minimum_picks=form.number("minimum_picks", low=0, high=100),
        when_short=form.choice("when_short", list(WhenShort), default=WhenShort.HOLD),
        clicks=_tracking(form, "clicks", Tracking.INDIVIDUAL if known is None else known.clicks),
        opens=_tracking(form, "opens", Tracking.OFF if known is None else known.opens),
        transport=_transport(form, transports, known),
        spare_transport=_spare(form, transports, known),
        hold_minutes=form.number("hold_minutes", low=0, high=60),
        wave_minutes=form.number("wave_minutes", low=0, high=24 * 60),
        send_from=_hour(form, "send_from"),
        send_until=_hour(form, "send_until"),
        approval_lead_minutes=form.number("approval_lead_minutes", low=0, high=14 * 24 * 60),
        when_unapproved=form.choice("when_unapproved", list(WhenUnapproved), default=WhenUnapproved.HOLD),
        needs_second_person=form.value("needs_second_person") == "yes",
        accent=_accent(form, known),
        shows_back_issues=form.value("shows_back_issues") == "yes",
        sections=_sections(form),
    )


def _accent(form: Form, known: NewsletterSpec | None) -> str:
    """The accent of a newsletter that is there is set on the page of its look."""
    if known is not None and "accent" not in form.values:
        return known.accent
    return form.line("accent", at_most=20)


def _tracking(form: Form, name: str, present: Tracking) -> Tracking:
    """What is measured of readers changes only where somebody was asked."""
    return form.choice(name, list(Tracking), default=present) if name in form.values else present


def _cadence(form: Form, anchor_on: date) -> Cadence:
    return Cadence(
        rhythm=form.choice("rhythm", list(Rhythm), default=Rhythm.WEEKLY),
        zone=form.line("zone", at_most=64, needed="Choose a zone."),
        at=_time(form),
        anchor_on=anchor_on,
        weekdays=tuple(day for day in range(7) if form.value(f"weekday-{day}") == "yes"),
        every_n_weeks=form.number("every_n_weeks", low=1, high=52),
        month_day=form.number("month_day", low=1, high=31),
    )


def _time(form: Form) -> time:
    at = _clock(form.value("at"))
    if at is None:
        form.refuse("at", "Give a time of the day, such as 07:00.")
    return at or time(7)


def _hour(form: Form, name: str) -> time | None:
    typed = form.value(name).strip()
    at = _clock(typed)
    if typed and at is None:
        form.refuse(name, "Give a time of the day, such as 07:00, or leave it empty.")
    return at


def _clock(typed: str) -> time | None:
    try:
        return time.fromisoformat(typed).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None


def _shown(at: time | None) -> str:
    return "" if at is None else f"{at:%H:%M}"


def _transport(form: Form, names: Sequence[str], known: NewsletterSpec | None) -> str:
    """Reads the transport; one that is gone from the settings is refused, so that nobody keeps it by not looking."""
    present = known.transport if known is not None else ""
    if not transport_choices(names, known):
        return present
    return _named(form, "transport", ["", *(name for name in names if name)], present)


def _spare(form: Form, names: Sequence[str], known: NewsletterSpec | None) -> str:
    present = known.spare_transport if known is not None else ""
    if not transport_choices(names, known):
        return present
    return _named(form, "spare_transport", ["", *(name or USUAL_TRANSPORT for name in names)], present)


def _named(form: Form, field: str, choices: Sequence[str], present: str) -> str:
    typed = form.value(field)
    if typed and typed == present and typed not in choices:
        form.refuse(field, f"The settings name no transport {typed} any more. Choose another one.")
        return typed
    return form.choice(field, choices, default=present)


def _sections(form: Form) -> tuple[SectionForm, ...]:
    """Reads the rows in the order of their places; a row without a title is left out, and so removed."""
    found: list[tuple[int, int, SectionForm]] = []
    for number in section_rows(form):
        title = form.line(f"section-title-{number}", at_most=120)
        if not title:
            continue
        section = SectionForm(
            title=title,
            takes=form.choice(f"section-takes-{number}", list(Takes), default=Takes.ARTICLES),
            budget=form.number(f"section-budget-{number}", low=1, high=50),
            id=key(form.value(f"section-id-{number}")),
        )
        place = form.number(f"section-place-{number}", low=1, high=99)
        found.append((place, number, section))
    if not found:
        form.refuse("section-title-0", "A newsletter has at least one section.")
    return tuple(section for _, _, section in sorted(found, key=lambda row: row[:2]))


def _section_values(sections: tuple[SectionSpec, ...] | tuple[SectionForm, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for number in range(min(len(sections) + SPARE_SECTIONS, _MOST_SECTIONS)):
        section = sections[number] if number < len(sections) else None
        values[f"section-id-{number}"] = str(section.id) if section is not None and section.id else ""
        values[f"section-title-{number}"] = section.title if section is not None else ""
        values[f"section-takes-{number}"] = section.takes if section is not None else Takes.ARTICLES
        values[f"section-budget-{number}"] = str(section.budget) if section is not None else "3"
        values[f"section-place-{number}"] = str(number + 1)
    return values


def _is_section(name: str) -> bool:
    return re.fullmatch(r"section-title-1?[0-9]", name) is not None
