"""An archive of feeds is read whole, and whatever is none is refused in a sentence."""

import gzip
import tarfile
from datetime import date
from pathlib import Path

import pytest

from curator.demo.replay import archive
from curator.demo.replay.archive import read_archive
from curator.demo.replay.told import Told, most_in_one, told_items
from curator.errors import InvalidError
from tests.demo.replay import archives
from tests.demo.replay.archives import tar


def _member(name: str, kind: bytes, *, size: int = 0, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.linkname = kind, size, link
    return member


def _refused(tmp_path: Path, body: bytes) -> str:
    path = tmp_path / "feeds.tar"
    path.write_bytes(body)
    with pytest.raises(InvalidError) as refused:
        read_archive(path)
    assert refused.value.field == "replay"
    return refused.value.reason


@pytest.mark.parametrize("packed", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_days_come_in_their_order_whatever_the_order_of_the_files(tmp_path: Path, packed) -> None:  # type: ignore[no-untyped-def]  # two functions of bytes
    files = {"2023-06-11/b.xml": b"later", "./2023-06-10/b.xml": b"first", "2023-06-10/a.rss": b"other"}
    path = tmp_path / "feeds.tar"
    path.write_bytes(packed(tar(files, extra=[_member("2023-06-12", tarfile.DIRTYPE), _member(".", tarfile.DIRTYPE)])))
    found = read_archive(path)
    assert [day.on for day in found.days] == [date(2023, 6, 10), date(2023, 6, 11)]
    assert (found.feeds, found.documents) == (("a.rss", "b.xml"), 3)
    assert (found.document("a.rss", 1), found.document("b.xml", 1)) == (b"other", b"later")


def test_a_feed_is_not_there_before_its_first_day(tmp_path: Path) -> None:
    path = archives.written(tmp_path, {"2023-06-10/a.xml": b"a", "2023-06-11/b.xml": b"b"})
    assert read_archive(path).document("b.xml", 0) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"no tar at all", b"\x1f\x8b no gzip either", gzip.compress(b"a gzip without a tar", mtime=0), b"x" * 2000],
)
def test_what_is_no_tar_is_refused(tmp_path: Path, body: bytes) -> None:
    assert _refused(tmp_path, body) == "feeds.tar is no tar archive that can be read (plain or gzip), or it is damaged."


def test_a_torn_archive_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(tar({"2023-06-10/a.xml": bytes(range(256)) * 400}))
    assert "is damaged" in _refused(tmp_path, whole[: len(whole) // 2])


def test_an_empty_archive_is_refused(tmp_path: Path) -> None:
    assert _refused(tmp_path, tar({})).startswith("feeds.tar holds no feed. An archive of feeds holds files like")


@pytest.mark.parametrize(
    "name",
    [
        "../2023-06-10/a.xml",
        "/2023-06-10/a.xml",
        "2023-06-10/../a.xml",
        "2023-06-10/..xml",
        "2023-06-10/deep/a.xml",
        "2023-13-40/a.xml",
        "2023-06-10/a.html",
        "a.xml",
    ],
)
def test_a_file_of_another_form_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    assert f"holds {name!r}, which is no feed of a day." in _refused(tmp_path, tar({name: b"x"}))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    member = _member("2023-06-10/a.xml", kind, link="../../secret")
    assert "which is no feed of a day" in _refused(tmp_path, tar({}, extra=[member]))


def test_a_file_that_comes_twice_is_refused(tmp_path: Path) -> None:
    body = tar({"2023-06-10/a.xml": b"one", "./2023-06-10/a.xml": b"two"})
    assert _refused(tmp_path, body) == "feeds.tar holds 2023-06-10/a.xml twice."


def test_too_many_too_large_and_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three = tar({f"2023-06-10/{name}.xml": bytes(3000) for name in "abc"})
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    assert _refused(tmp_path, three) == "feeds.tar holds more than 2 files."
    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 2000)
    assert _refused(tmp_path, three) == "feeds.tar holds 2023-06-10/a.xml, which is larger than 2,000 bytes."
    monkeypatch.setattr(archive, "MAX_BYTES", 9000)
    assert _refused(tmp_path, gzip.compress(three)) == "feeds.tar unfolds to more than 9,000 bytes."


def test_a_header_that_unfolds_without_end_is_refused_before_it_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 1_000_000)
    huge = _member("pax", tarfile.XHDTYPE, size=10**9).tobuf(tarfile.USTAR_FORMAT)
    assert "unfolds to more than" in _refused(tmp_path, gzip.compress(huge + bytes(5_000_000)))


def test_items_are_told_by_their_page_or_else_by_their_title() -> None:
    document = archives.document(
        "site",
        [
            archives.item("https://site.example/1/?utm_source=rss", "One"),
            "<item><title>Two\n  words</title><link>javascript:alert(1)</link></item>",
            "<item><title>Three</title><guid>https://site.example/3</guid></item>",
        ],
    )
    found = told_items(document, name="a.xml")
    assert found == [
        Told("https://site.example/1", "One"),
        Told(None, "Two words"),
        Told("https://site.example/3", "Three"),
    ]
    assert most_in_one([found[:1] * 2, found]) == {
        "https://site.example/1": 2,
        "Two words": 1,
        "https://site.example/3": 1,
    }


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<rss>", "a.xml in the archive is no XML"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "a.xml in the archive is not RSS 2.0"),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "a.xml in the archive is no XML"),
    ],
)
def test_a_document_that_is_no_rss_is_refused_by_its_name(body: bytes, words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        told_items(body, name="a.xml")
