"""The fixed words of mail in each language that the house can write, and dates in it. Pure.

A language that is not here gets English, marked as English where it stands, so that a screen reader says it rightly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

_TO_LISTEN = ("watch_on", "listen_on", "listen_in", "listen_on_the", "subscribe_by")
_LABELS = ("sponsored", "event", "from_us")
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True)
class Phrases:
    """One language's words. `lang` is theirs; a brace is where something is put."""

    lang: str
    months: tuple[str, ...]
    # The day of a date: its number, the month's name, the year.
    date: str
    issue: str
    on_the_web: str
    listen: str
    read: str
    read_at: str
    watch_on: str
    listen_on: str
    listen_in: str
    listen_on_the: str
    subscribe_by: str
    more: str
    people: str
    both: str
    topics: str
    picture: str
    own_shows: str
    # What stands above a promotion: a sponsor's, an event's, our own.
    sponsored: str
    event: str
    from_us: str
    # Of an episode: which one, and how long it is.
    season: str
    episode: str
    minutes: str
    hours: str
    hours_and_minutes: str
    at: str
    # The foot: why somebody gets it, and the ways out.
    why: str
    why_text: str
    no_more: str
    unsubscribe: str
    unsubscribe_text: str
    change: str
    preferences: str
    preferences_text: str
    # A trend's evidence: how many items (one, more), of how many feeds, in how long, and against when.
    items: tuple[str, str]
    feeds: tuple[str, str]
    within: str
    days: tuple[str, str]
    weeks: tuple[str, str]
    times: str
    never: str
    first_seen: str
    chart: str


_ENGLISH = Phrases(
    lang="en",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    date="{day} {month} {year}",
    issue="Issue {number}",
    on_the_web="Read it on the web",
    listen="Listen",
    read="Read",
    read_at="Read at",
    watch_on="Watch on",
    listen_on="Listen on",
    listen_in="Listen in",
    listen_on_the="Listen on the",
    subscribe_by="Subscribe by",
    more="Find out more",
    people="With",
    both="{first} and {last}",
    topics="Topics:",
    picture="Picture:",
    own_shows="From our own shows",
    sponsored="Sponsored",
    event="Event",
    from_us="From us",
    season="season {number}",
    episode="episode {number}",
    minutes="{minutes} min",
    hours="{hours} h",
    hours_and_minutes="{hours} h {minutes} min",
    at="at {clock}",
    why="You get {name} at {address} because you asked for it.",
    why_text="You get {name} because you asked for it. This mail went to:",
    no_more="No longer want it?",
    unsubscribe="Unsubscribe from {name}",
    unsubscribe_text="No more of it? Unsubscribe here:",
    change="Something to change?",
    preferences="Your preferences",
    preferences_text="Something to change? Your preferences:",
    items=("{number} item", "{number} items"),
    feeds=("of {number} feed", "of {number} feeds"),
    within="in {span}",
    days=("a day", "{number} days"),
    weeks=("a week", "{number} weeks"),
    times="{factor} times as often as in the {span} before",
    never="never told in the {span} before",
    first_seen="First seen on {date}.",
    chart="Chart of items on {term}: {words}",
)

_GERMAN = Phrases(
    lang="de",
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    date="{day}. {month} {year}",
    issue="Ausgabe {number}",
    on_the_web="Im Browser lesen",
    listen="Anhören",
    read="Lesen",
    read_at="Lesen bei",
    watch_on="Ansehen auf",
    listen_on="Anhören auf",
    listen_in="Anhören mit",
    listen_on_the="Anhören auf der",
    subscribe_by="Abonnieren über",
    more="Mehr erfahren",
    people="Mit",
    both="{first} und {last}",
    topics="Themen:",
    picture="Bild:",
    own_shows="Aus unseren eigenen Sendungen",
    sponsored="Anzeige",
    event="Veranstaltung",
    from_us="Von uns",
    season="Staffel {number}",
    episode="Folge {number}",
    minutes="{minutes} Min.",
    hours="{hours} Std.",
    hours_and_minutes="{hours} Std. {minutes} Min.",
    at="bei {clock}",
    why="Sie erhalten {name} an {address}, weil Sie es bestellt haben.",
    why_text="Sie erhalten {name}, weil Sie es bestellt haben. Diese Mail ging an:",
    no_more="Nicht mehr gewünscht?",
    unsubscribe="{name} abbestellen",
    unsubscribe_text="Nicht mehr gewünscht? Hier abbestellen:",
    change="Etwas ändern?",
    preferences="Ihre Einstellungen",
    preferences_text="Etwas ändern? Ihre Einstellungen:",
    items=("{number} Beitrag", "{number} Beiträge"),
    feeds=("aus {number} Feed", "aus {number} Feeds"),
    within="innerhalb von {span}",
    days=("einem Tag", "{number} Tagen"),
    weeks=("einer Woche", "{number} Wochen"),
    times="{factor}-mal so oft wie zuvor innerhalb von {span}",
    never="zuvor innerhalb von {span} nie erwähnt",
    first_seen="Zuerst gesehen am {date}.",
    chart="Diagramm der Beiträge zu {term}: {words}",
)

