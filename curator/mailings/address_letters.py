"""What is behind a letter about a change of address: whom it asks or tells, and by which link."""

from dataclasses import dataclass
from datetime import datetime

from curator import tokens
from curator.audience import links, readdress
from curator.audience.links import AddressLink
from curator.audience.readdressed import store as changes
from curator.audience.suppressed import store as suppressed
from curator.audience.values import AddressChangeRow, Moving
from curator.db import Session
from curator.letters.values import ClaimedLetter, LetterKind, LetterText
from curator.mailings import address_words
from curator.mailings.ready import Kept, Ready, dropped, sender_of
from curator.newsletters.values import NewsletterSpec


@dataclass(frozen=True)
class AddressLetters:
    """What it takes to read what such a letter is about."""

    session: Session
    keys: tokens.Keys
    public_url: str
    now: datetime

    def __call__(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        """Returns the letter as it leaves now, or why it does not."""
        reason = suppressed.why(self.session, letter.address_key)
        if reason is not None:
            return dropped(f"suppressed: {reason}")
        change = changes.change(self.session, letter.payload["change_id"])
        if change is None:
            return dropped("The change of address is forgotten, or the subscriber is not there any more.")
        text = self._text(letter, newsletter, change)
        # No name, as in every letter to a mailbox that has yet to agree.
        return text if isinstance(text, Kept) else Ready(text.subject, sender_of(newsletter), "", text)

    def _text(self, letter: ClaimedLetter, newsletter: NewsletterSpec, change: AddressChangeRow) -> LetterText | Kept:
        match letter.kind:
            case LetterKind.ADDRESS_ASKED:
                link = AddressLink(change.id)
                if readdress.standing_in(self.session, link, now=self.now) is not Moving.OPEN:
                    return dropped("Another change was asked for since, or it was made or waited too long.")
                return address_words.asked(newsletter, url=self._url(link))
            case LetterKind.ADDRESS_KNOWN:
                token = links.preferences_token(self.keys, letter.payload["subscriber_id"])
                return address_words.known(newsletter, preferences_url=links.preferences_url(self.public_url, token))
            case LetterKind.ADDRESS_MOVED:
                url = self._url(AddressLink(change.id, is_back=True))
                return address_words.moved(newsletter, to=change.new_address, back_url=url)
            case _:
                return address_words.told(newsletter, to=change.new_address)

    def _url(self, link: AddressLink) -> str:
        return links.address_url(self.public_url, links.address_token(self.keys, link))
