"""`curator mailings ...`: watch, pause, resume, cancel and settle runs of sending."""

import sys
from dataclasses import asdict
from datetime import datetime, timedelta

import click

from curator.accounts.values import Right
from curator.app import App
from curator.cli.acting import acting_app, as_person, whoever
from curator.cli.output import as_json, print_json, print_rows, the_app
from curator.db import Session
from curator.events import listen
from curator.events import recount as recounting
from curator.mailings import control
from curator.mailings import store as mailings_store
from curator.mailings.eta import Eta, eta
from curator.mailings.progress import store as progress
from curator.mailings.values import DeliveryState, MailingState, MailingView
from curator.newsletters import store as newsletters

_VERDICTS = ("sent", "again")


@click.group()
def mailings() -> None:
    """Runs of sending."""


@mailings.command("list")
@as_json
def list_mailings(as_json: bool) -> None:
    """List mailings, newest first."""
    app = the_app()
    with app.db.read() as session:
        views = mailings_store.mailings(session)
    if as_json:
        print_json(views)
        return
    print_rows([_line(view, app.clock()) for view in views], empty="Nothing has been sent yet.")


@mailings.command("status")
@click.argument("mailing_id", type=int)
@as_json
def status(mailing_id: int, as_json: bool) -> None:
    """Show where a mailing stands.

    With its numbers, what it waits for, and whatever is in doubt.
    """
    app = the_app()
    with app.db.read() as session:
        view = mailings_store.mailing(session, mailing_id)
        doubts = mailings_store.deliveries(session, mailing_id, states=[DeliveryState.IN_DOUBT])
        told = _eta(session, view, now=app.clock())
    if as_json:
        print_json({"mailing": view, "is_even": view.balance.is_even, "in_doubt": doubts, "eta": told})
        return
    print_rows([_line(view, app.clock())], empty="")
    if told is not None and told.done_at is not None:
        click.echo(f"{told.per_minute:,.0f} a minute; done about {told.done_at:%Y-%m-%d %H:%M} UTC.")
    print_rows([asdict(row) for row in doubts], empty="Nothing is in doubt.")


@mailings.command("pause")
@click.argument("mailing_id", type=int)
@as_person
def pause(mailing_id: int, for_whom: str | None) -> None:
    """Stop a mailing until it is resumed.

    The few messages that are being handed over still leave.
    """
    app = acting_app()
    by = _publisher(app, mailing_id, for_whom)
    control.pause(app.db, mailing_id, now=app.clock(), by=by)
    click.echo(f"Mailing {mailing_id} is paused.")


@mailings.command("recount")
@click.argument("mailing_id", type=int)
@as_json
def recount(mailing_id: int, as_json: bool) -> None:
    """Hold a mailing's counters against its events.

    Counters that are too low are lifted; none is lowered, because the sums of erased readers stay without their events.
    """
    before, now = recounting.recount(the_app().db, mailing_id)
    rows = [{"what": str(kind), "was": before.kinds[kind], "is": now.kinds[kind]} for kind in now.kinds]
    rows.append({"what": "readers who clicked", "was": before.clickers, "is": now.clickers})
    if as_json:
        print_json({"is_as_counted": before == now, "counters": rows})
        return
    print_rows(rows, empty="")
    click.echo("All counters were right." if before == now else "Counters were lifted to what the events come to.")


@mailings.command("resume")
@click.argument("mailing_id", type=int)
@as_person
def resume(mailing_id: int, for_whom: str | None) -> None:
    """Go on with a paused mailing; nobody gets it twice."""
    app = acting_app()
    by = _publisher(app, mailing_id, for_whom)
    control.resume(app.db, mailing_id, now=app.clock(), by=by)
    click.echo(f"Mailing {mailing_id} goes on.")


@mailings.command("cancel")
@click.argument("mailing_id", type=int)
@click.confirmation_option(prompt="What has not left never will. Cancel?")
@as_person
def cancel(mailing_id: int, for_whom: str | None) -> None:
    """End a mailing for good.

    What has not left never will. One that is still held is taken back, and its issue is approved as before.
    """
    app = acting_app()
    by = _publisher(app, mailing_id, for_whom)
    control.cancel(app.db, mailing_id, now=app.clock(), by=by)
    listen.note_accepted(app.db, mailing_id)
    click.echo(f"Mailing {mailing_id} is cancelled.")


