"""An issue's counters added up: nothing is lost between mailings, items and sections."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.events import summary
from curator.events.values import LinkResult, MailingCounters
from curator.issues.values import Link, Placement

RESULTS = st.lists(
    st.lists(
        st.builds(
            lambda block, placement, url, counts: LinkResult(
                Link(1, f"https://{url}.example/", placement, block, f"S{block // 2}", f"Item {block}"), *counts
            ),
            st.integers(0, 3),
            st.sampled_from(Placement),
            st.sampled_from("ab"),
            st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
        ),
        max_size=8,
    ),
    max_size=3,
)


@given(RESULTS)
def test_every_click_is_in_one_place_one_item_and_one_section(mailings: list[list[LinkResult]]) -> None:
    total = sum(each.clicks for links in mailings for each in links)
    places = summary.merged(mailings)
    items = summary.items(places)
    sections = summary.sections(items)
    assert sum(each.clicks for each in places) == total
    assert sum(item.clicks for item in items) == total
    assert sum(section.clicks for section in sections) == total
    assert sum(section.share or 0 for section in sections) == pytest.approx(1 if total else 0)
    assert sum(len(item.links) for item in items) == len(places)


@given(RESULTS)
def test_the_newest_mailing_decides_the_order(mailings: list[list[LinkResult]]) -> None:
    if mailings:
        places = summary.merged(mailings)
        assert [each.link for each in places][: len(mailings[-1])] == [each.link for each in mailings[-1]]


def test_the_same_link_twice_in_one_text_stays_two_places() -> None:
    one = LinkResult(Link(1, "https://a.example/", Placement.TEXT, 1, "", "here"), 2, 2, 0)
    other = replace(one, link=replace(one.link, number=2, label="and here"), clicks=3)
    places = summary.merged([[one, other], [one, other]])
    assert [each.clicks for each in places] == [4, 6]


def test_tests_count_for_nothing_once_an_issue_was_sent() -> None:
    test, real = (
        MailingCounters(1, 5, is_test=True, accepted=10, clicks=3),
        MailingCounters(2, 5, is_test=False, clicks=8),
    )
    assert summary.shown([test, real]) == [real]
    assert summary.shown([real, test]) == [real]
    assert summary.shown([test, replace(test, mailing_id=3)]) == [replace(test, mailing_id=3)]
    assert summary.shown([]) == []
    assert summary.shares([[test]]) == []
