"""Files to back issues: what is read, what is named as left out, and that no bytes do harm."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from curator.feeds.normalize import canonical_url
from curator.issues.back import naming
from curator.issues.back.reading import back_issues
from curator.issues.back.values import MAX_BYTES, MAX_LINKS, BackIssue, File
from tests.issues.back import files


def _one(name: str, text: str) -> BackIssue:
    (found,) = back_issues(files.file(name, text))
    return found


def _told(issue: BackIssue) -> list[tuple[str, str, str, str]]:
    return [(link.heading, link.title, link.canonical, link.blurb) for link in issue.links]


def test_a_markdown_issue_gives_its_links_with_titles_blurbs_and_headings() -> None:
    issue = _one("2023-11-03.md", files.MARKDOWN)
    assert (issue.number, issue.dated_on, issue.title) == (41, date(2023, 11, 3), "Latent Letters: ice and memory")
    said = "it counts twice, as [they say](https://b.example/say)."
    assert _told(issue) == [
        ("Recommendations", "A fast sieve", "https://sieve.example/fast", said),
        ("Recommendations", "Ice cores", "https://ice.example/cores", "drilled by hand."),
        ("Recommendations", "A bare one", "https://bare.example/path", "said of it"),
        ("Recommendations", "A heading that links", "https://heading.example/", "What is said below it."),
        ("Recommendations", "Named by its heading", "https://more.example/a", "Said of it before the link."),
        ("Odds and ends", "One thing", "https://a.example/1", ""),
        ("Odds and ends", "another thing", "https://a.example/2", ""),
    ]


def test_every_line_that_is_not_taken_is_named_with_its_reason() -> None:
    issue = _one("41.md", files.MARKDOWN)
    assert [(each.line, each.text, each.reason) for each in issue.left_out] == [
        (7, "Good morning, it is cold.", "There is no link in it."),
        (25, "a last one javascript:alert(1)", "This is no web address that can be linked to."),
        (27, "Unsubscribe", "It belongs to the mail itself, such as the link to unsubscribe."),
    ]


def test_a_mail_in_html_is_read_without_its_scripts_and_its_way_out() -> None:
    issue = _one("mail.html", files.HTML)
    assert (issue.number, issue.dated_on) == (7, date(2021, 5, 3))
    assert _told(issue) == [
        ("Recommendations", "One thing", "https://a.example/1", "Words of it."),
        ("Recommendations", "Two things", "https://two.example/b", "Words of both."),
    ]


def test_a_list_of_addresses_may_hold_several_issues() -> None:
    third, fourth = back_issues(files.file("lists.txt", files.ADDRESSES))
    assert (third.number, third.dated_on, fourth.number, fourth.dated_on) == (
        *(3, date(2020, 1, 5)),
        *(4, date(2020, 1, 12)),
    )
    assert [(link.title, link.blurb) for link in third.links] == [
        ("a.example/1", ""),
        ("The third", ""),
        ("The fourth", ""),
        ("The fifth", "said of it"),
    ]
    assert [each.text for each in third.left_out] == ["nothing here"]
    assert [link.url for link in fourth.links] == ["https://a.example/6"]


def test_a_page_that_stands_twice_in_an_issue_is_taken_once() -> None:
    issue = _one("1.md", "- [A](https://a.example/1)\n- [B](https://www.a.example/1?utm_medium=mail)\n")
    assert [link.title for link in issue.links] == ["A"]
    assert "further up" in issue.left_out[0].reason


def test_number_and_date_come_from_the_file_name_where_nothing_else_tells_them() -> None:
    for name, number, day in (
        ("2024-05-01-issue-41.md", 41, date(2024, 5, 1)),
        ("041_20240501.md", 41, date(2024, 5, 1)),
        ("letters-41.md", 41, None),
        ("2024-05-01.md", None, date(2024, 5, 1)),
        ("letters.md", None, None),
    ):
        issue = _one(name, "- [A](https://a.example/1)\n")
        assert (issue.number, issue.dated_on) == (number, day), name


def test_dates_are_read_in_the_ways_in_which_they_are_written() -> None:
    for words in (
        "May 1, 2024",
        "1 May 2024",
        "1st of May, 2024",
        "2024-05-01",
        "2024/5/1",
        "2024年5月1日",
        "20240501",
    ):
        assert naming.date_in(f"Sent on {words}.") == date(2024, 5, 1), words
    assert naming.date_in("31 February 2024, 2024-13-01, 1.2.3") is None


def test_numbers_are_read_in_the_ways_in_which_they_are_written() -> None:
    for words in ("Issue 41", "Letters #41: ice", "No. 41", "Ausgabe 41", "第 41 期", "issue-41"):
        assert naming.number_in(words) == 41, words
    for words in ("41 things", "2024-05-01", "Issue 2024-05-01", "Issue 9999999", "Issue 0"):
        assert naming.number_in(words) is None, words


def test_other_scripts_are_read_like_ours() -> None:
    text = "# 第12期 2023年1月2日\n\n## 文章\n\n- [冰芯的故事](https://cn.example/冰)：用手钻的。\n\n"
    text += "- [حكاية](https://ar.example/a) قيل عنها\n"
    issue = _one("x.md", text)
    assert (issue.number, issue.dated_on) == (12, date(2023, 1, 2))
    assert [link.title for link in issue.links] == ["冰芯的故事", "حكاية"]
    assert issue.links[1].blurb == "قيل عنها"


def test_too_many_links_and_too_large_a_file_are_said_and_not_taken() -> None:
    many = _one("1.md", "\n".join(f"- [T{at}](https://a.example/{at})" for at in range(MAX_LINKS + 3)))
    assert len(many.links) == MAX_LINKS
    assert len([each for each in many.left_out if "at most 500" in each.reason]) == 3
    (large,) = back_issues(File("1.md", b"x" * (MAX_BYTES + 1)))
    assert not large.links
    assert "larger than 1 MB" in large.left_out[0].reason


def test_text_made_to_be_slow_is_cut_and_said() -> None:
    for name, text in (
        ("a.md", "[" * 9_000 + "\n" + "[a\n" * 9_000),
        ("b.md", "|a" * 4_000 + "\n" + "|-" * 4_000 + "\n" + ("|" * 8_000 + "\n") * 40),
        ("c.html", "<p>" + "<table><tr><td>x" * 20_000),
        ("d.txt", "x" * 20_000 + "\nhttps://a.example/1\n" * 6_000),
    ):
        (issue,) = back_issues(files.file(name, text))
        assert issue.left_out, name


def test_blanks_in_the_head_of_a_file_are_read_once() -> None:
    """Looked for from each of them anew, they took four seconds for a fifth of this."""
    line = f"title:{' ' * 900_000}{'x' * 600}"
    (issue,) = back_issues(files.file("a.md", f"---\n{line}\n---\n[a](https://a.example/1)\n"))
    assert [link.title for link in issue.links] == ["a"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3_000), st.sampled_from(["a.md", "a.html", "a.txt", "a"]))
def test_no_bytes_raise_anything(content: bytes, name: str) -> None:
    for issue in back_issues(File(name, content)):
        assert all(link.canonical == canonical_url(link.canonical) for link in issue.links)


_WORDS = st.text(st.sampled_from("abc déf中文*_[]()<>&`\\|#"), min_size=1, max_size=20).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=6))
def test_each_item_of_a_list_is_a_link_whatever_is_said_of_it(blurbs: list[str]) -> None:
    lines = [f"- [Named so](https://a.example/{at}): {' '.join(blurb.split())}" for at, blurb in enumerate(blurbs)]
    issue = _one("a.md", "\n".join(lines))
    assert {f"https://a.example/{at}" for at in range(len(blurbs))} >= {link.canonical for link in issue.links}
    assert issue.links[0].title == "Named so"
