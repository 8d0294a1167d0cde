"""`curator feeds import` and `export`: lists of feeds from other programs and for them."""

import json
from pathlib import Path

from tests.cli.test_commands import installed, run

__all__ = ["installed", "run"]

_OPML = """<opml version="1.0"><body><outline text="AI">
<outline text="Notes" type="rss" xmlUrl="https://notes.example/feed"/>
<outline text="A page" type="link" url="https://notes.example/"/></outline></body></opml>"""


def test_a_list_is_imported_told_and_exported(installed, tmp_path: Path) -> None:
    file = tmp_path / "mine.opml"
    file.write_text(_OPML)
    dry = installed("feeds", "import", "--dry-run", str(file)).output
    assert "1 would be added" in dry
    said = installed("feeds", "import", str(file)).output
    assert said == dry.replace("would be added", "added")
    assert "+ AI > Notes" in said
    assert "line 3, A page: It names no feed" in said
    again = installed("feeds", "import", str(file)).output
    assert ("  = Notes\n" in again, "0 added, 1 known already" in again) == (True, True)
    assert len(json.loads(installed("feeds", "import", "--json", str(file)).output)["known"]) == 1
    assert 'xmlUrl="https://notes.example/feed"' in installed("feeds", "export").output
    out = tmp_path / "out.opml"
    installed("feeds", "export", str(out))
    assert out.read_bytes().startswith(b"<?xml")


def test_what_is_no_list_is_one_line(installed, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("title;url")
    done = installed("feeds", "import", str(file))
    assert (done.exit_code, str(done.exception)) == (1, "The file is no OPML: it should begin with <opml>.")
