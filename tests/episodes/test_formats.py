"""Transcripts in every form: who speaks, when and what; and that broken ones give a sentence instead of a stop."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.episodes.transcripts import times
from curator.episodes.transcripts.joining import turns as joined
from curator.episodes.transcripts.read import conversation, form_of, written
from curator.episodes.transcripts.values import (
    MAX_BYTES,
    MAX_MS,
    MAX_TURN_CHARACTERS,
    MAX_TURNS,
    Conversation,
    Cue,
    Form,
)
from curator.errors import CuratorError, ParseError

VTT = """WEBVTT - a talk

STYLE
::cue { color: red }

NOTE said by nobody
and this neither

intro
00:00.000 --> 00:02.000 align:start position:10%
<v Ada Lovelace>Hello <i>there</i> &amp; welcome

2
00:00:02.000 --> 00:00:04.000
<v Ada Lovelace>to the <c.loud>show</c>.</v>

00:00:04.000 --> 00:00:06.000
<v.first Bo Diddley>Hi.</v> <v Ada Lovelace>Yes?
"""
SRT = """1
00:00:00,000 --> 00:00:02,000
Ada: Hello <i>there</i>

2
00:00:02.000 --> 00:00:04.000
and welcome

3
00:00:04,000 --> 00:00:05,000
Bo: Thanks
"""
PLAIN = """Ada Lovelace (00:12:03): The point is this: count.
And count again.

