"""Wires settings to ports: the one place that knows every concrete class."""

import importlib.util
import logging
import random
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from curator import __version__
from curator.clock import Clock
from curator.db import Database
from curator.downloads.folder import FolderFiles, MemoryFiles
from curator.downloads.values import FileStore
from curator.errors import SettingError
from curator.events.providers.judge import Doors, hook_secret
from curator.feeds.rounds import Pollers
from curator.http.client import GuardedFetcher
from curator.http.memory import MemoryFetcher
from curator.http.resolver import DnsResolver
from curator.http.values import Fetcher, Limits, Resolver
from curator.issues.preflight.chromium import Chromium
from curator.issues.preflight.spam import SpamAssassin
from curator.issues.preflight.values import Looker, Preflight
from curator.issues.render import Renderer
from curator.leavings.log import LeavingsLog
from curator.mailings import dkim_keys, pacing
from curator.mailings.dkim import Keyring
from curator.mailings.proof.message import MessageProver
from curator.mailings.reply_path import ReplyPath
from curator.mailings.return_path import ReturnPath
from curator.mailings.routes import Route
from curator.mailings.transports.choose import limits_of, transport_for
from curator.mailings.transports.port import Transport
from curator.pictures.folder import FolderPictures
from curator.pictures.memory import MemoryPictures
from curator.pictures.values import PictureStore
from curator.queue.kick import Kicker, PatientKicker
from curator.settings import Settings
from curator.tokens import Keys, Veil

TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True)
class App:
    """What a door (page, task, command) hands to the arrows. `transport` is None until mail is set up.

    `limits` are that transport's; `named_transports` are those that newsletters may choose instead. `keyring` signs
    mail; it is empty where the relay does. `rest` waits for so many seconds. `kicker` is None where workers look by
    themselves only. `pictures` keeps what mail and pages show. `pager` reaches who runs the installation, at addresses
    of the settings and nowhere else, which may lie in a private network.
    """

    settings: Settings
    db: Database
    clock: Clock
    keys: Keys
    fetcher: Fetcher
    transport: Transport | None
    renderer: Renderer
    random: random.Random
    resolver: Resolver = field(default_factory=DnsResolver)
    keyring: Keyring = field(default_factory=Keyring)
    limits: pacing.Limits = pacing.NO_LIMITS
    named_transports: Mapping[str, Route] = field(default_factory=dict)
    rest: Callable[[float], None] = time.sleep
    kicker: PatientKicker | None = None
    pictures: PictureStore = field(default_factory=MemoryPictures)
    files: FileStore = field(default_factory=MemoryFiles)
    pager: Fetcher = field(default_factory=MemoryFetcher)

    def __post_init__(self) -> None:
        """Hands the database what knows erased addresses, and the log of leavings: no arrow has to think of them."""
        self.db.wear(Veil(self.keys))
        self.db.witness = self.leavings

    @property
    def leavings(self) -> LeavingsLog:
        """The log of who left, was suppressed or erased, which outlasts the database."""
        spare = self.settings.data_dir / "leavings"
        return LeavingsLog(self.settings.leavings_dir or spare, spare=spare)

    @property
    def transports(self) -> dict[str, Route]:
        """Every way out by its name; the usual one is "" and is missing until mail is set up."""
        usual = {} if self.transport is None else {"": Route("", self.transport, self.limits)}
        return usual | dict(self.named_transports)

    @property
    def return_path(self) -> ReturnPath | None:
        """Where bounces come back to; None: to each newsletter's own address."""
        address = self.settings.bounce_address
        return ReturnPath(address, self.keys) if address else None

    @property
    def reply_path(self) -> ReplyPath | None:
        """Where readers answer to; None unless that mailbox is read here."""
        settings = self.settings
        is_read = settings.reply_maildir is not None or settings.reply_mailbox is not None
        return ReplyPath(settings.reply_address, self.keys) if settings.reply_address and is_read else None

    def pollers(self, name: str) -> Pollers:
        """Returns what asking feeds takes; hosts are taken under the name of who asks."""
        return Pollers(self.db, self.fetcher, self.clock, self.random, name, per_host=self.settings.polls_per_host)

    @property
    def links_last(self) -> timedelta:
        """How long a letter's link to a download works."""
        return timedelta(days=self.settings.download_link_days)

    @property
    def journal_dir(self) -> Path:
        """Where sender processes keep their journals."""
        return self.settings.data_dir / "journals"

    @property
    def imports_dir(self) -> Path:
        """Where files of readers wait to be taken in."""
        return self.settings.imports_dir or self.settings.data_dir / "imports"

    @property
    def doors(self) -> Doors:
        """What opens the doors of providers' webhooks."""
        settings = self.settings
        return Doors(
            topics=settings.hook_ses_topics,
            postmark=settings.hook_postmark,
            secrets=tuple(hook_secret(replace(self.keys, current=each)) for each in sorted(self.keys.secrets)),
            mailgun_key=settings.hook_mailgun_key,
            sendgrid_key=settings.hook_sendgrid_key,
        )

    @property
    def spool_dir(self) -> Path:
        """Where web processes of this machine put the clicks that are not in the database yet."""
        return self.settings.data_dir / "spool"


