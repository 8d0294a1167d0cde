"""The form by which readers ask for a transcript or a file: what it shows, and how it is taken.

Every page with the form takes it here: an episode's, a file's, and those in frames on other sites.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil

from flask import Response, make_response, request

from curator.accounts.values import TooManyAttempts
from curator.addresses import checked_address
from curator.audience import sign_up as newsletter_arrow
from curator.audience.values import Wanted
from curator.db import Session
from curator.downloads import ask as arrow
from curator.downloads.ask import Asker
from curator.downloads.values import Agreed, Download, DownloadKind, Standing
from curator.errors import InvalidError
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import Form
from curator.web.public import haste, promise, slowing
from curator.web.public.taking import slow_down, thrown_away_at

# Boxes beside a form that is about something else: more would bury it.
_MOST_PAPERS = 5
_FIELDS = ("address", "name", "website", "words", "place")
# Ten times what an address or a name has; whatever else was sent is not kept.
_MOST_TYPED = 2_000


@dataclass(frozen=True)
class Asking:
    """What a page's form is about. `action` takes it, `sender` is whose letter the answer is.

    `papers` are offered beside it, each with the sentence at its box. `asked` counts who want what is not there yet.
    """

    download: Download
    title: str
    standing: Standing
    action: str
    words: str
    sender: NewsletterSpec
    papers: tuple[tuple[NewsletterSpec, str], ...] = ()
    asked: int = 0
    is_in_work: bool = False
    form: Form = field(default_factory=Form)

    @property
    def is_transcript(self) -> bool:
        """Whether it is about a transcript."""
        return self.download.kind is DownloadKind.TRANSCRIPT


def sender_of(session: Session, newsletter_id: int | None = None) -> NewsletterSpec | None:
    """Returns whose letters bring downloads: the file's own newsletter, else the first that is live, else the first."""
    if newsletter_id is not None:
        return newsletters.newsletter(session, newsletter_id)
    papers = sorted(newsletters.newsletters(session), key=lambda each: (each.is_test_mode, each.id))
    return papers[0] if papers else None


def offered_beside(session: Session, newsletter_id: int | None = None) -> tuple[tuple[NewsletterSpec, str], ...]:
    """Returns the newsletters that may be asked for beside a download, with the sentence of each."""
    papers = newsletters.newsletters(session)[:_MOST_PAPERS]
    own = [each for each in papers if newsletter_id in (None, each.id)]
    return tuple((each, promise.sign_up(each)) for each in own)


def words_for(standing: Standing) -> str:
    """Returns what stands at the form's button, and what the record of a request keeps."""
    days = here.app().settings.keep_requests_days
    if standing is Standing.WANTED:
        return here.say(
            "We write to this address once, when it is here, and use it for nothing else. After %(days)s days we "
            "forget it.",
            days=days,
        )
    return here.say(
        "We send a link to this address and use it for nothing else. After %(days)s days we forget it.", days=days
    )


def taken(asking: Asking, *, place: str, done: str, page: Callable[[Asking], str]) -> Response:
    """Takes the form: the same answer for every address, and the form again with what was wrong.

    `done` is where whoever asked comes to, `page` shows the form again. What was typed is kept.
    """
    form = Form({name: request.form.get(name, "")[:_MOST_TYPED] for name in _FIELDS})
    ticked = _ticked(asking, form)
    again = replace(asking, form=form)
    if form.value("website"):
        # People do not see this field; programs that fill every field do, and learn nothing.
        return _answer(done)
    if form.value("words") not in ("", asking.words):
        form.refuse("form", _changed())
    elif haste.is_hasty():
        form.refuse("form", here.say("Is all of it right? Then press the button once more."))
    if not form.is_good:
        return make_response(page(again), 422)
    try:
        _take(asking, form, ticked, place=place)
    except InvalidError as error:
        form.take(error)
        return make_response(page(again), 422)
    except TooManyAttempts as error:
        wait = error.retry_in or timedelta(hours=1)
        told = here.say("Too many forms came from your network.")
        form.refuse("form", f"{told} {slowing.later(wait)}")
        return make_response(page(again), 429, {"Retry-After": str(ceil(wait.total_seconds()))})
    return _answer(done)


def _take(asking: Asking, form: Form, ticked: list[tuple[NewsletterSpec, str]], *, place: str) -> None:
    """Counts only what is an address: whoever mistypes theirs has not used up a try."""
    address = form.value("address").strip()
    if not address and asking.standing is Standing.WANTED and not ticked:
        slow_down(asking.sender.id)
        arrow.wish(here.db(), asking.download)
        return
    checked_address(address)
    slow_down(asking.sender.id)
    asker = Asker(address, form.value("name"), Agreed(place, asking.words), asking.sender.id)
    arrow.ask(here.db(), asking.download, asker, valid_for=here.app().links_last, now=here.now())
    signed_up = [_is_signed_up(Wanted(paper.id, words), form, place=place) for paper, words in ticked]
    if any(signed_up):
        arrow.note_sign_up(here.db(), asking.download)


def _is_signed_up(wanted: Wanted, form: Form, *, place: str) -> bool:
    """Asks for a newsletter by a letter of its own, as any sign-up does; False where it does not take this address.

    What was asked for here depends on nothing else: the download comes all the same.
    """
    try:
        newsletter_arrow.sign_up_for(
            here.db(),
            [wanted],
            form.value("address").strip(),
            name=form.value("name"),
            place=place,
            now=here.now(),
            disposable=thrown_away_at(),
        )
    except InvalidError:
        return False
    return True


def _ticked(asking: Asking, form: Form) -> list[tuple[NewsletterSpec, str]]:
    """Returns the newsletters whose box was ticked under these words; the form keeps the ticks."""
    named = set(request.form.getlist("newsletter"))
    for paper, words in asking.papers:
        if paper.slug in named:
            form.values[f"newsletter-{paper.slug}"] = "yes"
            if request.form.get(f"words-{paper.slug}", words) != words:
                form.refuse("form", _changed())
    return [(paper, words) for paper, words in asking.papers if paper.slug in named]


def _changed() -> str:
    return here.say("What you agree to was changed while this page was open. Read it again.")


def _answer(done: str) -> Response:
    """Sends a reload to a page and not to the form again."""
    response = make_response("", 303)
    response.headers["Location"] = done
    return response
