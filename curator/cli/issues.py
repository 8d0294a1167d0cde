"""`curator issues ...`: draft, look at, approve, schedule and send issues, and see what came of them."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from curator.accounts.values import Right
from curator.app import App
from curator.cli.acting import acting_app, as_person, whoever
from curator.cli.back_issues import import_back_issues
from curator.cli.output import as_json, newsletter_option, print_json, print_rows, the_app, the_newsletter
from curator.errors import InvalidError
from curator.events import report
from curator.events.values import Results
from curator.issues import publish, slots
from curator.issues import store as issues_store
from curator.issues.checks import run as checks
from curator.issues.checks.values import Level
from curator.issues.revisions import store as revisions
from curator.newsletters import store as newsletters_store

_MARKS = {Level.BLOCKS: "X", Level.WARNS: "!"}


@click.group()
def issues() -> None:
    """The numbers of a newsletter."""


issues.add_command(import_back_issues)


@issues.command("draft")
@newsletter_option
@click.option("--include-archive", is_flag=True, help="Draft from the newest items, however old they are.")
def draft(slug: str | None, include_archive: bool) -> None:
    """Draft an issue now, beside the cadence."""
    app = the_app()
    newsletter = the_newsletter(app, slug)
    issue_id = publish.draft(app.db, newsletter.id, now=app.clock(), include_archive=include_archive)
    with app.db.read() as session:
        issue = issues_store.issue_row(session, issue_id)
    click.echo(
        f"Issue {issue.number} of {newsletter.name} has id {issue_id} and is {issue.state}. {issue.note}".rstrip()
    )


@issues.command("list")
@newsletter_option
@as_json
def list_issues(slug: str | None, as_json: bool) -> None:
    """List issues, newest first."""
    app = the_app()
    newsletter_id = the_newsletter(app, slug).id if slug else None
    with app.db.read() as session:
        rows = issues_store.issue_rows(session, newsletter_id=newsletter_id)
    if as_json:
        print_json(rows)
        return
    shown = [
        {"id": row.id, "number": row.number, "state": row.state, "subject": row.subject, "send at": row.send_at}
        for row in rows
    ]
    print_rows(shown, empty="There are no issues yet: `curator issues draft` makes one.")


@issues.command("render")
@click.argument("issue_id", type=int)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the files.")
def render(issue_id: int, out: Path) -> None:
    """Write an issue's HTML and text as files."""
    app = the_app()
    revision = publish.render(app.db, app.renderer, issue_id, now=app.clock())
    with app.db.read() as session:
        links = revisions.links(session, revision.id)
    out.mkdir(parents=True, exist_ok=True)
    (out / "issue.html").write_text(slots.example(revision.html, links), encoding="utf-8")
    (out / "issue.txt").write_text(slots.example(revision.text), encoding="utf-8")
    size = app.renderer.size(revision.html, links)
    click.echo(f"Revision {revision.number} is in {out}: at most {size:,} bytes of HTML in a reader's mail.")


@issues.command("check")
@click.argument("issue_id", type=int)
@as_json
def check(issue_id: int, as_json: bool) -> None:
    """Say what must be mended before an issue goes out.

    Exits with 1 when something blocks.
    """
    app = the_app()
    found = checks.report(app.db, app.renderer, issue_id, now=app.clock())
    if as_json:
        print_json({"is_clear": found.is_clear, **asdict(found)})
    else:
        told = (*found.blocking, *found.warnings)
        rows = [{"": _MARKS[each.level], "what": f"{each.words} {each.todo}".rstrip()} for each in told]
        print_rows(rows, empty="Nothing to mend and nothing to look at.")
        click.echo(
            f"{len(found.blocking)} must be mended, {len(found.warnings)} to look at, "
            f"{len(found.ticked)} checked by hand, {len(found.fine)} fine."
        )
    if not found.is_clear:
        raise SystemExit(1)