def build(settings: Settings) -> App:
    """Returns the application's ports, made from settings; opens no connection yet."""
    set_up_logs(settings.log_format, settings.log_level)
    keyring = dkim_keys.load(settings.dkim_keys)
    keys = Keys.from_secret(settings.secret_key, older=settings.old_secret_keys)
    return App(
        settings=settings,
        db=Database(settings.database_url),
        clock=utc_now,
        keys=keys,
        fetcher=_fetcher(settings),
        transport=transport_for(settings.smtp_url, keyring) if settings.smtp_url else None,
        renderer=Renderer(
            TEMPLATES,
            public_url=settings.public_url,
            preflight=Preflight(MessageProver(keys, settings.public_url, keyring), _lookers(settings)),
        ),
        random=random.SystemRandom(),
        keyring=keyring,
        limits=limits_of(settings.smtp_url or "", domains=settings.domain_rates),
        named_transports=_named_transports(settings, keyring),
        kicker=_kicker(settings.queue_url) if settings.queue_url else None,
        pictures=FolderPictures(settings.pictures_dir or settings.data_dir / "pictures"),
        files=FolderFiles(settings.files_dir or settings.data_dir / "files"),
        pager=_pager(settings),
    )


def _lookers(settings: Settings) -> tuple[Looker, ...]:
    """Returns the programs that look at mails; a spam filter that is installed in the usual way needs no setting."""
    spamassassin = settings.spamassassin or shutil.which("spamassassin")
    browser = () if settings.chromium is None else (Chromium(str(settings.chromium)),)
    return (*browser, *(() if spamassassin is None else (SpamAssassin(str(spamassassin)),)))


def _named_transports(settings: Settings, keyring: Keyring) -> dict[str, Route]:
    domains = settings.domain_rates
    return {
        name: Route(name, transport_for(url, keyring, setting="CURATOR_TRANSPORTS"), limits_of(url, domains=domains))
        for name, url in ((each.name, each.url) for each in settings.transports)
    }


def utc_now() -> datetime:
    """Returns the present moment: the real clock, which everything else is handed."""
    return datetime.now(UTC)  # noqa: TID251 - the one real clock


def set_up_logs(log_format: str, level: str = "info") -> None:
    """Sends one line an event of a level or a graver one to standard error: readable text, or JSON for a machine."""
    last = structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _kicker(queue_url: str) -> PatientKicker:
    if importlib.util.find_spec("celery") is None:
        raise SettingError("CURATOR_QUEUE_URL", "needs Celery: `pip install 'curator[scaled]'`.")

    def connect() -> Kicker:
        # Celery takes a while to import, and most processes never kick.
        from curator.queue.celery_app import CeleryKicker

        return CeleryKicker(queue_url)

    return PatientKicker(connect, utc_now)


def _fetcher(settings: Settings) -> Fetcher:
    limits = Limits(
        connect_s=settings.fetch_connect_s,
        read_s=settings.fetch_read_s,
        total_s=settings.fetch_total_s,
        max_bytes=settings.fetch_max_bytes,
    )
    return GuardedFetcher(limits, user_agent=_agent(settings), allow_private=settings.allow_private_addresses)


def _pager(settings: Settings) -> Fetcher:
    """Returns the way to the alerts' webhook and the heartbeat's URL.

    What an operator sets by an environment variable is the operator's own, often in a private network. Whoever hangs
    must not keep the next sign of life back.
    """
    limits = Limits(connect_s=3.0, read_s=5.0, total_s=5.0, max_bytes=1_000_000)
    return GuardedFetcher(limits, user_agent=_agent(settings), allow_private=True)


def _agent(settings: Settings) -> str:
    return f"Curator/{__version__} (+{settings.public_url})"
