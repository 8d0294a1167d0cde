"""What the notices to people at the desk say about an issue on its way. Pure."""

from datetime import datetime

from curator.issues.values import IssueRow
from curator.letters.values import LetterLink, LetterText
from curator.mailings.letter_words import moment
from curator.newsletters.values import NewsletterSpec, WhenUnapproved


def draft_ready(newsletter: NewsletterSpec, issue: IssueRow, *, words: str, url: str, choose_url: str) -> LetterText:
    """Returns the words that tell of a fresh draft; `words` is what is odd about it, if anything."""
    return _notice(
        newsletter,
        f"Issue {issue.number} is drafted",
        (f"Its picks are on the board{_due(newsletter, issue)}.", *((words,) if words else ())),
        button=LetterLink(f"Open issue {issue.number}", url),
        choose_url=choose_url,
    )


def review_asked(newsletter: NewsletterSpec, issue: IssueRow, *, by_name: str, url: str, choose_url: str) -> LetterText:
    """Returns the words that ask for a review."""
    who = by_name or "Somebody at the desk"
    return _notice(
        newsletter,
        f"{who} asks you to review issue {issue.number}",
        (f"“{issue.subject or 'No subject yet'}”{_due(newsletter, issue)}.", "Approve it, or hand it back with words."),
        button=LetterLink(f"Review issue {issue.number}", url),
        choose_url=choose_url,
    )


def given_back(
    newsletter: NewsletterSpec, issue: IssueRow, *, by_name: str, words: str, url: str, choose_url: str
) -> LetterText:
    """Returns the words that hand an issue back to whoever asked for its review."""
    return _notice(
        newsletter,
        f"{by_name or 'Somebody'} handed issue {issue.number} back",
        (words, "It is a draft again. Ask for another review when it is done."),
        button=LetterLink(f"Open issue {issue.number}", url),
        choose_url=choose_url,
    )


def deadline_near(
    newsletter: NewsletterSpec, issue: IssueRow, *, deadline: datetime, url: str, choose_url: str
) -> LetterText:
    """Returns the words that warn of a deadline."""
    by_then = moment(deadline, newsletter.cadence.zone)
    if newsletter.when_unapproved is WhenUnapproved.SEND:
        then = "If nobody has by then, it is sent by itself where all checks pass, and held otherwise."
    else:
        then = "If nobody has by then, it is held and nothing leaves."
    return _notice(
        newsletter,
        f"Issue {issue.number} is not approved yet",
        (f"It has to be approved by {by_then}{_due(newsletter, issue)}.", then),
        button=LetterLink(f"Look at issue {issue.number}", url),
        choose_url=choose_url,
    )


def deadline_over(newsletter: NewsletterSpec, issue: IssueRow, *, words: str, url: str, choose_url: str) -> LetterText:
    """Returns the words that tell what became of an issue that nobody approved in time."""
    return _notice(
        newsletter,
        f"The deadline of issue {issue.number} is over",
        (words,),
        button=LetterLink(f"See issue {issue.number}", url),
        choose_url=choose_url,
    )


def not_scheduled(newsletter: NewsletterSpec, issue: IssueRow, *, url: str, choose_url: str) -> LetterText:
    """Returns the words that tell of an issue that is approved and that nobody has scheduled."""
    return _notice(
        newsletter,
        f"Issue {issue.number} is approved, but not scheduled",
        (
            f"“{issue.subject or 'No subject yet'}”{_due(newsletter, issue)}.",
            "Nothing leaves until somebody says when: schedule it, or send it now.",
        ),
        button=LetterLink(f"Say when issue {issue.number} is sent", url),
        choose_url=choose_url,
    )


def _due(newsletter: NewsletterSpec, issue: IssueRow) -> str:
    return "" if issue.due_at is None else f"; it is due on {moment(issue.due_at, newsletter.cadence.zone)}"


def _notice(
    newsletter: NewsletterSpec, title: str, paragraphs: tuple[str, ...], *, button: LetterLink, choose_url: str
) -> LetterText:
    return LetterText(
        subject=f"{title} ({newsletter.name})",
        masthead=newsletter.name,
        title=title,
        paragraphs=paragraphs,
        button=button,
        links=(LetterLink("Choose which notices you get", choose_url),),
        footer=(f"You get this because you have a place at the desk of {newsletter.name}.",),
    )
