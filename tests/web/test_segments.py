"""Segments at the desk: the list's filter, the live count, kept filters, issues that go to one."""

import re
from datetime import timedelta

import pytest

from curator.app import App
from curator.audience import links, subscribe
from curator.audience.tags import tag
from curator.issues import store
from curator.issues.values import IssueState
from curator.jobs import tasks
from tests import builders
from tests.web.conftest import Browser, Newsroom
from tests.web.test_pages import check_outline


@pytest.fixture
def readers(newsroom: Newsroom, sqlite_app: App) -> list[int]:
    """Four readers, of whom two are tagged and one of these is never mailed."""
    ids = builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, [f"r{n}@readers.example" for n in range(4)])
    for each in ids[:2]:
        tag.put_on(sqlite_app.db, each, "Met in Oslo", by=None, now=sqlite_app.clock())
    subscribe.suppress(sqlite_app.db, "r0@readers.example", subscribe.SuppressionReason.BOUNCED, now=sqlite_app.clock())
    return ids


def test_the_list_is_filtered_by_fields_and_by_words(mina: Browser, readers: list[int]) -> None:
    page = mina.see("/desk/subscribers?tag=met+in+oslo&is=not-suppressed")
    check_outline(page)
    assert "r1@readers.example</a>" in page
    assert "r0@readers.example</a>" not in page
    assert "<strong>1</strong> reader fits" in page
    folded = "tag:&#34;met in oslo&#34; and not is:suppressed"
    assert f"<code>{folded}</code>" in page
    page = mina.see("/desk/subscribers?words=not+tag:%22met+in+oslo%22&clicked=not-90")
    assert re.findall(r"r\d@readers.example(?=</a>)", page) == ["r3@readers.example", "r2@readers.example"]
    page = mina.see("/desk/subscribers?words=tga:x", status=422)
    assert "Did you mean “tag”?" in page
    assert "Nobody is shown" in page
    assert "Give a day" in mina.see("/desk/subscribers?joined_from=yesterday", status=422)


def test_the_count_while_typing_never_fails(mina: Browser, readers: list[int]) -> None:
    assert "<strong>2</strong> readers fit" in mina.see("/desk/subscribers/count?words=tag:%22met+in+oslo%22")
    assert "comes a name" in mina.see("/desk/subscribers/count?words=tag:")
    assert "Nobody has the tag “x” yet" in mina.see("/desk/subscribers/count?words=tag:x")


def test_all_who_fit_are_tagged_by_a_worker_and_told_so(
    mina: Browser, newsroom: Newsroom, readers: list[int], sqlite_app: App
) -> None:
    fields = {"newsletter": newsroom.newsletter, "words": "not is:suppressed", "put_tag": "vip", "do": "on"}
    page = mina.follow(mina.post("/desk/subscribers/tag", fields))
    assert "is being put on: 0 of 4 looked at" in page
    assert "data-undo" in page
    tasks.tag_readers(sqlite_app, {"tagging_id": 1})
    page = mina.see("/desk/subscribers?tag=vip")
    assert "was put on 3 readers" in page
    assert "<strong>3</strong> readers fit" in page
    check_outline(mina.see("/desk/subscribers/tagging/1"))


def test_a_segment_is_kept_changed_by_one_at_a_time_and_taken_away(
    mina: Browser, newsroom: Newsroom, readers: list[int]
) -> None:
    assert "No segment yet" in mina.see("/desk/segments")
    check_outline(mina.see("/desk/segments/new?words=tag:vip"))
    fields = {"newsletter": newsroom.newsletter, "name": "Oslo", "words": 'tag:"Met in Oslo"'}
    wrong = mina.post("/desk/segments", fields | {"words": "clicked within a week"})
    assert (wrong.status_code, "90 days, or 12 weeks" in wrong.text) == (422, True)
    page = mina.follow(mina.post("/desk/segments", fields))
    assert re.search(r'data-label="Would get mail" class="number">1<', page)
    again = mina.post("/desk/segments", fields)
    assert (again.status_code, "There is a segment “Oslo” already" in again.text) == (422, True)
    changed = {"name": "Oslo", "words": "is:active", "version": "1"}
    mina.post("/desk/segments/1", changed)
    late = mina.post("/desk/segments/1", changed | {"words": "is:paused"})
    assert (late.status_code, "is:active" in late.text, "is:paused" in late.text) == (409, True, True)
    check_outline(mina.see("/desk/segments/1"))
    assert "“Oslo” is gone" in mina.follow(mina.post("/desk/segments/1/remove"))
    log = mina.see("/desk/activity")
    assert "took the segment “Oslo” away" in log
    url = re.findall(r'action="(/desk/activity/\d+/undo)"', log)[0]
    mina.post(url)
    assert "<code>is:active</code>" in mina.see("/desk/segments")


