"""The words by which tools say how a person stands."""

from collections.abc import Mapping

from curator.audience.moving.values import Standing

_ACTIVE = """active enabled subscribed subscriber confirmed opted_in opt_in regular premium paid free gift gifted trial
trialed trialing past_due churning churned comp complimentary founding upgraded cold yes true 1 y"""
_UNCONFIRMED = """unconfirmed pending unactivated not_confirmed pending_confirmation awaiting_confirmation
inactive validating needs_attention unverified"""
_ENDED = """unsubscribed unsub ended left cancelled canceled opted_out optout removed disabled deleted no false 0 n"""
_BOUNCED = "bounced bounce hard_bounce hard_bounced cleaned undeliverable invalid dead"
_COMPLAINED = "complained complaint spam spam_complaint marked_as_spam abuse reported_as_spam"
_BLOCKED = "blocked blocklisted blacklisted suppressed banned by_hand"
_ASIDE = "paused unpaid upcoming nonsubscribed non_subscribed transactional archived"

_WORDS: Mapping[str, Standing] = {
    word: standing
    for words, standing in (
        (_ACTIVE, Standing.ACTIVE),
        (_UNCONFIRMED, Standing.UNCONFIRMED),
        (_ENDED, Standing.ENDED),
        (_BOUNCED, Standing.BOUNCED),
        (_COMPLAINED, Standing.COMPLAINED),
        (_BLOCKED, Standing.BLOCKED),
        (_ASIDE, Standing.ASIDE),
        ("erased", Standing.ERASED),
    )
    for word in words.split()
}
_TRUE = frozenset(("true", "yes", "1", "y", "t", "on"))
_FALSE = frozenset(("", "false", "no", "0", "n", "f", "off"))


def standing_of(text: str, *, others: Mapping[str, Standing]) -> Standing | None:
    """Returns what a status says; `others` are a tool's own words, which go first. None for a word that nobody knows.

    Nobody is mailed on a guess: whoever's status is not understood is refused.
    """
    word = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    return others.get(word) or _WORDS.get(word)


def truth(text: str) -> bool | None:
    """Returns what a cell with yes or no says; None when it says neither. An empty one says no."""
    word = text.strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None
