"""What a notice to somebody at the desk says when it is to leave, or why there is no reason left to send it."""

from dataclasses import dataclass
from datetime import datetime

from curator.accounts import store as accounts
from curator.db import Session
from curator.issues import deadlines
from curator.issues import store as issues
from curator.issues.notices import store as notices
from curator.issues.notices.values import BY_KIND
from curator.issues.values import IssueRow, IssueState
from curator.letters.values import ClaimedLetter, LetterKind, LetterText
from curator.mailings import notice_words
from curator.mailings.ready import Kept, Ready, dropped, sender_of
from curator.newsletters.values import NewsletterSpec


@dataclass(frozen=True)
class Notices:
    """What it takes to read what a notice is about."""

    session: Session
    public_url: str
    now: datetime

    def __call__(self, letter: ClaimedLetter, newsletter: NewsletterSpec) -> Ready | Kept:
        """Returns the notice as it leaves now; dropped where what it asks for was done meanwhile."""
        able = accounts.able(self.session, BY_KIND[letter.kind].right, newsletter.id, at=self.now)
        person = next((each for each in able if each.id == letter.payload["user_id"]), None)
        if person is None:
            return dropped("Whoever was to get it could do nothing about it any more.")
        if letter.kind in notices.switched_off(self.session, person.id):
            return dropped("Notices of this kind were switched off meanwhile.")
        issue = issues.issue_row(self.session, letter.payload["issue_id"])
        text = self._words(letter, newsletter, issue)
        if text is None:
            return dropped("What it asks for was done meanwhile.")
        return Ready(text.subject, sender_of(newsletter), letter.name, text)

    def _words(self, letter: ClaimedLetter, newsletter: NewsletterSpec, issue: IssueRow) -> LetterText | None:
        words, by_name = letter.payload.get("words", ""), letter.payload.get("by_name", "")
        board, send = f"{self.public_url}/desk/issues/{issue.id}", f"{self.public_url}/desk/issues/{issue.id}/send"
        choose = f"{self.public_url}/desk/notices"
        if letter.kind is LetterKind.DRAFT_READY and issue.state.is_open:
            return notice_words.draft_ready(newsletter, issue, words=words, url=board, choose_url=choose)
        if letter.kind is LetterKind.REVIEW_ASKED and issue.state is IssueState.REVIEW:
            return notice_words.review_asked(newsletter, issue, by_name=by_name, url=send, choose_url=choose)
        if letter.kind is LetterKind.GIVEN_BACK and issue.state.is_open:
            return notice_words.given_back(
                newsletter, issue, by_name=by_name, words=words, url=board, choose_url=choose
            )
        return self._of_its_moment(letter, newsletter, issue, send=send, choose=choose)

    def _of_its_moment(
        self, letter: ClaimedLetter, newsletter: NewsletterSpec, issue: IssueRow, *, send: str, choose: str
    ) -> LetterText | None:
        deadline = None if issue.deadline_settled_at else deadlines.deadline(issue, newsletter)
        if letter.kind is LetterKind.DEADLINE_NEAR and issue.state.is_open and deadline is not None:
            return notice_words.deadline_near(newsletter, issue, deadline=deadline, url=send, choose_url=choose)
        if letter.kind is LetterKind.NOT_SCHEDULED and issue.state is IssueState.APPROVED:
            return notice_words.not_scheduled(newsletter, issue, url=send, choose_url=choose)
        if letter.kind is LetterKind.DEADLINE_OVER:
            return notice_words.deadline_over(
                newsletter, issue, words=letter.payload.get("words", ""), url=send, choose_url=choose
            )
        return None