@issues.command("approve")
@click.argument("issue_id", type=int)
@as_person
def approve(issue_id: int, for_whom: str | None) -> None:
    """Approve an issue as it is now; any edit takes the approval back."""
    app = acting_app()
    by = _publisher(app, issue_id, for_whom)
    revision = publish.approve(app.db, app.renderer, issue_id, by=by, now=app.clock())
    click.echo(f"Revision {revision.number} is approved ({revision.content_hash[:12]}).")


@issues.command("schedule")
@click.argument("issue_id", type=int)
@click.option("--at", required=True, help="Moment as 2026-12-01T07:00, in the newsletter's zone unless it names one.")
@as_person
def schedule(issue_id: int, at: str, for_whom: str | None) -> None:
    """Schedule an approved issue."""
    app = acting_app()
    by = _publisher(app, issue_id, for_whom)
    moment = _moment(app, issue_id, at)
    if moment < app.clock():
        raise InvalidError("at", f"{at!r} is over. Give a moment to come, or `curator issues send {issue_id}` now.")
    publish.schedule(app.db, issue_id, at=moment, by=by, now=app.clock())
    click.echo(f"Issue {issue_id} goes out at {moment:%Y-%m-%d %H:%M} UTC.")


@issues.command("send")
@click.argument("issue_id", type=int)
@as_person
def send(issue_id: int, for_whom: str | None) -> None:
    """Send an approved issue as soon as the runner looks."""
    app = acting_app()
    by = _publisher(app, issue_id, for_whom)
    publish.schedule(app.db, issue_id, at=app.clock(), by=by, now=app.clock())
    with app.db.read() as session:
        newsletter = newsletters_store.newsletter(session, issues_store.issue_row(session, issue_id).newsletter_id)
    if newsletter.is_test_mode:
        click.echo(f"{newsletter.name} is in test mode: people at the desk get it, and nobody else.")
    click.echo(f"Issue {issue_id} is due now; `curator run` (or `curator clock` and `curator worker`) sends it.")


@issues.command("results")
@click.argument("issue_id", type=int)
@as_json
def results(issue_id: int, as_json: bool) -> None:
    """Show what came of an issue.

    Bounces, clicks by place, scanners set apart.
    """
    app = the_app()
    with app.db.read() as session:
        found = report.results(session, issues_store.issue_row(session, issue_id))
    if as_json:
        print_json(found)
        return
    click.echo(_in_words(found))
    rows = [
        {"section": item.section, "item": item.title, "place": each.link.placement, "clicks": each.clicks,
         "readers": each.readers}
        for item in found.items
        for each in item.links
    ]  # fmt: skip
    print_rows(rows, empty="No link of it is counted.")


def _publisher(app: App, issue_id: int, for_whom: str | None) -> int | None:
    with app.db.read() as session:
        newsletter_id = issues_store.issue_row(session, issue_id).newsletter_id
    return whoever(app, for_whom, Right.PUBLISH, newsletter_id)


def _in_words(found: Results) -> str:
    if not found.is_sent:
        return f"Issue {found.number} was not sent yet."
    share = "" if found.clicker_share is None else f" ({found.clicker_share:.1%})"
    kind = "A test of issue" if found.is_test else "Issue"
    return (
        f"{kind} {found.number}: {found.accepted:,} accepted, {found.bounced:,} bounced, "
        f"{found.unsubscribed:,} unsubscribed, {found.clickers:,} clicked{share}, "
        f"{found.robot_hits:,} scanner hits set apart."
    )


def _moment(app: App, issue_id: int, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError("at", f"{text!r} is not a moment such as 2026-12-01T07:00.") from error
    if not 1990 < moment.year < 2200:  # so that no zone's arithmetic runs over the calendar's edge
        raise InvalidError("at", f"{text!r} is not a moment in this or the next century.")
    with app.db.read() as session:
        issue = issues_store.issue_row(session, issue_id)
        zone = newsletters_store.newsletter(session, issue.newsletter_id).cadence.zone
    at = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != moment:
        raise InvalidError("at", f"The clocks of {zone} skip {text}; choose an hour later.")
    return at
