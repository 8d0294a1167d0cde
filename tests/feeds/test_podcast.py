"""What a podcast's feed tells about its episodes: people, transcripts, chapters, soundbites, and when to ask."""

import pytest

from curator.feeds.parse import parsed_feed
from curator.feeds.values import Chapter, ParsedEpisode, ParsedFeed, Person, Soundbite, TranscriptLink
from curator.feeds.words import seconds
from tests.feeds.documents import item, rss

URL = "https://feed.example/feed.xml"
PODCAST = b'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
SPACES = (
    PODCAST + b' xmlns:psc="http://podlove.org/simple-chapters" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
)


def parsed(body: bytes, *, spaces: bytes = SPACES, is_quick: bool = True) -> ParsedFeed:
    body = body.replace(b'<rss version="2.0"', b'<rss version="2.0" ' + spaces, 1)
    return parsed_feed(body, url=URL, headers={}, is_quick=is_quick)


def episode(more: str, *, channel: str = "", is_quick: bool = True, spaces: bytes = SPACES) -> ParsedEpisode:
    body = rss(item(guid="ep-7", audio="/7.mp3", more=more), more=channel)
    (found,) = parsed(body, is_quick=is_quick, spaces=spaces).items
    assert found.episode is not None
    return found.episode


WHOLE = """
<itunes:duration>1:02:03</itunes:duration><itunes:season>1</itunes:season><podcast:season name="Two">2</podcast:season>
<itunes:episode>6</itunes:episode><podcast:episode display="Seven">7</podcast:episode>
<itunes:episodeType>Full</itunes:episodeType><itunes:subtitle>Ada on engines</itunes:subtitle>
<itunes:explicit>clean</itunes:explicit><itunes:image href="/7.png"/><itunes:author>The Lab</itunes:author>
<podcast:location geo="geo:51.5,-0.1">London</podcast:location>
<podcast:chapters url="/7.json" type="application/json+chapters"/>
<podcast:person role="Guest" group="Cast" href="/ada" img="/ada.png">Ada Lovelace</podcast:person>
<podcast:person>Bob &amp; Bob</podcast:person><podcast:person role="guest">ada lovelace</podcast:person>
<podcast:transcript url="/7.html" type="text/html"/><podcast:transcript url="/7.srt" type="application/srt"/>
<podcast:transcript url="/7.vtt" type="text/vtt; charset=utf-8" language="en_GB" rel="captions"/>
<podcast:transcript url="/7.json"/><podcast:transcript url="javascript:x" type="text/vtt"/>
<psc:chapters version="1.2"><psc:chapter start="0" title="Hello"/><psc:chapter start="3:07" title="Engines" href="/e"/>
<psc:chapter start="0:04:07.500" title="Looms" image="/l.png"/><psc:chapter start="soon" title="Bye"/></psc:chapters>
<podcast:soundbite startTime="12.5" duration="30">On weaving</podcast:soundbite><podcast:soundbite startTime="x"/>
"""


@pytest.mark.parametrize("is_quick", [True, False], ids=["lxml", "feedparser"])
def test_every_repeated_tag_is_kept_with_its_text(is_quick: bool) -> None:
    assert episode(WHOLE, is_quick=is_quick) == ParsedEpisode(
        duration_s=3723,
        season=2,
        number=7,
        episode_type="full",
        subtitle="Ada on engines",
        guid="ep-7",
        is_explicit=False,
        image_url="https://feed.example/7.png",
        author="The Lab",
        location="London",
        chapters_url="https://feed.example/7.json",
        people=(
            Person("Ada Lovelace", "guest", "cast", "https://feed.example/ada", "https://feed.example/ada.png"),
            Person("Bob & Bob"),
        ),
        transcripts=(
            TranscriptLink("https://feed.example/7.vtt", "text/vtt", "en-GB", is_captions=True),
            TranscriptLink("https://feed.example/7.json", "application/json"),
            TranscriptLink("https://feed.example/7.srt", "application/x-subrip"),
            TranscriptLink("https://feed.example/7.html", "text/html"),
        ),
        chapters=(
            Chapter(0.0, "Hello"),
            Chapter(187.0, "Engines", "https://feed.example/e"),
            Chapter(247.5, "Looms", None, "https://feed.example/l.png"),
            Chapter(None, "Bye"),
        ),
        soundbites=(Soundbite(12.5, 30.0, "On weaving"),),
    )


