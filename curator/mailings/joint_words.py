"""What a letter about several newsletters says, in the language of the one whose sender it bears. Pure.

Nothing that a stranger typed stands in a letter to somebody who has not confirmed.
"""

from collections.abc import Sequence
from datetime import datetime

from curator.audience.consent import CONFIRM_WITHIN
from curator.languages import Speech, speech
from curator.letters.values import LetterLink, LetterText
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec


def confirm(
    wanted: Sequence[NewsletterSpec],
    known: Sequence[NewsletterSpec],
    *,
    asked_at: datetime,
    confirm_url: str,
    deny_url: str,
) -> LetterText:
    """Returns the words that ask whether sign-ups were meant; `known` are those that are sent to them already."""
    say = speech(wanted[0].language).gettext
    names = listed(wanted)
    asked = speech(wanted[0].language).moment(asked_at, wanted[0].cadence.zone)
    has = (say("%(names)s comes to you already.", names=listed(known)),) if known else ()
    return LetterText(
        subject=say("Confirm: %(names)s", names=names),
        masthead=wanted[0].name,
        title=say("Do you want %(names)s?", names=names),
        paragraphs=(
            say("Somebody, most likely you, asked for it at this address on %(moment)s.", moment=asked),
            *_rhythms(wanted, say=speech(wanted[0].language)),
            *has,
            speech(wanted[0].language).counted(
                "The button works for %(num)s day. You get nothing unless you confirm.",
                "The button works for %(num)s days. You get nothing unless you confirm.",
                CONFIRM_WITHIN.days,
            ),
        ),
        button=LetterLink(say("Yes, send me %(names)s", names=names), confirm_url),
        links=(LetterLink(say("I never signed up"), deny_url),),
        footer=_from(wanted[0]),
        language=speech(wanted[0].language).lang,
    )


def known(had: Sequence[NewsletterSpec], *, preferences_url: str) -> LetterText:
    """Returns the words for somebody who asked for what they get already."""
    say, names = speech(had[0].language).gettext, listed(had)
    return LetterText(
        subject=say("You get %(names)s already", names=names),
        masthead=had[0].name,
        title=say("You get %(names)s already", names=names),
        paragraphs=(
            say("Somebody, most likely you, asked for it at this address."),
            *_rhythms(had, say=speech(had[0].language)),
            say("Nothing has changed. If it does not arrive, look among your spam, or see what you get here."),
        ),
        button=LetterLink(say("See what I get"), preferences_url),
        footer=_from(had[0]),
        language=speech(had[0].language).lang,
    )


def welcome(sent: Sequence[NewsletterSpec], *, preferences_url: str, unsubscribe_urls: Sequence[str]) -> LetterText:
    """Returns the first words to a reader of several newsletters; the ways out are in their order."""
    say, names = speech(sent[0].language).gettext, listed(sent)
    return LetterText(
        subject=say("Welcome to %(names)s", names=names),
        masthead=sent[0].name,
        title=say("Welcome to %(names)s", names=names),
        paragraphs=_rhythms(sent, say=speech(sent[0].language)),
        button=LetterLink(say("See what I get"), preferences_url),
        links=tuple(
            LetterLink(say("Unsubscribe from %(name)s", name=spec.name), url)
            for spec, url in zip(sent, unsubscribe_urls, strict=True)
        ),
        footer=_from(sent[0]),
        language=speech(sent[0].language).lang,
    )


def listed(newsletters: Sequence[NewsletterSpec]) -> str:
    """Returns "A", "A and B" or "A, B and C", in the language of the first."""
    return speech(newsletters[0].language).joined([spec.name for spec in newsletters])


def _rhythms(newsletters: Sequence[NewsletterSpec], *, say: Speech) -> tuple[str, ...]:
    return tuple(
        say.gettext("%(name)s comes %(rhythm)s.", name=spec.name, rhythm=describe(spec.cadence, say))
        for spec in newsletters
    )


def _from(newsletter: NewsletterSpec) -> tuple[str, ...]:
    say = speech(newsletter.language).gettext
    told = say("%(name)s is published by %(sender)s.", name=newsletter.name, sender=newsletter.sender_name)
    return tuple(line for line in (told, newsletter.postal_address) if line)
