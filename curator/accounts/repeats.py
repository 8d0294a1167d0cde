"""Lets a program send a request again without doing its deed twice: the same key is answered the same for a day.

(draft-ietf-httpapi-idempotency-key-header-07). An answer that refused is not kept: nothing was changed, so what was
mended may be sent under the same key.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.accounts.answers import store
from curator.accounts.values import KeptAnswer
from curator.db import Database
from curator.errors import CuratorError

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255

# No request takes a minute: whoever began it has died, and most deeds are harmless when they are done again.
_GIVEN_UP_AFTER = timedelta(minutes=1)


class OtherRequestError(CuratorError):
    """The key was used for another request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request within the last day. Make a new one.")


class UnderWayError(CuratorError):
    """The same request is being answered at this moment."""

    retry_in = timedelta(seconds=2)

    def __init__(self) -> None:
        super().__init__("The same request is being answered at this moment. Send it again in a few seconds.")


@dataclass(frozen=True)
class Repeat:
    """A request that bears a key: by which token, and hashes of the key and of all that it asks."""

    token_id: int
    key_hash: str
    fingerprint: str


def repeat(token_id: int, key: str, *, token: str, request: bytes) -> Repeat:
    """Returns a request as it is known again.

    The hash of what it asks is keyed with the token, so that nobody who reads the table can try addresses.
    """
    fingerprint = hmac.digest(token.encode(), request, hashlib.sha256).hex()
    return Repeat(token_id, hashlib.sha256(key.encode()).hexdigest(), fingerprint)


def begin(db: Database, this: Repeat, *, now: datetime) -> KeptAnswer | None:
    """Returns what this request was answered before; None where it is new, and under way from now on.

    Raises OtherRequestError and UnderWayError. One that was begun a minute ago and never ended begins again.
    """
    with db.write() as session:
        if store.begin(session, this.token_id, this.key_hash, fingerprint=this.fingerprint, at=now):
            return None
        known = store.kept(session, this.token_id, this.key_hash)
        if known is not None and known.at <= now - KEPT_FOR:
            store.forget(session, this.token_id, this.key_hash)
            store.begin(session, this.token_id, this.key_hash, fingerprint=this.fingerprint, at=now)
            return None
        if known is None:
            raise UnderWayError
        if not hmac.compare_digest(known.fingerprint, this.fingerprint):
            raise OtherRequestError
        if known.status is not None:
            return known
        is_given_up = known.at <= now - _GIVEN_UP_AFTER
        if is_given_up and store.take_over(session, this.token_id, this.key_hash, seen_at=known.at, at=now):
            return None
        raise UnderWayError


def end(db: Database, this: Repeat, *, status: int, headers: Mapping[str, str], body: str) -> None:
    """Keeps what a request was answered; one that was refused is forgotten."""
    with db.write() as session:
        if status < 300:
            store.keep(session, this.token_id, this.key_hash, status=status, headers=headers, body=body)
        else:
            store.forget(session, this.token_id, this.key_hash)