_ARABIC = Phrases(
    lang="ar",
    months=(
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ),
    date="{day} {month} {year}",
    issue="العدد {number}",
    on_the_web="اقرأه على الويب",
    listen="استمع",
    read="اقرأ",
    read_at="اقرأ في",
    watch_on="شاهد على",
    listen_on="استمع على",
    listen_in="استمع في",
    listen_on_the="استمع على",
    subscribe_by="اشترك عبر",
    more="اعرف المزيد",
    people="مع",
    both="{first} و{last}",
    topics="المواضيع:",
    picture="الصورة:",
    own_shows="من برامجنا",
    sponsored="إعلان",
    event="فعالية",
    from_us="منا",
    season="الموسم {number}",
    episode="الحلقة {number}",
    minutes="{minutes} د",
    hours="{hours} س",
    hours_and_minutes="{hours} س {minutes} د",
    at="عند {clock}",
    why="تصلك {name} على {address} لأنك طلبتها.",
    why_text="تصلك {name} لأنك طلبتها. أُرسلت هذه الرسالة إلى:",
    no_more="لم تعد تريدها؟",
    unsubscribe="إلغاء الاشتراك في {name}",
    unsubscribe_text="لم تعد تريدها؟ ألغِ اشتراكك هنا:",
    change="تريد تغيير شيء؟",
    preferences="تفضيلاتك",
    preferences_text="تريد تغيير شيء؟ تفضيلاتك:",
    # Figures behind a colon, because a counted noun changes with its number.
    items=("المواد: {number}", "المواد: {number}"),
    feeds=("المصادر: {number}", "المصادر: {number}"),
    within="خلال {span}",
    days=("يوم", "أيام: {number}"),
    weeks=("أسبوع", "أسابيع: {number}"),
    times="أكثر بمقدار {factor} من الفترة السابقة ({span})",
    never="لم تُذكر في الفترة السابقة ({span})",
    first_seen="شوهدت أول مرة في {date}.",
    chart="رسم للمواد عن {term}: {words}",
)

CATALOGUE: Mapping[str, Phrases] = MappingProxyType({each.lang: each for each in (_ENGLISH, _GERMAN, _ARABIC)})
"""By the language's first part: "de" serves de-AT too."""


def of(language: str) -> Phrases:
    """Returns the words of a language, or English."""
    return CATALOGUE.get(_first(language), _ENGLISH)


def is_foreign(language: str) -> bool:
    """Tells whether the fixed words of a mail in this language are English for want of its own."""
    return _first(language) not in CATALOGUE


def direction(language: str) -> str:
    """Returns "rtl" for a language written from right to left, else "ltr"; a script that the tag names decides."""
    parts = language.lower().split("-")
    if "latn" in parts[1:] or "cyrl" in parts[1:]:
        return "ltr"
    return "rtl" if parts[0] in _RIGHT_TO_LEFT or "arab" in parts[1:] or "hebr" in parts[1:] else "ltr"


def dated(on: date, *, language: str) -> str:
    """Returns a date as readers see it; ISO 8601 in languages whose months are not known here."""
    if is_foreign(language):
        return f"{on:%Y-%m-%d}"
    say = of(language)
    return say.date.format(day=on.day, month=say.months[on.month - 1], year=on.year)


def place_to_listen(alt: str, *, language: str) -> str:
    """Returns what stands before a platform's name, "Listen on", in a language."""
    return _translated(alt, _TO_LISTEN, of(language))


def label(words: str, *, language: str) -> str:
    """Returns a promotion's label in a language; what an editor wrote otherwise stays."""
    return _translated(words, _LABELS, of(language))


def joined(names: list[str], *, language: str) -> str:
    """Returns "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    comma = "، " if of(language).lang == "ar" else ", "
    return of(language).both.format(first=comma.join(names[:-1]), last=names[-1])


def length(duration_s: int | None, *, language: str) -> str:
    """Returns "38 min" or "1 h 4 min"; nothing for what is unknown or shorter than half a minute."""
    if duration_s is None or duration_s < 30:
        return ""
    hours, minutes = divmod(round(duration_s / 60), 60)
    say = of(language)
    form = say.hours_and_minutes if hours and minutes else say.hours if hours else say.minutes
    return form.format(hours=hours, minutes=minutes)


def counted(forms: tuple[str, str], number: int) -> str:
    """Returns a number with its noun."""
    return forms[number != 1].format(number=number)


def span(days: int, *, language: str) -> str:
    """Returns "2 days", "a week", "5 weeks"; what is no whole week is rounded to one from three on."""
    say, weeks = of(language), round(days / 7)
    if days < 7 or (days % 7 and weeks < 3):
        return counted(say.days, days)
    return counted(say.weeks, weeks)


def _translated(words: str, names: tuple[str, ...], say: Phrases) -> str:
    return next((getattr(say, name) for name in names if getattr(_ENGLISH, name) == words), words)


def _first(language: str) -> str:
    return language.partition("-")[0].lower()
