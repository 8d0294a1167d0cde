"""What is behind a letter's ids when it is to leave: whoever it is from and what it says, or why it must not leave."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from curator import tokens
from curator.accounts import admit
from curator.accounts import store as accounts
from curator.audience import consent, links
from curator.audience import store as audience
from curator.audience.suppressed import store as suppressed
from curator.audience.values import SubscriberRow, SubscriptionState
from curator.db import Session
from curator.downloads import ask
from curator.downloads import links as download_links
from curator.downloads import store as downloads
from curator.downloads.links import DownloadLink
from curator.downloads.values import Download, DownloadKind, Standing
from curator.episodes import store as episodes
from curator.feeds import store as feeds
from curator.issues import store as issues
from curator.issues.notices.values import BY_KIND
from curator.issues.revisions import store as revisions
from curator.issues.values import Rendered
from curator.letters.values import ClaimedLetter, LetterKind, LetterLink, LetterState
from curator.mailings import letter_words, personal
from curator.mailings.address_letters import AddressLetters
from curator.mailings.archive import store as archive
from curator.mailings.joint import JointLetters, is_joint
from curator.mailings.mime import Header
from curator.mailings.notices import Notices
from curator.mailings.ready import Kept, Ready, dropped, sender_of
from curator.mailings.values import Sender
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.promotions import store as promotions
from curator.promotions.links import sponsor_token, sponsor_url

# What only tells something is no news any more after a while without a relay; what asks something goes by its link.
_NEWS = (LetterKind.KNOWN, LetterKind.WELCOME, LetterKind.TEST, LetterKind.TIP_THANKS, *BY_KIND)
_NEWS_FOR = timedelta(days=3)
_GONE = "The subscriber is not there any more."


@dataclass(frozen=True)
class Reading:
    """What it takes to read what a letter is about. Raises NotFoundError for a newsletter or issue that is gone."""

    session: Session
    keys: tokens.Keys
    public_url: str
    now: datetime

    def __call__(self, letter: ClaimedLetter) -> Ready | Kept:
        """Returns the letter as it leaves now, or why it does not."""
        if letter.kind is LetterKind.INVITATION:
            return self._invitation(letter)
        if letter.kind is LetterKind.ALERT:
            return self._alert(letter)
        newsletter = newsletters.newsletter(self.session, letter.newsletter_id or 0)
        if newsletter.is_test_mode and letter.address_key not in accounts.staff_keys(self.session):
            return Kept(LetterState.HELD, "held: test mode")
        if letter.kind in _NEWS and self.now - letter.created_at > _NEWS_FOR:
            return dropped("It waited for more than 3 days, and nobody expects it any more.")
        return self._read(letter.kind)(letter, newsletter)

    def _read(self, kind: LetterKind) -> Callable[[ClaimedLetter, NewsletterSpec], Ready | Kept]:
        """Returns what reads a letter of a kind that bears a newsletter's sender."""
        read: Callable[[ClaimedLetter, NewsletterSpec], Ready | Kept]
        match kind:
            case LetterKind.CONFIRM:
                read = self._confirm
            case LetterKind.KNOWN:
                read = self._known
            case LetterKind.WELCOME:
                read = self._welcome
            case LetterKind.TEST:
                read = self._test
            case LetterKind.SPONSOR_ASKED:
                read = self._sponsor
            case LetterKind.DOWNLOAD:
                read = self._download
            case (
                LetterKind.ADDRESS_ASKED | LetterKind.ADDRESS_TOLD | LetterKind.ADDRESS_KNOWN | LetterKind.ADDRESS_MOVED
            ):
                read = AddressLetters(self.session, self.keys, self.public_url, self.now)
            case LetterKind.TIP_THANKS:
                read = self._tip_thanks
            case (
                LetterKind.DRAFT_READY
                | LetterKind.REVIEW_ASKED
                | LetterKind.GIVEN_BACK
                | LetterKind.DEADLINE_NEAR
                | LetterKind.DEADLINE_OVER
                | LetterKind.NOT_SCHEDULED
                | LetterKind.INVITATION
                | LetterKind.ALERT
            ):
                read = Notices(self.session, self.public_url, self.now)
            case _:
                assert_never(kind)
        return read

    # -- to readers

    def _confirm(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        if is_joint(letter):
            return JointLetters(self.session, self.keys, self.public_url, self.now)(letter, newsletter)
        row = self._subscriber(letter, newsletter)
        if isinstance(row, Kept):
            return row
        asked_at = datetime.fromisoformat(letter.payload["asked_at"])
        link = links.ConfirmLink(newsletter.id, row.id, asked_at)
        is_pending = row.state is SubscriptionState.PENDING and row.changed_at is not None
        if not is_pending or row.changed_at is None or not links.is_same_moment(row.changed_at, link):
            return dropped("This sign-up was confirmed, denied or made anew meanwhile.")
        if self.now - asked_at >= consent.CONFIRM_WITHIN:
            return dropped("This sign-up has waited too long to be confirmed.")
        token = links.confirm_token(self.keys, link)
        text = letter_words.confirm(
            newsletter,
            asked_at=asked_at,
            confirm_url=links.confirm_url(self.public_url, token),
            deny_url=links.deny_url(self.public_url, token),
        )
        # No name: so far it is only what somebody typed into a form.
        return Ready(text.subject, sender_of(newsletter), "", text)

    def _known(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        if is_joint(letter):
            return JointLetters(self.session, self.keys, self.public_url, self.now)(letter, newsletter)
        row = self._subscriber(letter, newsletter, is_active=True)
        if isinstance(row, Kept):
            return row
        text = letter_words.known(newsletter, preferences_url=self._preferences_url(row.id))
        headers = _one_click(self._unsubscribe_url(newsletter, row.id))
        return Ready(text.subject, sender_of(newsletter), "", text, headers)

    def _welcome(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        if is_joint(letter):
            return JointLetters(self.session, self.keys, self.public_url, self.now)(letter, newsletter)
        row = self._subscriber(letter, newsletter, is_active=True)
        if isinstance(row, Kept):
            return row
        way_out = self._unsubscribe_url(newsletter, row.id)
        text = letter_words.welcome(
            newsletter,
            newest=self._newest_issue(newsletter),
            preferences_url=self._preferences_url(row.id),
            unsubscribe_url=way_out,
        )
        return Ready(text.subject, sender_of(newsletter), letter.name, text, _one_click(way_out))

    def _subscriber(
        self, letter: ClaimedLetter, newsletter: NewsletterSpec, *, is_active: bool = False
    ) -> SubscriberRow | Kept:
        row = audience.subscriber_row(self.session, newsletter.id, letter.payload["subscriber_id"])
        if row is None:
            return dropped(_GONE)
        if row.suppression is not None:
            return dropped(f"suppressed: {row.suppression}")
        if is_active and row.state is not SubscriptionState.ACTIVE:
            return dropped("not subscribed any more")
        return row

    def _newest_issue(self, newsletter: NewsletterSpec) -> LetterLink | None:
        """Returns the way to the newest issue that anybody may see."""
        for issue in archive.issues(self.session, newsletter.id, limit=1):
            url = links.issue_url(self.public_url, newsletter.slug, issue.number)
            return LetterLink(letter_words.read_issue(newsletter, issue.number), url)
        return None

    def _unsubscribe_url(self, newsletter: NewsletterSpec, subscriber_id: int) -> str:
        token = links.unsubscribe_token(self.keys, newsletter.id, subscriber_id)
        return links.unsubscribe_url(self.public_url, token)

    def _preferences_url(self, subscriber_id: int) -> str:
        return links.preferences_url(self.public_url, links.preferences_token(self.keys, subscriber_id))

    def _download(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        found = downloads.request(self.session, letter.payload["request_id"])
        if found is None:
            return dropped("The request was forgotten meanwhile.")
        reason = suppressed.why(self.session, letter.address_key)
        if reason is not None:
            return dropped(f"suppressed: {reason}")
        ends_at = datetime.fromisoformat(letter.payload["ends_at"])
        if self.now >= ends_at:
            return dropped("It waited so long that its link would be over.")
        if ask.standing_of(self.session, found.download) is Standing.WANTED:
            return dropped("What was asked for is not there any more.")
        token = download_links.download_token(self.keys, DownloadLink(found.id, ends_at))
        text = letter_words.download(
            newsletter,
            self._named(found.download),
            asked_at=found.asked_at,
            ends_at=ends_at,
            url=download_links.download_url(self.public_url, token),
        )
        # No name, for the reason of `_confirm`.
        return Ready(text.subject, sender_of(newsletter), "", text)

    def _named(self, download: Download) -> str:
        """Returns what somebody gets, in words that its own letter can carry."""
        if download.kind is DownloadKind.FILE:
            return downloads.file(self.session, download.id).form.title
        return episodes.view(self.session, download.id).title

    def _tip_thanks(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        if (reason := suppressed.why(self.session, letter.address_key)) is not None:
            return dropped(f"suppressed: {reason}")
        issue = issues.issue_row(self.session, letter.payload["issue_id"])
        titles = feeds.item_titles(self.session, letter.payload["item_ids"])
        if not titles:
            return dropped("What was tipped is not there any more.")
        url = links.issue_url(self.public_url, newsletter.slug, issue.number)
        text = letter_words.tip_thanks(newsletter, titles=list(titles.values()), number=issue.number, url=url)
        # No name: the address is what somebody typed into a form.
        return Ready(text.subject, sender_of(newsletter), "", text)

    # -- to sponsors

    def _sponsor(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        booking = promotions.bookings_by_id(self.session, [letter.payload["booking_id"]]).get(
            letter.payload["booking_id"]
        )
        if booking is None:
            return dropped("The slot was freed meanwhile.")
        if self.now >= booking.issue_at:
            return dropped("The issue has left meanwhile, so there is nothing to ask for any more.")
        if booking.address != letter.address:
            return dropped("Another address was given meanwhile.")
        reason = suppressed.why(self.session, letter.address_key)
        if reason is not None:
            return dropped(f"suppressed: {reason}")
        slot = promotions.slot(self.session, booking.slot_id)
        sponsor = promotions.promotion(self.session, booking.promotion_id).sponsor
        url = sponsor_url(self.public_url, sponsor_token(self.keys, booking.id))
        text = letter_words.sponsor_asked(
            newsletter, slot, booking, sponsor=sponsor, url=url, is_late=self.now > booking.deadline_at
        )
        return Ready(text.subject, sender_of(newsletter), letter.name, text)

    # -- to people at the desk

    def _test(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        if accounts.editor(self.session, letter.payload["user_id"]) is None:
            return dropped("Whoever asked for it has no place at the desk any more.")
        revision = revisions.revision(self.session, letter.payload["revision_id"])
        number = issues.issue_row(self.session, revision.issue_id).number
        content = personal.content(revision, revisions.links(self.session, revision.id))
        nobodys = personal.nobodys_links(
            content,
            newsletter_url=links.newsletter_url(self.public_url, newsletter.slug),
            issue_url=links.issue_url(self.public_url, newsletter.slug, number),
        )
        html = personal.html_of(content, nobodys, letter.address)
        text = personal.text_of(content, nobodys, letter.address)
        headers = (("X-Curator-Revision", str(revision.number)),)
        subject = letter_words.marked_as_test(revision.subject, revision=revision.number)
        return Ready(subject, sender_of(newsletter), letter.name, Rendered(html, text), headers)

    def _invitation(self, letter: ClaimedLetter) -> Ready | Kept:
        user = accounts.editor(self.session, letter.payload["user_id"])
        token = admit.invitation_token(self.session, self.keys, letter.payload["nonce"], now=self.now)
        if user is None or token is None:
            return dropped("The invitation was used, replaced by a newer one, or is too old.")
        first = min(newsletters.newsletters(self.session), key=lambda each: each.id, default=None)
        text = letter_words.invitation(
            desk="Curator" if first is None else first.name,
            name=user.name,
            by_name=letter.payload["by_name"],
            sign_in_url=f"{self.public_url}/desk/enter?t={token}",
            valid_hours=admit.INVITATION_VALID_FOR // timedelta(hours=1),
        )
        sender = self._person(letter.payload["by"] or user.id) if first is None else sender_of(first)
        return Ready(text.subject, sender, user.name, text)

    def _alert(self, letter: ClaimedLetter) -> Ready | Kept:
        sender = newsletters.newsletter(self.session, letter.newsletter_id or 0)
        told = letter.payload
        at = letter_words.moment(datetime.fromisoformat(told["opened_at"]), sender.cadence.zone)
        text = letter_words.alert(
            desk=sender.name, what=told["what"], todo=told["todo"], url=told["url"], at=at, is_over=told["is_over"]
        )
        return Ready(text.subject, sender_of(sender), "", text)

    def _person(self, user_id: int) -> Sender:
        """Before the first newsletter there is no other sender than the person who invites."""
        found = accounts.user(self.session, user_id)
        assert found is not None
        return Sender(found.name, found.address)


def _one_click(url: str) -> tuple[Header, ...]:
    # As in an issue: never folded nor encoded (RFC 8058).
    return (("List-Unsubscribe", f"<{url}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
