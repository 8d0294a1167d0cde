"""The second factor: turned on with a code, asked for after password and link alike, taken off."""

import base64
import secrets
from datetime import datetime

import pyotp

from curator.accounts import codes, store
from curator.accounts.admit import TRIES_A_NETWORK, TRIES_AN_ADDRESS, WINDOW
from curator.accounts.entry import let_in, note_refused
from curator.accounts.factors import store as factors
from curator.accounts.sealed import seal, unseal
from curator.accounts.throttle import counter, throttle
from curator.accounts.values import Editor, Means, SignInRefused, Visit
from curator.activity.store import record
from curator.db import Database, Session
from curator.errors import InvalidError, NotFoundError, StateError
from curator.tokens import Keys

RECOVERY_CODES = 10
_BYTES = 10  # of a recovery code: 80 bits are 16 letters in base 32
_WRONG = "This code does not fit. Codes change every 30 seconds, and each works once."


def begin(db: Database, user_id: int, *, keys: Keys, now: datetime) -> str:
    """Returns a new secret for an authenticator; nothing is asked for until a code of it came.

    A second call replaces a secret that no code has confirmed. Raises StateError where the factor is on.
    """
    secret = pyotp.random_base32()
    sealed = seal(keys, secret)
    with db.write() as session:
        if store.user(session, user_id, for_change=True) is None:
            raise NotFoundError("user", user_id)
        if factors.sealed_secret(session, user_id, is_confirmed=True) is not None:
            raise StateError("The second factor is on already. Take it off first.")
        factors.put_secret(session, user_id, sealed, at=now)
    return secret


def pending(db: Database, user_id: int, *, keys: Keys) -> str | None:
    """Returns the secret that no code has confirmed yet; None when there is none."""
    with db.read() as session:
        sealed = factors.sealed_secret(session, user_id, is_confirmed=False)
    return None if sealed is None else unseal(keys, sealed)


def confirm(db: Database, user_id: int, code: str, *, keys: Keys, now: datetime) -> list[str]:
    """Turns the factor on with a first code of it, and returns the recovery codes, this once.

    Raises InvalidError (field "code") for another code, StateError when there is nothing to confirm.
    """
    throttle(db, _parts(user_id), limit=TRIES_AN_ADDRESS, window=WINDOW, now=now)
    secret = pending(db, user_id, keys=keys)
    if secret is None:
        raise StateError("There is no second factor to turn on. Begin anew.")
    step = codes.step_of(secret, code, at=now)
    if step is None:
        raise InvalidError("code", _WRONG)
    fresh = _fresh_codes()
    with db.write() as session:
        if not factors.confirm(session, user_id, step=step, at=now):
            raise StateError("The second factor is on already.")
        factors.put_codes(session, user_id, [codes.hash_of(each) for each in fresh])
        _forgive(session, user_id, now=now)
        record(
            session, at=now, actor=user_id, verb="turned on the second factor of", subject="user", subject_id=user_id
        )
    return [codes.in_fours(each, between="-") for each in fresh]


def prove(db: Database, user_id: int, typed: str, *, keys: Keys, now: datetime) -> None:
    """Uses a code of the person's up, before something that only its holder may do.

    Raises InvalidError (field "code") for a wrong or used one, TooManyAttempts after five of them.
    """
    throttle(db, _parts(user_id), limit=TRIES_AN_ADDRESS, window=WINDOW, now=now)
    with db.write() as session:
        if not _is_spent(session, user_id, typed, keys=keys, now=now):
            raise InvalidError("code", _WRONG)
        _forgive(session, user_id, now=now)


def renew_codes(db: Database, user_id: int, *, now: datetime) -> list[str]:
    """Makes new recovery codes in the place of the old ones and returns them, this once."""
    fresh = _fresh_codes()
    with db.write() as session:
        if factors.sealed_secret(session, user_id, is_confirmed=True) is None:
            raise StateError("The second factor is off, so there are no recovery codes.")
        factors.put_codes(session, user_id, [codes.hash_of(each) for each in fresh])
        record(session, at=now, actor=user_id, verb="renewed the recovery codes of", subject="user", subject_id=user_id)
    return [codes.in_fours(each, between="-") for each in fresh]


def pass_code(
    db: Database, user_id: int, typed: str, *, epoch: int, keys: Keys, network: str, visit: Visit, now: datetime
) -> Editor:
    """Lets in whoever gave password or link before and now a code of their authenticator, or a recovery code.

    Raises SignInRefused for a wrong or used code, and where all of the person's sign-ins were ended since (`epoch`);
    TooManyAttempts after 5 wrong ones of a person or 20 of a network in a quarter of an hour.
    """
    throttle(db, _network_parts(network), limit=TRIES_A_NETWORK, window=WINDOW, now=now)
    throttle(db, _parts(user_id), limit=TRIES_AN_ADDRESS, window=WINDOW, now=now)
    means = Means.RECOVERY_CODE if codes.plain(typed) else Means.CODE
    with db.write() as session:
        known = store.editor(session, user_id)
        is_same = known is not None and known.epoch == epoch
        is_right = is_same and _is_spent(session, user_id, typed, keys=keys, now=now)
        editor = let_in(session, user_id, means, visit=visit, now=now) if is_right else None
        if editor is not None:
            _forgive(session, user_id, now=now, network=network)
            return editor
        key = store.address_key_of(session, user_id)
    note_refused(db, key, means, visit=visit, now=now)
    raise SignInRefused(_WRONG)


def take_off(db: Database, user_id: int, *, now: datetime, by: int | None) -> bool:
    """Takes the second factor off a person, with their recovery codes; False when they had none.

    Whoever it is taken off by somebody else finds that on their account's page.
    """
    with db.write() as session:
        if store.user(session, user_id, for_change=True) is None:
            raise NotFoundError("user", user_id)
        if not factors.remove(session, user_id):
            return False
        record(session, at=now, actor=by, verb="took the second factor off", subject="user", subject_id=user_id)
    return True


def _is_spent(session: Session, user_id: int, typed: str, *, keys: Keys, now: datetime) -> bool:
    """Uses up a code, if it is one of this person's that was not used before."""
    recovery = codes.plain(typed)
    if recovery:
        return factors.spend_code(session, user_id, codes.hash_of(recovery), at=now)
    sealed = factors.sealed_secret(session, user_id, is_confirmed=True)
    step = None if sealed is None else codes.step_of(unseal(keys, sealed), typed, at=now)
    return step is not None and factors.use_step(session, user_id, step)


def _fresh_codes() -> list[str]:
    return [base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]


def _forgive(session: Session, user_id: int, *, now: datetime, network: str = "") -> None:
    of_person = counter(_parts(user_id), window=WINDOW, now=now)
    store.forgive_attempts(session, of_person, counter(_network_parts(network), window=WINDOW, now=now))


def _parts(user_id: int) -> list[str]:
    return ["second factor", str(user_id)]


def _network_parts(network: str) -> list[str]:
    return ["second factor", "network", network]
