"""What is behind a letter about several newsletters at once: those of them that still wait, or are still sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from curator import tokens
from curator.audience import consent, links
from curator.audience import store as audience
from curator.audience.links import ConfirmLink
from curator.audience.values import SubscriberRow, SubscriptionState
from curator.db import Session
from curator.errors import NotFoundError
from curator.letters.values import ClaimedLetter, LetterKind
from curator.mailings import joint_words
from curator.mailings.ready import Kept, Ready, dropped, sender_of
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec


def is_joint(letter: ClaimedLetter) -> bool:
    """Tells whether a letter is about more newsletters than the one whose sender it bears."""
    return "also" in letter.payload or "known" in letter.payload


@dataclass(frozen=True)
class JointLetters:
    """What it takes to read what such a letter is about."""

    session: Session
    keys: tokens.Keys
    public_url: str
    now: datetime

    def __call__(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        """Returns the letter as it leaves now, or why it does not; `newsletter` is the one whose sender it bears."""
        if letter.kind is LetterKind.CONFIRM:
            return self._confirm(letter, newsletter)
        also = letter.payload.get("also", [])
        sent = [spec for spec, row in self._rows(letter, [newsletter.id, *also]) if row.state is _ACTIVE]
        if not sent:
            return dropped("not subscribed any more")
        id_ = letter.payload["subscriber_id"]
        url = links.preferences_url(self.public_url, links.preferences_token(self.keys, id_))
        if letter.kind is LetterKind.KNOWN:
            text = joint_words.known(sent, preferences_url=url)
            return Ready(text.subject, sender_of(newsletter), "", text)
        ways_out = [
            links.unsubscribe_url(self.public_url, links.unsubscribe_token(self.keys, spec.id, id_)) for spec in sent
        ]
        text = joint_words.welcome(sent, preferences_url=url, unsubscribe_urls=ways_out)
        return Ready(text.subject, sender_of(newsletter), letter.name, text)

    def _confirm(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        payload = letter.payload
        asked = {newsletter.id: payload["asked_at"], **dict(payload.get("also", []))}
        moments = {id_: datetime.fromisoformat(at) for id_, at in asked.items()}
        waits: list[tuple[NewsletterSpec, ConfirmLink]] = []
        for spec, row in self._rows(letter, list(moments)):
            link = ConfirmLink(spec.id, row.id, moments[spec.id])
            if self._is_open(row, link):
                waits.append((spec, link))
        if not waits:
            return dropped("These sign-ups were confirmed, denied or made anew meanwhile, or have waited too long.")
        known = [spec for spec, row in self._rows(letter, payload.get("known", [])) if row.state is _ACTIVE]
        token = links.confirm_all_token(self.keys, [link for _, link in waits])
        text = joint_words.confirm(
            [spec for spec, _ in waits],
            known,
            asked_at=max(link.asked_at for _, link in waits),
            confirm_url=links.confirm_url(self.public_url, token),
            deny_url=links.deny_url(self.public_url, token),
        )
        # No name: so far it is only what somebody typed into a form.
        return Ready(text.subject, sender_of(newsletter), "", text)

    def _is_open(self, row: SubscriberRow, link: ConfirmLink) -> bool:
        is_pending = row.state is SubscriptionState.PENDING and row.changed_at is not None
        if not is_pending or row.changed_at is None or not links.is_same_moment(row.changed_at, link):
            return False
        return self.now - link.asked_at < consent.CONFIRM_WITHIN

    def _rows(self, letter: ClaimedLetter, ids: Sequence[int]) -> list[tuple[NewsletterSpec, SubscriberRow]]:
        """Returns the reader's standing in each newsletter that is there, unless they must not be mailed."""
        found = []
        for id_ in ids:
            row = audience.subscriber_row(self.session, id_, letter.payload["subscriber_id"])
            if row is None or row.suppression is not None:
                continue
            try:
                found.append((newsletters.newsletter(self.session, id_), row))
            except NotFoundError:
                continue
        return found


_ACTIVE = SubscriptionState.ACTIVE
