"""ISSUE -> LETTER: thanks whoever sent in what an issue brought, once it has been sent."""

from datetime import datetime

from curator.db import Session
from curator.issues.standing import store as standing
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.picks.tips import store as tips


def write(session: Session, newsletter_id: int, issue_id: int, *, now: datetime) -> int:
    """Writes the thanks for an issue's items, in the transaction that marks it as sent; returns how many.

    Not at the pick, which an editor may take back; not when the mailing begins, which may be stopped: only now does the
    letter's link lead to what every reader has. One letter a reader, however many of their links ran. The tip forgets
    the address with that; the letter's goes with the letter.
    """
    owed: dict[str, list[tips.Owed]] = {}
    for each in tips.owed(session, newsletter_id, standing.item_ids(session, issue_id)):
        owed.setdefault(each.address_key, []).append(each)
    for address_key, found in owed.items():
        payload = {"newsletter_id": newsletter_id, "issue_id": issue_id, "item_ids": [each.item_id for each in found]}
        key = f"tip thanks {found[0].note_id}"
        letter = NewLetter(LetterKind.TIP_THANKS, found[0].address, address_key, payload=payload, key=key)
        letters.write(session, letter, now=now)
        tips.note_thanked(session, [each.note_id for each in found], now=now)
    return len(owed)
