"""The hourly round that forgets what is long over, makes up for what a kill left undone, and lets the database tidy."""

from datetime import timedelta

from curator import db
from curator.accounts import repeats, stay, throttle
from curator.accounts import store as accounts
from curator.accounts.answers import store as answers
from curator.accounts.sign_ins import store as sign_ins
from curator.app import App
from curator.audience import readdress, sign_up
from curator.audience.moving import bring
from curator.downloads import store as downloads
from curator.events import listen
from curator.events.nobody import store as nobody
from curator.feeds.polls import store as polls
from curator.jobs import hooks
from curator.letters import store as letters
from curator.mailings import store as mailings
from curator.newsletters import store as newsletters
from curator.picks.tips import store as tips
from curator.privacy import erase
from curator.queue import store as queue
from curator.watch import store as alerts

_RECHECK_MAILINGS = timedelta(days=3)
_KEEP_LETTERS = timedelta(days=30)
_KEEP_PROCESSES = timedelta(days=1)
# A scanner follows the canary within minutes of the rest.
_KEEP_NOBODYS_HITS = timedelta(hours=1)


def keep_house(app: App) -> None:
    """Forgets what is long over (jobs, polls, letters, tries, sign-ups, tips), and lets the database tidy itself."""
    now = app.clock()
    settings = app.settings
    for prune, kept_for in (
        (queue.prune, timedelta(days=settings.keep_jobs_days)),
        (polls.prune, timedelta(days=settings.keep_polls_days)),
        (letters.prune, _KEEP_LETTERS),
        (nobody.prune, _KEEP_NOBODYS_HITS),
        (accounts.prune_attempts, throttle.KEPT_FOR),
        (answers.prune, repeats.KEPT_FOR),
        (sign_ins.prune_tries, stay.KEPT_FOR),
        (sign_ins.prune_sign_ins, stay.LASTS_FOR),
        (downloads.prune, timedelta(days=settings.keep_requests_days)),
        (alerts.prune, timedelta(days=settings.keep_alerts_days)),
        (alerts.prune_processes, _KEEP_PROCESSES),
    ):
        pruned = None
        while pruned != 0:
            with app.db.write() as session:
                pruned = prune(session, before=now - kept_for)
    _release_letters(app)
    _note_bounces(app)
    _settle_doubts(app)
    sign_up.expire(app.db, now=now)
    readdress.forget(app.db, now=now)
    with app.db.write() as session:
        tips.forget(session, now=now)
    erase.finish(app.db, now=now)
    bring.tidy(app.db, folder=app.imports_dir, kept_for=timedelta(days=app.settings.import_keep_days), now=now)
    hooks.keep_house(app)
    db.tidy(app.db)


def _release_letters(app: App) -> None:
    """Lets go of letters that are held for newsletters that are live: a crash or a restored backup may leave some."""
    with app.db.read() as session:
        ids = [id_ for id_ in letters.holding_newsletter_ids(session) if newsletters.is_live(session, id_)]
    for newsletter_id in ids:
        with app.db.write() as session:
            letters.release_held(session, newsletter_id, now=app.clock())


def _note_bounces(app: App) -> None:
    """Counts bounces of mailings that ended lately: a kill before a cancel leaves them to nobody else."""
    with app.db.read() as session:
        ids = mailings.ended_since(session, app.clock() - _RECHECK_MAILINGS)
    for mailing_id in ids:
        listen.note_bounces(app.db, mailing_id, now=app.clock())


def _settle_doubts(app: App) -> None:
    """Settles what an event proved before it was in doubt, in mailings that run or ended lately."""
    with app.db.read() as session:
        ended = mailings.ended_since(session, app.clock() - _RECHECK_MAILINGS)
        running = mailings.live_ids(session)
    for mailing_id in (*running, *ended):
        listen.settle_doubts(app.db, mailing_id, now=app.clock())
