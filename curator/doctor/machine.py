"""This machine's part: settings, the database and its disk, the workers and what waits for them."""

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from curator import schema
from curator.app import App
from curator.db import Database, accepts_writes
from curator.doctor.disk import filesystem_of, is_far, room
from curator.doctor.resting import resting
from curator.doctor.waiting import waiting
from curator.errors import SettingError, StateError, StorageError
from curator.findings import Finding, Level
from curator.newsletters.slots import span
from curator.queue import store as queue
from curator.queue.kick import KickError, PatientKicker
from curator.queue.values import LATE_AFTER
from curator.settings import Settings

_MOUNTS = Path("/proc/mounts")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def settings(given: Settings) -> list[Finding]:
    """Looks at what the settings mean for readers; whoever has them knows that they can be read."""
    findings = [Finding(Level.OK, "settings", f"All can be read. The data folder is {given.data_dir}.")]
    host = urlsplit(given.public_url).hostname or ""
    if given.is_demo:
        return findings
    if host in _LOOPBACK:
        what = f"Links in mail lead to {given.public_url}, which only this machine reaches."
        todo = "Set CURATOR_PUBLIC_URL to how readers reach it, such as https://news.example.org."
        findings.append(Finding(Level.LOOK, "public address", what, todo))
    elif not given.is_https:
        what = f"Readers and editors reach {given.public_url} without encryption."
        todo = "Put a web server with a certificate in front, and begin CURATOR_PUBLIC_URL with https://."
        findings.append(Finding(Level.LOOK, "public address", what, todo))
    elif not given.trusted_proxies:
        what = "Readers come by https, so through a proxy, but CURATOR_TRUSTED_PROXIES is 0: all seem to be one reader."
        todo = "Set CURATOR_TRUSTED_PROXIES to how many proxies stand in front, or sign-ups are slowed down for all."
        findings.append(Finding(Level.LOOK, "proxies", what, todo))
    return findings


def sign_ins(given: Settings) -> Iterator[Finding]:
    """Looks for relays to which our password goes in the clear: not encrypted, and not on this machine."""
    named = [("CURATOR_SMTP_URL", "", given.smtp_url or "")]
    named += [("CURATOR_TRANSPORTS", each.name, each.url) for each in given.transports]
    for setting, name, url in named:
        parts = urlsplit(url)
        if parts.scheme == "smtp" and parts.password and parts.hostname not in _LOOPBACK:
            what = f"Our password and the mail go to {parts.hostname} without encryption."
            todo = f"Write smtp+starttls:// (port 587) or smtps:// (port 465) instead of smtp:// in {setting}."
            yield Finding(Level.LOOK, f"sign-in of the mail relay {name}".rstrip(), what, todo)


def database(db: Database, *, data_dir: Path) -> Iterator[Finding]:
    """Looks at the database; when it is no good to anybody the last finding says so."""
    file = Path(db.url.database or "").resolve() if db.is_sqlite else None
    if file is not None and not file.exists():
        yield Finding(Level.WRONG, "database", f"There is none at {file}.", "Run `curator init`.")
        return
    if file is not None:
        yield from _place(file)
    folder = _existing(data_dir if file is None else file.parent)
    yield room(shutil.disk_usage(folder).free, folder)
    yield _state(db)


def is_usable(findings: Sequence[Finding]) -> bool:
    """Tells whether the database can be asked anything: a wrong disk is bad, a wrong schema the end."""
    return not any(finding.level is Level.WRONG and finding.about == "database" for finding in findings)


def _existing(folder: Path) -> Path:
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _place(file: Path) -> Iterator[Finding]:
    kind = filesystem_of(file, _MOUNTS.read_text() if _MOUNTS.exists() else "")
    if is_far(kind):
        what = f"{file} lies on a network disk ({kind}), where SQLite's locks cannot be relied on."
        yield Finding(Level.WRONG, "disk", what, "Put CURATOR_DATA_DIR on a disk of this machine, or use PostgreSQL.")
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        what = f"This user may not write to {file} and its folder."
        yield Finding(
            Level.WRONG, "disk", what, "Run the command as the user that runs Curator, or give it the folder."
        )


def _state(db: Database) -> Finding:
    shown = db.shown
    try:
        current, newest = schema.current(db), schema.newest()
        is_writable = current == newest and accepts_writes(db)
    except (SettingError, StateError, StorageError) as error:
        return Finding(Level.WRONG, "database", str(error), "Start the database, or mend CURATOR_DATABASE_URL.")
    if current != newest:
        what = f"{shown} is empty." if current is None else f"{shown} stands at {current}; this version needs {newest}."
        return Finding(Level.WRONG, "database", what, "Run `curator db upgrade`.")
    if not is_writable:
        what, todo = f"{shown} can be read but not written.", "It is locked, full, or a copy for reading: see its log."
        return Finding(Level.WRONG, "database", what, todo)
    return Finding(Level.OK, "database", f"{shown} stands at {current}, the newest, and takes writes.")


def work(app: App, workers: Sequence[str]) -> list[Finding]:
    """Looks at who works, and at what waits or failed.

    `workers` are the living processes of this machine; a name that begins with "clock-" or "worker-" is that alone.
    """
    now = app.clock()
    with app.db.read() as session:
        counts = queue.job_counts(session, now=now)
        failed = queue.failed_jobs(session, 1)
    waited = timedelta() if counts.oldest_due_at is None else now - counts.oldest_due_at
    findings = [_runner(len([name for name in workers if not name.startswith("clock-")]), waited)]
    if workers and all(name.startswith("worker-") for name in workers):
        what = "No clock lives on this machine, so nothing is begun here when it is due."
        todo = "Start `curator run` (or `curator clock`), unless a clock runs on another machine."
        findings.append(Finding(Level.LOOK, "clock", what, todo))
    if app.kicker is not None:
        findings.append(_broker(app.kicker))
    findings += [*waiting(app), *resting(app)]
    if failed:
        one = "1 job failed" if counts.failed == 1 else f"{counts.failed} jobs failed"
        what = f"{one} for good, the newest of them {failed[0].task}."
        findings.append(Finding(Level.LOOK, "queue", what, f"{app.settings.public_url}/desk says which and why."))
    else:
        findings.append(
            Finding(Level.OK, "queue", f"No job has failed. {counts.due} wait, {counts.running} are being done.")
        )
    return findings


def _broker(kicker: PatientKicker) -> Finding:
    try:
        kicker.check()
    except KickError as error:
        todo = "Start RabbitMQ, or mend its name and password. Until then workers look by themselves every 5 s."
        return Finding(Level.LOOK, "broker", str(error), todo)
    return Finding(Level.OK, "broker", "It answers, and lets us in.")


def _runner(workers: int, waited: timedelta) -> Finding:
    one = "1 worker process lives" if workers == 1 else f"{workers} worker processes live"
    if workers and waited <= LATE_AFTER:
        return Finding(Level.OK, "runner", f"{one} on this machine.")
    if workers:
        what = f"{one} on this machine, but work has been waiting for {span(waited)}."
        return Finding(Level.LOOK, "runner", what, "See the runner's log; CURATOR_WORKER_THREADS may be too few.")
    if waited > LATE_AFTER:
        what = f"No worker lives on this machine, and work has been waiting for {span(waited)}."
        return Finding(Level.WRONG, "runner", what, "Start `curator run` (or `curator worker`).")
    what = "No worker lives on this machine; nothing waits for one."
    return Finding(Level.LOOK, "runner", what, "Start `curator run`, unless workers run on another machine.")