@mailings.command("settle")
@click.argument("mailing_id", type=int)
@click.argument("subscriber_id", type=int)
@click.option(
    "--as",
    "as_what",
    multiple=True,
    required=True,
    metavar="sent|again|ADDRESS",
    help="It arrived, or: send again. A second --as names whom you act for.",
)
def settle(mailing_id: int, subscriber_id: int, as_what: tuple[str, ...]) -> None:
    """Settle a delivery in doubt by hand.

    `curator mailings status MAILING_ID` lists those in doubt; the relay's log says what became of each.
    """
    verdicts = [each for each in as_what if each in _VERDICTS]
    people = [each for each in as_what if each not in _VERDICTS]
    if len(verdicts) != 1 or len(people) > 1:
        raise click.UsageError("say --as sent or --as again, once, and at most one address with another --as")
    app = acting_app()
    by = _publisher(app, mailing_id, people[0] if people else None)
    control.settle(app.db, mailing_id, subscriber_id, as_sent=verdicts == ["sent"], now=app.clock(), by=by)
    listen.note_accepted(app.db, mailing_id)
    click.echo("Settled.")


@mailings.command("rehearse")
@click.option(
    "--recipients", default=2_000, show_default=True, type=click.IntRange(1, 10_000_000), help="Made-up readers."
)
@click.option("--kills", default=10, show_default=True, type=click.IntRange(0, 10_000), help="Senders killed with -9.")
@click.option("--senders", default=2, show_default=True, type=click.IntRange(1, 64), help="Sender processes at once.")
@click.option(
    "--connections", default=1, show_default=True, type=click.IntRange(1, 50), help="To the relay, of each sender."
)
@click.option("--database", help="URL of an empty database; it is empty again afterwards. Default: a SQLite file.")
@click.option("--seed", default=1, show_default=True, help="The same seed deals the same faults to the same readers.")
def rehearse(*, recipients: int, kills: int, senders: int, connections: int, database: str | None, seed: int) -> None:
    """Rehearse sending, with faults and kills.

    Sends to a misbehaving relay of its own on this machine, kills senders, and sees that nobody is mailed twice or
    lost. No real mail leaves, and this installation is not touched. Prints JSON; exits 1 when somebody got it twice,
    was lost, or the accounts do not balance.
    """
    from curator.demo.rehearsal import drill

    report = drill.rehearse(
        recipients=recipients,
        kills=kills,
        senders=senders,
        connections=connections,
        seed=seed,
        database_url=database,
    )
    print_json(report)
    sys.exit(0 if report.held else 1)


def _publisher(app: App, mailing_id: int, for_whom: str | None) -> int | None:
    with app.db.read() as session:
        newsletter_id = mailings_store.mailing(session, mailing_id).newsletter_id
    return whoever(app, for_whom, Right.PUBLISH, newsletter_id)


def _eta(session: Session, view: MailingView, *, now: datetime) -> Eta | None:
    if view.state is not MailingState.RUNNING:
        return None
    pause = timedelta(minutes=newsletters.newsletter(session, view.newsletter_id).wave_minutes)
    return eta(progress.course(session, view, pause=pause, now=now), now=now)


def _why(view: MailingView, now: datetime) -> str:
    """Returns what a mailing waits for, or why it stands."""
    if view.state is MailingState.HOLDING and view.hold_until is not None:
        return f"held until {view.hold_until:%H:%M:%S} UTC; nothing has left"
    if view.state is MailingState.RUNNING and view.waits_until is not None and view.waits_until > now:
        return f"waits until {view.waits_until:%Y-%m-%d %H:%M} UTC: {view.waits_for}"
    return view.reason or "-"


def _line(view: MailingView, now: datetime) -> dict[str, object]:
    counts = {str(state): view.balance.by_state.get(state, 0) for state in DeliveryState}
    state = f"{view.state} (test)" if view.is_test else view.state
    return {"id": view.id, "issue": view.issue_id, "state": state, **counts, "why": _why(view, now)}
