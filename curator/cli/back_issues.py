"""`curator issues import`: brings in what a newsletter sent before Curator."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from curator.cli.output import as_json, newsletter_option, print_json, print_rows, the_app, the_newsletter
from curator.errors import InvalidError
from curator.issues.back import take_in
from curator.issues.back.matching import section_of
from curator.issues.back.values import MAX_BYTES, Fate, File, Planned, Report, StandIns
from curator.newsletters.values import NewsletterSpec

_ENDINGS = (".md", ".markdown", ".html", ".htm", ".txt")


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE...")
@newsletter_option
@click.option("--section", help="The section for what stands under no heading that is a section's name.")
@click.option("--number", type=click.IntRange(1), help="The number of a single issue that does not tell its own.")
@click.option("--date", "dated", help="The day of a single issue that does not tell its own, as 2024-05-01.")
@click.option("--dry-run", is_flag=True, help="Say what would come, and write nothing.")
@as_json
def import_back_issues(
    paths: Sequence[Path],
    *,
    slug: str | None,
    section: str | None,
    number: int | None,
    dated: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import back issues: Markdown, HTML or lists of addresses.

    Of a folder its .md, .html and .txt files. Importing the same again adds nothing. Exits with 1 when an issue could
    not be taken.
    """
    app = the_app()
    newsletter = the_newsletter(app, slug)
    dated_on = None if dated is None else _day(dated)
    stand_ins = StandIns(_section_id(newsletter, section), number, dated_on)
    files, now = _files(paths), app.clock()
    if dry_run:
        report = take_in.planned(app.db, newsletter.id, files, now=now, stand_ins=stand_ins)
    else:
        report = take_in.take_in(app.db, newsletter.id, files, by=None, now=now, stand_ins=stand_ins)
    if as_json:
        print_json({"dry_run": dry_run, "is_whole": report.is_whole, "links": report.links, "issues": report.issues})
    else:
        _tell(report, is_dry_run=dry_run)
    if not report.is_whole:
        raise SystemExit(1)


def _files(paths: Sequence[Path]) -> list[File]:
    """Returns the files, of a folder those that end like one of ours, by name."""
    found: list[Path] = []
    for path in paths:
        found += sorted(each for each in path.iterdir() if each.suffix.lower() in _ENDINGS) if path.is_dir() else [path]
    return [File(path.name, _content(path)) for path in found]


def _content(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _section_id(newsletter: NewsletterSpec, title: str | None) -> int | None:
    if title is None:
        return None
    found = section_of(title, newsletter.sections)
    if found is None:
        names = ", ".join(section.title for section in newsletter.sections)
        raise InvalidError("section", f"{newsletter.name} has no section {title!r}; there are: {names}.")
    return found.id


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise InvalidError("date", f"{text!r} is not a day such as 2024-05-01.") from error


def _tell(report: Report, *, is_dry_run: bool) -> None:
    rows = [
        {
            "file": each.issue.name,
            "issue": each.issue.number,
            "date": each.issue.dated_on,
            "links": len(each.issue.links),
            "here": each.joined,
            "left out": len(each.issue.left_out) + each.issue.left_out_beyond,
            "": each.fate if each.fate is not Fate.NEW else "would come" if is_dry_run else "imported",
        }
        for each in report.issues
    ]
    print_rows(rows, empty="There is no file to read.")
    for each in report.issues:
        _tell_of(each)
    would = "would come" if is_dry_run else "came"
    click.echo(f"{len(report.of(Fate.NEW))} issues with {report.links} links {would} in.")


def _tell_of(each: Planned) -> None:
    if each.why and each.fate is not Fate.KNOWN:
        click.echo(f"{each.issue.name}: {each.why}")
    for heading in each.unknown_headings:
        told = dict(each.headings)[heading]
        click.echo(f"{each.issue.name}: “{heading}” is no section; its links come into {told}.")
    for line in each.issue.left_out:
        click.echo(f"{each.issue.name}, line {line.line}: {line.reason} {line.text}".rstrip())
    if each.issue.left_out_beyond:
        click.echo(f"{each.issue.name}: {each.issue.left_out_beyond} more lines are left out.")