Bo: [laughs] Yes
[00:13:01] Ada Lovelace: More
Speaker 1  0:14:00
Words below a name
"""
PAGE = """<!doctype html><html><head><title>No words</title><script>no()</script></head><body><nav>Home</nav>
<cite>Ada:</cite><time>0:00</time><p>Hello there</p>
<cite>Bo:</cite><time>0:05</time><p>Hi <b>you</b><script>no()</script> all</p>
<p><strong>Cy Young:</strong> Words</p></body>"""
SEGMENTS = json.dumps(
    {
        "version": "1.0.0",
        "segments": [
            {"speaker": "Ada", "startTime": 0.5, "endTime": 0.7, "body": "Hello"},
            {"startTime": 0.7, "endTime": 1.0, "body": "world"},
            {"speaker": "Bo", "startTime": 1.2, "endTime": 2, "body": "Hi"},
        ],
    }
)


def said(found: Conversation) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in found.turns]


def starts(found: Conversation) -> list[int | None]:
    return [turn.start_ms for turn in found.turns]


def test_webvtt_keeps_voices_and_times_and_leaves_out_notes_styles_and_settings() -> None:
    found = conversation(VTT.encode())
    assert found.form is Form.VTT
    assert said(found) == [
        ("Ada Lovelace", "Hello there & welcome to the show."),
        ("Bo Diddley", "Hi."),
        ("Ada Lovelace", "Yes?"),
    ]
    assert starts(found) == [0, 4000, 4000]
    assert found.turns[0].end_ms == 4000
    assert found.notes == ()


def test_srt_takes_commas_and_dots_and_joins_what_one_speaker_says() -> None:
    found = conversation(SRT.encode())
    assert said(found) == [("Ada", "Hello there and welcome"), ("Bo", "Thanks")]
    assert starts(found) == [0, 4000]


def test_a_dash_in_srt_is_another_voice() -> None:
    found = written("1\n00:00:01,000 --> 00:00:02,000\n- Are you there?\n- I am.\n")
    assert said(found) == [("", "Are you there?"), ("", "I am.")]


def test_rolling_captions_say_each_line_once() -> None:
    first = "00:00.000 --> 00:01.000\none<00:00:00.500> two\n"
    cues = f"WEBVTT\n\n{first}\n00:01.000 --> 00:02.000\none two\nthree<00:00:01.5> four\n"
    assert said(written(cues)) == [("", "one two three four")]


def test_plain_text_finds_names_and_times_but_no_name_in_a_sentence_with_a_colon() -> None:
    found = conversation(PLAIN.encode())
    assert said(found) == [
        ("Ada Lovelace", "The point is this: count. And count again."),
        ("Bo", "[laughs] Yes"),
        ("Ada Lovelace", "More"),
        ("Speaker 1", "Words below a name"),
    ]
    assert starts(found) == [723_000, None, 781_000, 840_000]


def test_plain_text_without_names_keeps_its_paragraphs_and_says_so() -> None:
    found = written("One thought\nof two lines.\n\nAnother thought.")
    assert said(found) == [("", "One thought of two lines."), ("", "Another thought.")]
    assert found.notes == ("Nobody is named as speaking.",)


def test_names_of_other_scripts_and_with_a_wide_colon_are_names() -> None:
    found = written("李明：你好。\nمريم: مرحبا\nÉlodie de la Tour: Bonjour")
    assert [turn.speaker for turn in found.turns] == ["李明", "مريم", "Élodie de la Tour"]


def test_html_reads_the_podcast_form_and_ordinary_pages() -> None:
    found = conversation(PAGE.encode())
    assert found.form is Form.HTML
    assert said(found) == [("Ada", "Hello there"), ("Bo", "Hi you all"), ("Cy Young", "Words")]
    assert starts(found) == [0, 5000, None]


def test_json_segments_become_turns() -> None:
    found = conversation(SEGMENTS.encode())
    assert said(found) == [("Ada", "Hello world"), ("Bo", "Hi")]
    assert starts(found) == [500, 1200]


@pytest.mark.parametrize(
    ("text", "content_type", "name", "form"),
    [
        (VTT, "text/plain", "talk.txt", Form.VTT),
        (SRT, "text/html", "talk.html", Form.SRT),
        (SEGMENTS, "text/vtt", "talk.vtt", Form.JSON),
        (PAGE, "text/plain", "", Form.HTML),
        ("[00:12] Ada: Hello", "application/json", "", Form.JSON),
        ("[00:12] Ada: Hello", "", "talk.txt", Form.PLAIN),
        ("Ada: Hello", "", "", Form.PLAIN),
    ],
)
def test_a_form_is_known_by_its_content_first(text: str, content_type: str, name: str, form: Form) -> None:
    assert form_of(text, content_type=content_type, name=name) is form


def test_times_that_cannot_be_true_are_left_out_with_a_note() -> None:
    found = written(
        "WEBVTT\n\n"
        "00:01.000 --> 00:02.000\n<v Ada>one\n\n"
        "00:99:xx --> 00:08.000\n<v Bo>two\n\n"
        "120:00:00.000 --> 120:00:01.000\n<v Ada>three\n\n"
        "50:00:00.000 --> 50:00:02.000\n<v Bo>four\n\n"
        "00:05.000 --> 00:09.000\n<v Ada>five\n\n"
        "00:07.000 --> 00:08.000\n<v Bo>six\n"
    )
    assert starts(found) == [1000, None, None, None, 5000, 7000]
    assert [turn.text for turn in found.turns] == ["one", "two", "three", "four", "five", "six"]
    assert " ".join(found.notes) == (
        "1 time cannot be read and was left out. 1 time lies beyond 100 hours and was left out. "
        "1 time goes back and was left out. 1 time overlaps the next and was left out."
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "a Word document"),
        (b"ID3\x04....", "an audio file"),
        (b"ab\0\0cd", "no text"),
        (b'{"segments": [', "damaged"),
        (b'{"segments": []}', "no segments"),
        (b"[" * 100_000, "no segments|damaged"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "no words"),
        (b"<html><body><script>x</script></body></html>", "no words"),
        (b"x" * (MAX_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        conversation(body)


def test_bytes_of_an_older_encoding_are_read() -> None:
    (turn,) = conversation("Élodie: Ça va déjà".encode("cp1252")).turns
    assert (turn.speaker, turn.text) == ("Élodie", "Ça va déjà")


def test_a_long_turn_is_split_between_sentences() -> None:
    found = written("Ada: " + "This is a sentence. " * 2_500)
    assert len(found.turns) == 3
    assert all(len(turn.text) <= MAX_TURN_CHARACTERS and turn.text.endswith(".") for turn in found.turns)
    assert {turn.speaker for turn in found.turns} == {"Ada"}


def test_too_many_turns_are_cut_with_a_note() -> None:
    found = written("".join(f"{name}: x\n" for name in ("Ada", "Bo") for _ in (1,)) * (MAX_TURNS // 2 + 1))
    assert len(found.turns) == MAX_TURNS
    assert found.notes == ("Only the first 20,000 of 20,002 turns are kept.",)


_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)
_CUES = st.lists(
    st.builds(
        Cue,
        text=_TEXT,
        speaker=st.none() | _TEXT,
        start_ms=st.none() | st.integers(-5, 10**10),
        end_ms=st.none() | st.integers(-5, 10**10),
        is_broken=st.booleans(),
    ),
    max_size=30,
)


@given(_CUES)
def test_turns_have_times_that_never_go_back_and_keep_every_word(cues: list[Cue]) -> None:
    found, _ = joined(cues)
    begun = [turn.start_ms for turn in found if turn.start_ms is not None]
    assert begun == sorted(begun)
    assert all(0 <= each <= MAX_MS for each in begun)
    assert all(turn.text for turn in found)
    assert all(turn.end_ms is None or turn.end_ms >= (turn.start_ms or 0) for turn in found)
    assert sum(len(turn.text.split()) for turn in found) == sum(len(each.split()) for each in _words(cues))


def _words(cues: list[Cue]) -> list[str]:
    from curator.feeds.normalize import clean

    return [clean(cue.text) for cue in cues]


@given(st.integers(0, MAX_MS))
def test_a_time_written_as_people_write_it_reads_back(ms: int) -> None:
    assert times.from_clock(times.clock(ms)) == ms // 1000 * 1000


_SPOKEN = st.lists(
    st.tuples(
        st.sampled_from(["Ada Lovelace", "Bo", "Speaker 1"]),
        st.from_regex(r"[a-z]{2,9}( [a-z]{2,9}){0,6}", fullmatch=True),
    ),
    min_size=1,
    max_size=12,
).map(lambda turns: [pair for place, pair in enumerate(turns) if not place or pair[0] != turns[place - 1][0]])


@given(_SPOKEN, st.sampled_from(list(Form)))
def test_what_is_written_down_in_any_form_reads_back_the_same(turns: list[tuple[str, str]], form: Form) -> None:
    assert said(written(_written(turns, form), name="talk.txt")) == _distinct(turns)


def _distinct(turns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for speaker, words in turns:
        if found and found[-1][0] == speaker:
            found[-1] = (speaker, f"{found[-1][1]} {words}")
        else:
            found.append((speaker, words))
    return found


def _written(turns: list[tuple[str, str]], form: Form) -> str:
    spans = [(f"00:00:{place:02}", f"00:00:{place + 1:02}") for place in range(len(turns))]
    match form:
        case Form.VTT:
            cues = [
                f"{a}.000 --> {b}.000\n<v {who}>{words}\n" for (a, b), (who, words) in zip(spans, turns, strict=True)
            ]
            return "WEBVTT\n\n" + "\n".join(cues)
        case Form.SRT:
            return "\n".join(
                f"{place}\n{a},000 --> {b},000\n{who}: {words}\n"
                for place, ((a, b), (who, words)) in enumerate(zip(spans, turns, strict=True), 1)
            )
        case Form.JSON:
            return json.dumps({"segments": [{"speaker": who, "body": words} for who, words in turns]})
        case Form.HTML:
            return "".join(f"<p><b>{who}:</b> {words}</p>" for who, words in turns)
        case Form.PLAIN:
            return "\n".join(f"{who}: {words}" for who, words in turns)


_SAMPLES = [each.encode() for each in (VTT, SRT, PLAIN, PAGE, SEGMENTS)]


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    _read_or_refused(body)


@given(st.sampled_from(_SAMPLES), st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=6)), max_size=8))
def test_no_damage_breaks_the_reader(sample: bytes, damages: list[tuple[int, bytes]]) -> None:
    body = bytearray(sample)
    for place, bits in damages:
        body[place : place + len(bits)] = bits
    _read_or_refused(bytes(body))


@given(
    st.sampled_from(["WEBVTT\n\n", "{", "[{", "<p>", "1\n00:00:01,000 --> 00:00:02,000\n", ""]), st.text(max_size=300)
)
def test_no_text_behind_a_good_beginning_breaks_the_reader(beginning: str, rest: str) -> None:
    _read_or_refused((beginning + rest).encode("utf-8", "surrogatepass"))


def _read_or_refused(body: bytes) -> None:
    try:
        found = conversation(body)
    except CuratorError:
        return
    assert all(turn.text and len(turn.text) <= MAX_TURN_CHARACTERS for turn in found.turns)


@pytest.mark.parametrize(
    "text",
    [
        "A: " + " " * 500_000 + "x",
        "<p>" * 50_000 + "words",
        "<b>" * 100_000,
        ("0:" * 200_000) + "\n",
        "- " * 200_000,
        "WEBVTT\n\n" + "00:01.000 --> 00:02.000\n" * 50_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * 200_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<a" * 200_000,
        "{\\" * 200_000,
    ],
)
def test_hostile_text_is_read_or_refused_in_time(text: str) -> None:
    _read_or_refused(text.encode())
