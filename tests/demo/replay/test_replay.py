"""`demo --once --replay` plays an archive twice, and says when something does not hold."""

import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner

from curator.cli import curator
from curator.demo.readers import SCRIPTED
from curator.demo.replay import replay
from curator.demo.replay.archive import read_archive
from curator.demo.replay.plan import BUSY_HOST, HOSTS, FaultKind
from curator.demo.replay.summary import ReplaySummary
from curator.feeds import merge
from curator.feeds.merge import Merge
from curator.feeds.values import FreshItem
from curator.picks import rules
from tests.demo.replay import archives

# All of them are this machine.
pytestmark = pytest.mark.allow_hosts([*HOSTS, BUSY_HOST])

SHARED_ARCHIVE = Path(__file__).parents[4] / "shared" / "data" / "replay_feeds.tar.gz"
ITEMS = 12 * 6 + 2 * 2 + 2 + 1  # twelve feeds with two a day, two that never change, one page told by two, one undated


def _played(tmp_path: Path, path: Path | None = None, *, is_mailed: bool = False) -> ReplaySummary:
    return replay.summary_of_replay(tmp_path, path or archives.written(tmp_path), patience_s=1.0, is_mailed=is_mailed)


@cache
def _sound() -> ReplaySummary:
    """A replay of three sound days: made once, looked at by several tests."""
    with TemporaryDirectory() as folder:
        return _played(Path(folder), is_mailed=True)


def test_three_days_with_every_fault_come_to_the_same_issue_in_any_order() -> None:
    summary = _sound()
    assert summary.failed == []
    assert summary.held
    assert (summary.days, summary.feeds, summary.documents) == (list(archives.DAYS), 14, 42)
    first, second = summary.runs
    assert first.order != second.order
    assert (first.items_hash, first.html_hash, first.text_hash) == (
        second.items_hash,
        second.html_hash,
        second.text_hash,
    )
    assert (first.missing, first.strange, first.twice) == (0, 0, 0)
    assert {"200", "304", "410", "429", "500"} <= first.answers.keys()
    assert {"301", "308"} & first.answers.keys()
    assert first.picks > 0
    assert len(first.ends) == len(summary.faults) == len(FaultKind)
    assert json.loads(json.dumps(summary.printed()))["mail"]["balance"] is True


def test_a_feed_that_is_gone_keeps_what_came_until_then() -> None:
    summary = _sound()
    [told] = [words for words in summary.faults if " 410 " in words]
    lost = {"2023-06-11": 4, "2023-06-12": 2}[told.partition("from ")[2][:10]]
    assert summary.runs[0].items == ITEMS - lost
    assert summary.held


def test_the_issue_of_three_days_goes_on_to_its_readers() -> None:
    mail = _sound().mail
    assert mail is not None
    assert mail.held
    assert mail.deliveries_sent == 240 + len(SCRIPTED) - 3 - 2  # the suppressed, the two who left, two that bounce
    assert (mail.twice, mail.balance, mail.signed_up, mail.web_version_ok) == (0, True, True, True)
    assert mail.clicks > 0


def test_the_same_seed_gives_the_same_run_whenever_it_is_made(tmp_path: Path) -> None:
    told = [(each.faults, each.runs[0].items_hash, each.runs[0].html_hash) for each in (_sound(), _played(tmp_path))]
    assert told[0] == told[1]


def test_one_day_of_one_feed_is_enough(tmp_path: Path) -> None:
    files = {name: body for name, body in archives.three_days().items() if name == "2023-06-10/001.xml"}
    summary = _played(tmp_path, archives.written(tmp_path, files))
    assert summary.failed == []
    assert (summary.documents, summary.runs[0].items, summary.runs[0].picks) == (1, 3, 3)


def test_a_feed_that_comes_on_a_later_day_is_added_then(tmp_path: Path) -> None:
    files = {name: body for name, body in archives.three_days().items() if name != "2023-06-10/001.xml"}
    summary = _played(tmp_path, archives.written(tmp_path, files))
    assert summary.failed == []


def test_a_draft_that_goes_by_ids_makes_the_run_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_id(item: FreshItem) -> tuple[float, int]:
        return -item.at.timestamp(), item.id

    monkeypatch.setattr(rules, "_newest_first", by_id)
    summary = _played(tmp_path)
    assert summary.same_items
    assert not summary.same_issue
    assert summary.failed == ["Does not hold: each run drafts the same issue byte for byte."]


def test_items_that_come_again_under_new_guids_make_the_run_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = merge.merged

    def careless(*items: Any, **given: Any) -> Merge:
        return whole(*items, **(given | {"pages": frozenset()}))

    monkeypatch.setattr(merge, "merged", careless)
    summary = _played(tmp_path)
    assert [run.twice for run in summary.runs] == [2, 2]
    assert "Does not hold: no item is twice, order 1 (not so: 005.xml (2))." in summary.failed


def test_items_that_get_lost_make_the_run_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = merge.merged

    def careless(*items: Any, **given: Any) -> Merge:
        found = whole(*items, **given)
        return replace(found, new=found.new[1:])

    monkeypatch.setattr(merge, "merged", careless)
    summary = _played(tmp_path)
    assert not summary.held
    assert summary.runs[0].missing > 0


def test_an_archive_that_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "feeds.tar.gz"
    path.write_text("no tar at all")
    out = io.StringIO()
    assert replay.run(path=path, out=out) == 1
    told = json.loads(out.getvalue())
    assert told["held"] is False
    assert told["failed"] == ["feeds.tar.gz is no tar archive that can be read (plain or gzip), or it is damaged."]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--replay plays an archive without a screen and leaves; say --once with it."),
        (("--once", "--feeds", "."), "--replay brings its own feeds; leave out --feeds."),
    ],
)
def test_options_that_do_not_fit_together_are_said_so(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = CliRunner().invoke(curator, ["demo", *options, "--replay", str(archives.written(tmp_path))])
    assert done.exit_code == 2
    assert words in done.output


def test_three_real_days_hold(tmp_path: Path) -> None:
    if not SHARED_ARCHIVE.is_file():
        pytest.skip("this machine lacks ../shared/data/replay_feeds.tar.gz (three days of 183 real feeds)")
    summary = replay.summary_of_replay(tmp_path, SHARED_ARCHIVE, is_mailed=False)
    assert summary.failed == []
    assert (summary.feeds, summary.documents) == (183, 549)
    assert len(read_archive(SHARED_ARCHIVE).days) == 3
    assert summary.runs[0].items > 5_000
