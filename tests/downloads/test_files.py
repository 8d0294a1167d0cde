"""What files are by their content, links, looks, and the transcript as a file to keep. All of it is pure."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.downloads.documents import Spoken, as_html, as_text
from curator.downloads.folder import FolderFiles, MemoryFiles
from curator.downloads.kinds import kind_of, saved_as
from curator.downloads.links import DownloadLink, download_token, read_download_token
from curator.downloads.looks import is_of_person
from curator.episodes.transcripts.values import StoredTurn
from curator.errors import InvalidError, TokenError
from curator.languages import ENGLISH
from curator.tokens import Keys, Purpose, sign

KEYS = Keys.from_secret("x" * 40)
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def packed(*names: str, first: bytes = b"") -> bytes:
    """The same bytes whenever it is made, because tests are named by them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        if first:
            archive.writestr(zipfile.ZipInfo("mimetype"), first)
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (packed("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (packed("content.xml", first=b"application/vnd.oasis.opendocument.presentation"), "odp"),
        (packed("a.xhtml", first=b"application/epub+zip"), "epub"),
        (b"\x89PNG\r\n\x1a\n...", "png"),
        ("Four checks\nfür einen Nachmittag".encode(), "txt"),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, ending: str) -> None:
    assert kind_of(content).ending == ending


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b"#!/bin/sh\nrm -rf /",
        b"MZ\x90\x00\x03\x00\x00\x00",
        packed("program.exe"),
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        packed("a")[:20],
        b"a\x00b",
    ],
)
def test_what_could_harm_a_reader_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(InvalidError) as refused:
        kind_of(content)
    assert refused.value.field == "file"


@given(st.text(max_size=200))
def test_a_file_is_saved_under_a_name_that_any_system_takes(name: str) -> None:
    saved = saved_as(name, kind_of(b"%PDF-1"))
    assert saved.endswith(".pdf")
    assert saved != ".pdf"
    assert len(saved) <= 120
    assert not set(saved) & set('/\\:*?"<>|\r\n\0')


def test_a_folder_keeps_what_its_twin_keeps(tmp_path) -> None:
    for kept in (MemoryFiles(), FolderFiles(tmp_path / "files")):
        name = kept.put(b"%PDF-1")
        assert kept.put(b"%PDF-1") == name
        assert kept.get(name) == b"%PDF-1"
        assert kept.get("../" + name) is None


def test_a_link_says_whose_it_is_and_until_when() -> None:
    link = DownloadLink(7, NOW)
    assert read_download_token(KEYS, download_token(KEYS, link)) == link
    assert link.is_over(NOW)
    assert not link.is_over(NOW - timedelta(seconds=1))
    for forged in ("", "damaged", sign(KEYS, Purpose.SPONSOR, b"x" * 16), sign(KEYS, Purpose.DOWNLOAD, b"x")):
        with pytest.raises(TokenError):
            read_download_token(KEYS, forged)
    with pytest.raises(TokenError):
        read_download_token(KEYS, sign(KEYS, Purpose.DOWNLOAD, b"\xff" * 16))


@pytest.mark.parametrize(
    ("method", "agent", "purpose", "counts"),
    [
        ("GET", FIREFOX, "", True),
        ("HEAD", FIREFOX, "", False),
        ("GET", "", "", False),
        ("GET", FIREFOX, "prefetch;prerender", False),
        ("GET", "Mozilla/5.0 (compatible; Googlebot/2.1)", "", False),
        ("GET", "curl/8.5.0", "", False),
        ("GET", "Slackbot-LinkExpanding 1.0", "", False),
    ],
)
def test_a_look_counts_where_a_person_looks(method: str, agent: str, purpose: str, *, counts: bool) -> None:
    assert is_of_person(method=method, agent=agent, purpose=purpose) is counts


def spoken(**fields: object) -> Spoken:
    usual: dict[str, object] = {
        "title": "What <an index> forgets",
        "show": "Latent Waves",
        "dated": "16 November 2026",
        "guests": ("Nadia Okafor",),
        "url": "https://waves.example/41",
        "credit": "CC BY 4.0",
        "language": "en",
        "direction": "ltr",
        "turns": [StoredTurn(0, "Mina", 1000, None, "What & why?"), StoredTurn(1, "", None, None, "<b>Because</b>")],
    }
    return Spoken(**(usual | fields))  # type: ignore[arg-type]


def test_the_text_has_speakers_times_and_whose_words_they_are() -> None:
    assert as_text(spoken(), ENGLISH) == (
        "What <an index> forgets\nLatent Waves\n16 November 2026\nWith Nadia Okafor\nhttps://waves.example/41\n\n"
        "[0:01] \u2068Mina\u2069:\nWhat & why?\n\n-\n<b>Because</b>\n\n-- \n"
        "Transcript of “What <an index> forgets”, an episode of Latent Waves.\nCC BY 4.0\nhttps://waves.example/41\n"
    )


def test_the_web_page_escapes_whatever_was_said() -> None:
    page = as_html(spoken(credit='"><script>alert(1)</script>'), ENGLISH)
    assert "<script" not in page
    assert "&lt;b&gt;Because&lt;/b&gt;" in page
    assert '<html lang="en" dir="ltr">' in page


def test_a_right_to_left_transcript_runs_to_the_left() -> None:
    turns = [StoredTurn(0, "Nadia", 1000, None, "ماذا ينسى الفهرس؟")]
    arabic = spoken(language="ar", direction="rtl", turns=turns)
    assert '<html lang="ar" dir="rtl">' in as_html(arabic, ENGLISH)
    lines = [line for line in as_text(arabic, ENGLISH).split("\n") if line]
    assert all(line.startswith("\u200f") for line in lines)
