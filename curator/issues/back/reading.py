"""A file to the back issues that it holds: Markdown, HTML or a list of addresses, whatever stands in it. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from curator.feeds.decode import text_of
from curator.feeds.normalize import clean, one_line
from curator.issues.back import html_runs, markdown_runs, naming, url_runs
from curator.issues.back.entries import entries
from curator.issues.back.values import MAX_BYTES, BackIssue, File, LeftOut, Run, Source

_HTML = re.compile(
    r"\s{0,1000}<(?:!doctype|html|head|body|table|div|p|h[1-6]|ul|section|article|meta)\b", re.IGNORECASE
)
_MARKDOWN_LINK = re.compile(r"\]\(|^\s{0,3}[-*+]\s|^\s{0,3}\[[^\]\n]{1,200}\]:", re.MULTILINE)
_ADDRESS_LINE = re.compile(r"https?://", re.IGNORECASE)
# What opens a further issue in a file that holds several.
_OPENS = re.compile(r"\b(?:issue|edition|ausgabe|newsletter|number|no\.?)\s*#?\s*\d|^#\d", re.IGNORECASE)
_TITLE_CHARACTERS = 300
# Among the first lines a date is the issue's; further down it is a conference's.
_FIRST_RUNS = 8


def back_issues(file: File) -> list[BackIssue]:
    """Returns the back issues in a file, in their order: one, or one for each heading such as "Issue 41".

    Nothing is raised, whatever the bytes; what was not understood stands in `left_out`.
    """
    if len(file.content) > MAX_BYTES:
        told = LeftOut(1, "", f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
        return [BackIssue(file.name, None, None, "", (), (told,))]
    text = clean(text_of(file.content, content_type="").replace("\r\n", "\n").replace("\r", "\n"))
    source = _source(text, file.name)
    parts = list(_parts(source.runs))
    return [
        _issue(
            file.name, replace(source, runs=runs, left_out=source.left_out if at == 0 else ()), is_one=len(parts) == 1
        )
        for at, runs in enumerate(parts)
    ]


def _source(text: str, name: str) -> Source:
    ending = name.rpartition(".")[2].casefold()
    if ending in ("html", "htm", "xhtml") or _HTML.match(text):
        return html_runs.source(text)
    if ending in ("md", "markdown") or not _is_list(text):
        return markdown_runs.source(text)
    return url_runs.source(text)


def _is_list(text: str) -> bool:
    """Whether most lines hold a bare address."""
    lines = [line for line in text.split("\n", 10_000)[:10_000] if line.strip()]
    addresses = sum(bool(_ADDRESS_LINE.search(line)) for line in lines)
    return bool(addresses) and not _MARKDOWN_LINK.search(text) and 2 * addresses >= len(lines)


def _parts(runs: Sequence[Run]) -> Iterator[tuple[Run, ...]]:
    """Yields the runs of each issue: from one such heading to the next of its level, if there are several."""
    places = [at for at, run in enumerate(runs) if run.level and not run.links and _OPENS.search(run.text)]
    level = min((runs[at].level for at in places), default=0)
    begins = [at for at in places if runs[at].level == level and naming.number_in(runs[at].text)]
    if len({naming.number_in(runs[at].text) for at in begins}) < 2:
        yield tuple(runs)
        return
    for begin, end in zip(begins, [*begins[1:], len(runs)], strict=True):
        yield tuple(runs[begin:end])


def _issue(name: str, source: Source, *, is_one: bool) -> BackIssue:
    heading = _title_run(source)
    found = entries(run for run in source.runs if run is not heading)
    return BackIssue(
        name=name,
        number=_number(name, source, heading, is_one=is_one),
        dated_on=_dated_on(name, source, heading, is_one=is_one),
        title=_title(source, heading),
        links=tuple(found.links),
        left_out=(*source.left_out, *found.left_out),
        left_out_beyond=found.beyond,
    )


def _title_run(source: Source) -> Run | None:
    """Returns the heading above everything, if it is the issue's and not a section's."""
    first = next((run for run in source.runs if run.level), None)
    if first is None or first.links:
        return None
    is_alone = sum(run.level == first.level for run in source.runs) == 1
    is_first = first.level == min(run.level for run in source.runs if run.level)
    is_named = bool(naming.number_in(first.text) or naming.date_in(first.text))
    return first if is_named or (first.level == 1 and is_alone and is_first) else None


def _title(source: Source, heading: Run | None) -> str:
    facts = dict(source.facts)
    told = facts.get("subject") or facts.get("title") or (heading.text if heading else "") or source.title
    return one_line(told, limit=_TITLE_CHARACTERS)


def _number(name: str, source: Source, heading: Run | None, *, is_one: bool) -> int | None:
    facts = dict(source.facts)
    for key in ("number", "issue", "no", "edition"):
        told = naming.plain_number(facts.get(key, ""))
        if told is not None:
            return told
    said = [heading.text if heading else "", facts.get("title", ""), facts.get("subject", ""), source.title]
    number = naming.first_number(said)
    if number is None and heading is not None and heading.level == 1:
        number = naming.number_behind(heading.text)
    if number is None and is_one:
        number = naming.number_of_name(name)
    return number if number is not None else naming.first_number(_first_texts(source))


def _dated_on(name: str, source: Source, heading: Run | None, *, is_one: bool) -> date | None:
    facts = dict(source.facts)
    told = [facts.get(key, "") for key in ("date", "published", "sent", "pubdate")]
    said = [heading.text if heading else "", facts.get("title", ""), source.title]
    return naming.first_date([*told, *said, name if is_one else "", *_first_texts(source)])


def _first_texts(source: Source) -> list[str]:
    return [run.text for run in source.runs[:_FIRST_RUNS] if not run.links or len(run.text) < _TITLE_CHARACTERS]