def test_the_shows_people_are_the_hosts_where_an_episode_names_nobody() -> None:
    channel = "<podcast:person>Ada</podcast:person><itunes:explicit>true</itunes:explicit>"
    assert episode("", channel=channel).people == (Person("Ada"),)
    assert episode("", channel=channel).is_explicit is True
    assert episode("<podcast:person>Bob</podcast:person>", channel=channel).people == (Person("Bob"),)


@pytest.mark.parametrize(
    "spaces", [b"", b'xmlns:podcast="https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"']
)
def test_people_are_found_when_the_namespace_is_old_or_missing(spaces: bytes) -> None:
    assert episode("<podcast:person>Ada</podcast:person>", spaces=spaces).people == (Person("Ada"),)


def test_people_are_found_in_a_broken_document() -> None:
    body = rss(item("Q & A", guid="1", audio="/1.mp3", more="<podcast:person>Ada</podcast:person>"))
    (found,) = parsed(body.replace(b"&amp;", b"&")).items
    assert found.title == "Q & A"
    assert found.episode is not None
    assert found.episode.people == (Person("Ada"),)


def test_lists_are_bounded() -> None:
    many = "".join(
        f"<podcast:person>P{n}</podcast:person><podcast:transcript url='/{n}' type='text/vtt'/>"
        f"<podcast:soundbite startTime='{n}' duration='1'/>"
        for n in range(900)
    )
    chapters = "".join(f"<psc:chapter start='{n}' title='C'/>" for n in range(900))
    found = episode(f"{many}<psc:chapters>{chapters}</psc:chapters>")
    lengths = [len(each) for each in (found.people, found.transcripts, found.chapters, found.soundbites)]
    assert lengths == [50, 20, 500, 50]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *(("3:07", 187), ("0:03:07.500", 187.5), ("187.25", 187.25), ("0", 0), ("01:00:00", 3600), (" 5 ", 5)),
        *(("", None), ("-1", None), ("1:2:3:4", None), ("nan", None), ("9" * 30, None), ("1e5", None), ("٣", None)),
    ],
)
def test_moments_within_an_episode_are_read_in_all_their_forms(text: str, found: float | None) -> None:
    assert seconds(text) == found


@pytest.mark.parametrize(
    ("channel", "minutes"),
    [
        ("<podcast:updateFrequency rrule='FREQ=WEEKLY'>every week</podcast:updateFrequency>", 10_080),
        ("<podcast:updateFrequency rrule='FREQ=WEEKLY;INTERVAL=2'/>", 20_160),
        ("<podcast:updateFrequency rrule='FREQ=WEEKLY;BYDAY=MO,WE,FR'/>", 3_360),
        ("<podcast:updateFrequency complete='true'>Done</podcast:updateFrequency>", None),
        ("<podcast:updateFrequency rrule='FREQ=SOMETIMES'/><sy:updatePeriod>daily</sy:updatePeriod>", 1440),
        ("<sy:updatePeriod> Hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 30),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 1440),
        ("<sy:updatePeriod>whenever</sy:updatePeriod>", None),
    ],
)
def test_how_often_a_feed_changes_is_told_in_minutes(channel: str, minutes: int | None) -> None:
    assert parsed(rss(item(), more=channel)).update_minutes == minutes


@pytest.mark.parametrize("is_quick", [True, False], ids=["lxml", "feedparser"])
def test_hours_and_days_of_rest_are_read(is_quick: bool) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in ("3", "24", "3", "25", "x", ""))
    channel = f"<skipHours>{hours}</skipHours><skipDays><day>sunday</day><day> Monday</day><day>Noday</day></skipDays>"
    feed = parsed(rss(item(), more=channel), is_quick=is_quick)
    assert (feed.skip_hours, feed.skip_days) == ((0, 3), (0, 6))
