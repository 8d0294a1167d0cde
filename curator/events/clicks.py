"""A click or an opening: where a tracked link leads, and who asked. No database write, hardly a read."""

import hashlib
import hmac
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import structlog

from curator.audience.links import issue_url
from curator.db import Database
from curator.errors import NotFoundError, StorageError
from curator.events import records, store
from curator.events.spool import Spool, SpoolError
from curator.events.values import Hit
from curator.issues.slots import CANARY
from curator.mailings.click_links import ClickLink, read_click_token, read_open_token
from curator.mailings.repoints import store as repoints
from curator.tokens import Keys

_log = structlog.get_logger()

# A mailing's links are some 10 KB; readers follow those of the last few weeks.
_MOST_MAILINGS = 256
# An editor may change the short name in the address of the issue's own page.
_PAGE_SECONDS = 60
# A link that an editor points elsewhere leads there in every process within ten seconds; half of that is left for a
# slow database.
_LOOK_AGAIN_AFTER = timedelta(seconds=5)
# A full disk is said once a minute, not once a click.
_SAY_AGAIN_AFTER = timedelta(minutes=1)


class Clicks:
    """What a web process needs for its readers' clicks: the targets that it remembers, and the spool that it writes."""

    def __init__(self, db: Database, keys: Keys, *, public_url: str, spool_dir: Path) -> None:
        self._db = db
        self._keys = keys
        self._public_url = public_url
        self._spool = Spool(spool_dir)
        self._agent_key = hmac.digest(keys.secrets[keys.current], b"click agent", hashlib.sha256)
        # What raises is not remembered: a mailing that is not there yet is asked for again.
        self._targets = lru_cache(_MOST_MAILINGS)(self._read_targets)
        self._pages = lru_cache(_MOST_MAILINGS)(self._read_page)
        self._said_at: datetime | None = None
        self._mark = (0, 0)
        self._looked_at: datetime | None = None

    def follow(self, token: str, *, program: str, network: str, is_head: bool, now: datetime) -> str:
        """Returns where a link leads, having written down that it was followed.

        It leads only where its mailing's revision pointed, or where an editor has pointed that since, and the canary to
        the issue's public page. `program` and `network` say who asks; only a keyed hash of them is kept. A spool that
        cannot be written keeps nobody from the target. Raises TokenError for a token that is not ours and
        NotFoundError for a link that is not there.
        """
        click = read_click_token(self._keys, token)
        target = self._target(click, now)
        self._note(Hit(click.mailing_id, click.link, click.subscriber_id, now, self._agent(program, network), is_head))
        return target

    def opened(self, token: str, *, program: str, network: str, is_head: bool, now: datetime) -> None:
        """Writes down that the picture of a mail was asked for. Raises TokenError for a token that is not ours."""
        mailing_id, reader = read_open_token(self._keys, token)
        self._note(Hit(mailing_id, 0, reader, now, self._agent(program, network), is_head, is_open=True))

    def close(self) -> None:
        """Lets the spool file go."""
        self._spool.close()

    def _target(self, click: ClickLink, now: datetime) -> str:
        if click.link == CANARY.number:
            # The minute is in the key: a page that moved is found at its new address a minute later.
            return self._pages(click.mailing_id, int(now.timestamp() // _PAGE_SECONDS))
        # The mark is in the key: what another thread reads of an older state is kept under that one's.
        target = self._targets(click.mailing_id, self._mark_at(now)).get(click.link)
        if target is None:
            raise NotFoundError("link", click.link)
        return target

    def _mark_at(self, now: datetime) -> tuple[int, int]:
        """Returns what changes when any link is pointed elsewhere; a database that is away keeps nobody waiting."""
        if self._looked_at is None or abs(now - self._looked_at) >= _LOOK_AGAIN_AFTER:
            self._looked_at = now
            try:
                with self._db.read() as session:
                    self._mark = repoints.mark(session)
            except StorageError as error:
                _log.warning("links were not looked at", reason=str(error))
        return self._mark

    def _note(self, hit: Hit) -> None:
        try:
            self._spool.append(records.packed(hit))
        except SpoolError as error:
            if self._said_at is None or abs(hit.at - self._said_at) >= _SAY_AGAIN_AFTER:
                self._said_at = hit.at
                _log.error("clicks are lost", reason=str(error))

    def _agent(self, program: str, network: str) -> int:
        who = f"{program}\0{network}".encode("utf-8", "replace")
        return int.from_bytes(hashlib.blake2b(who, key=self._agent_key, digest_size=8).digest(), signed=True)

    def _read_targets(self, mailing_id: int, _mark: tuple[int, int]) -> dict[int, str]:
        with self._db.read() as session:
            found = store.targets(session, mailing_id)
        if found is None:
            raise NotFoundError("mailing", mailing_id)
        return found

    def _read_page(self, mailing_id: int, _minute: int) -> str:
        with self._db.read() as session:
            found = store.page(session, mailing_id)
        if found is None:
            raise NotFoundError("mailing", mailing_id)
        return issue_url(self._public_url, *found)
