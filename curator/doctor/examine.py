"""The whole examination, in the order in which things depend on each other."""

from collections.abc import Sequence

from curator.app import App
from curator.checklist import store as checklist
from curator.checklist.values import Checklist
from curator.doctor import machine, sending
from curator.doctor.backups import backups
from curator.doctor.keeping import keeping
from curator.doctor.telling import telling
from curator.findings import Finding
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec


def examine(app: App, *, workers: Sequence[str], selectors: Sequence[str] = ()) -> list[Finding]:
    """Returns what was found about an installation; nothing is changed and no mail is sent.

    `workers` are the living worker processes of this machine, `selectors` the DKIM keys to look at. The relay and the
    DNS are asked at once, so it takes 10 s at most.
    """
    findings = [*machine.settings(app.settings), *machine.sign_ins(app.settings)]
    on_database = list(machine.database(app.db, data_dir=app.settings.data_dir))
    findings += on_database
    if not machine.is_usable(on_database):
        return [*findings, *_relays(app, is_live=False)]
    known, specs = _checklists(app), _specs(app)
    desk = f"{app.settings.public_url}/desk"
    asked = [] if app.settings.is_demo else _records(app, known, selectors)
    return [
        *findings,
        *machine.work(app, workers),
        *keeping(app),
        *backups(app),
        *telling(app),
        *_relays(app, is_live=any(each.live_at is not None and not each.transport for each in specs)),
        *sending.paces(app),
        *sending.bounces(app.settings),
        *sending.newsletters(known, desk=desk),
        *sending.missing_transports(app, specs, desk=desk),
        *(finding for records in asked for finding in records.findings()),
    ]


def _relays(app: App, *, is_live: bool) -> list[Finding]:
    asked = sending.relays(app, is_live=is_live)
    return [
        asking.answer(within_s=sending.LONGEST_RELAY_S) or sending.relay_is_late(about)
        for about, asking in asked.items()
    ]


def _records(app: App, known: Sequence[Checklist], selectors: Sequence[str]) -> list[sending.Records]:
    """Begins the look-ups of every sender's domain; a demo's addresses are made up, so it has none."""
    domains = dict.fromkeys(found.domain for found in known)
    return [sending.records(app, domain, selectors) for domain in domains]


def _specs(app: App) -> list[NewsletterSpec]:
    with app.db.read() as session:
        return newsletters.newsletters(session)


def _checklists(app: App) -> list[Checklist]:
    with app.db.read() as session:
        ids = [spec.id for spec in newsletters.newsletters(session)]
        return [checklist.checklist(session, newsletter_id) for newsletter_id in ids]
