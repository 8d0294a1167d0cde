"""A show whose episode may be asked for, and who asked."""

from datetime import datetime, timedelta

from sqlalchemy import select

from curator.db import Database
from curator.downloads import ask, store
from curator.downloads.ask import Asker
from curator.downloads.values import Agreed, Download, DownloadKind, Funnel, Request
from curator.episodes import enrich
from curator.letters.tables import Letter
from curator.letters.values import LetterKind
from tests import builders
from tests.episodes.scene import NOW, Show

ADA = "Ada@Readers.example"
WEEK = timedelta(days=7)
TALK = "[00:00:01] Mina: What does an index forget?\n\n[00:00:04] Nadia: Whatever nobody asks it for."


class Listeners:
    """The show of tests.episodes, a newsletter to write from, and readers who fill in the form."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.show = Show(db)
        self.newsletter = builders.newsletter_row(db)
        self.transcript = Download(DownloadKind.TRANSCRIPT, self.show.episode)

    def told(self, *, at: datetime = NOW) -> None:
        """The transcript comes."""
        enrich.paste(self.db, self.show.episode, TALK, by=None, now=at)

    def ask(self, address: str = ADA, *, download: Download | None = None, at: datetime = NOW) -> None:
        asker = Asker(address, "Ada", Agreed("/e/1", "Send it."), self.newsletter)
        ask.ask(self.db, download or self.transcript, asker, valid_for=WEEK, now=at)

    def requests(self, address: str = ADA) -> list[Request]:
        with self.db.read() as session:
            return store.requests_of(session, address.lower())

    def letters(self) -> list[Letter]:
        with self.db.read() as session:
            found = select(Letter).where(Letter.kind == LetterKind.DOWNLOAD).order_by(Letter.id)
            letters = list(session.scalars(found))
            session.expunge_all()
        return letters

    def funnel(self) -> Funnel:
        with self.db.read() as session:
            return store.transcript(session, self.show.episode).funnel