def test_an_issue_goes_to_a_segment_and_loses_its_approval_when_that_changes(
    mina: Browser, newsroom: Newsroom, readers: list[int], sqlite_app: App
) -> None:
    issue_id = newsroom.issue()
    mina.post("/desk/segments", {"newsletter": newsroom.newsletter, "name": "Oslo", "words": 'tag:"Met in Oslo"'})
    mina.post(f"/desk/issues/{issue_id}/aim", {"segment": "1"})
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert "1 confirmed reader of AI Weekly in the segment “Oslo” (3 left out)" in page
    assert "Left out: they are not in the segment that it goes to" in page
    seen = re.search(r'name="seen_hash" value="([0-9a-f]{64})"', page)
    assert seen is not None
    mina.post(f"/desk/issues/{issue_id}/approve", {"seen_hash": seen.group(1)})
    assert _state(sqlite_app, issue_id) is IssueState.APPROVED
    assert "in the segment “Oslo”" in mina.see(f"/desk/issues/{issue_id}/send-now")
    assert "Issue 1 goes to “Oslo”" in mina.follow(mina.post("/desk/segments/1/remove"))
    renamed = {"name": "Norway", "words": 'tag:"Met in Oslo"', "version": "1"}
    mina.post("/desk/segments/1", renamed)
    assert _state(sqlite_app, issue_id) is IssueState.APPROVED, "the same readers under another name"
    page = mina.follow(mina.post("/desk/segments/1", renamed | {"words": "is:active", "version": "2"}))
    assert "lost the approval by it" in page
    assert _state(sqlite_app, issue_id) is IssueState.DRAFT
    mina.post(f"/desk/issues/{issue_id}/aim", {"segment": ""})
    assert "3 confirmed readers of AI Weekly (1 left out)" in mina.see(f"/desk/issues/{issue_id}/send")


def test_a_subscribers_page_has_tags_notes_and_the_history(mina: Browser, readers: list[int], sqlite_app: App) -> None:
    url = f"/desk/subscribers/{readers[2]}"
    mina.post(f"{url}/tags", {"tag": "speaker"})
    mina.post(f"{url}/notes", {"words": "Met <b>her</b> in Rome."})
    mina.post("/desk/notes/1", {"words": "Met her in Bergen.", "version": "1"})
    conflict = mina.post("/desk/notes/1", {"words": "Met her in Kyiv.", "version": "1"})
    assert (conflict.status_code, "in Bergen" in conflict.text, "in Kyiv" in conflict.text) == (409, True, True)
    page = mina.see(url)
    check_outline(page)
    for shown in ("Tagged “speaker”", "Met her in Bergen.", "Wrote a note", "by Mina"):
        assert shown in page
    mina.post("/desk/notes/1/remove")
    mina.post(f"{url}/tags/2/remove")
    page = mina.see(url)
    assert "Bergen" not in page
    assert "The tag “speaker” was taken off" in page
    assert mina.post(f"{url}/notes", {"words": " "}).status_code == 422
    assert mina.see(f"{url}?before=2020-01-01T00:00:00%2B00:00").count("Nothing is older") == 1


def test_growth_is_a_chart_a_table_and_a_file(
    mina: Browser, newsroom: Newsroom, visitor: Browser, sqlite_app: App
) -> None:
    reader = subscribe.add(sqlite_app.db, newsroom.newsletter, "ada@readers.example", now=sqlite_app.clock())
    token = links.unsubscribe_token(sqlite_app.keys, newsroom.newsletter, reader)
    assert "Why did you leave?" in visitor.client.post(f"/u/{token}").text
    assert visitor.client.post(f"/u/{token}/why", data={"reason": "nonsense"}).status_code == 422
    said = visitor.client.post(f"/u/{token}/why", data={"reason": "said: too often"})
    assert "Thank you" in said.text
    assert "Why did you leave?" not in visitor.client.get(f"/u/{token}").text
    page = mina.see("/desk/growth?by=day")
    check_outline(page)
    assert "1 came and 1 left: +0" in page
    assert re.search(r"Too often</dt><dd>1<", page)
    rows = mina.see("/desk/growth.csv?by=month").splitlines()
    assert rows[0].startswith("first day,last day,came,left,net,")
    assert rows[-1].startswith("2026-11-01,2026-11-16,1,1,0,")


def test_who_stayed_is_a_table_by_month_one_by_source_and_files(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    now = sqlite_app.clock()
    assert "No month is over yet" in mina.see("/desk/cohorts")
    for number in range(4):
        address = f"c{number}@readers.example"
        reader = subscribe.add(sqlite_app.db, newsroom.newsletter, address, now=now - timedelta(days=100), how="talk")
        if number == 3:
            left_at = now - timedelta(days=40)
            subscribe.unsubscribe(sqlite_app.db, newsroom.newsletter, reader, now=left_at, how="link")
    tasks.count_cohorts(sqlite_app, {"newsletter_id": newsroom.newsletter})
    page = mina.see("/desk/cohorts")
    check_outline(page)
    assert "Of those who joined, 100% were there after 1 month, 75% after 2 months." in page
    assert re.search(r'>Aug 2026</th>\s*<td role="cell" class="number">4</td>', page)
    assert re.search(r'class="s2"><strong>75%</strong><small>3</small>', page)
    assert page.count("not over yet") == 3 * 3
    rows = mina.see("/desk/cohorts.csv").splitlines()
    assert rows[0].startswith('month,joined,"stayed, month 1",')
    assert rows[1:] == ["2026-08-01,4,4,3,,,,4,4,,,,1.0000,0.7500,,,"]
    assert mina.see("/desk/cohorts.csv?by=source").splitlines()[1].startswith("talk,4,4,3,")


def _state(app: App, issue_id: int) -> IssueState:
    with app.db.read() as session:
        return store.issue_row(session, issue_id).state
