"""A newcomer's way in, over real HTTP and real SMTP: the form, the letter, and the button that it leads to."""

from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

from curator.addresses import checked_address
from curator.app import App
from curator.audience import store as audience
from curator.audience.links import newsletter_url
from curator.audience.values import SubscriptionState
from curator.demo.heads import Heads, MailKind, Wanted
from curator.demo.mail import CONFIRM, shown_mail
from curator.demo.maildir import Maildir
from curator.demo.summary import Summary
from curator.demo.visitor import Visitor
from curator.mailings import post
from curator.newsletters.values import NewsletterSpec

_NAME = "Nomvula Reyes"
_ADDRESS = "nomvula.reyes@example.test"
# What is sent within a second, a program has filled in.
_TYPING_S = 1.2


@dataclass
class Newcomer:
    """Somebody who comes by the public page; each step is checked."""

    app: App
    outbox: Path
    summary: Summary

    def __call__(self, newsletter: NewsletterSpec) -> None:
        """Signs up, gets the letter, looks at its page (which changes nothing) and presses the button."""
        with Visitor() as visitor:
            self._sign_up(visitor, newsletter)
            self._post_letters()
            url = self._letters_link()
            if not url:
                return
            visitor.get(url)
            is_pending = self._state(newsletter) is SubscriptionState.PENDING
            self.summary.check(is_pending, "a look at the link in a letter confirms nothing")
            visitor.post(url, {})
            self.summary.signed_up = self._state(newsletter) is SubscriptionState.ACTIVE
            self.summary.check(self.summary.signed_up, "the button behind the letter's link subscribes")
        self._post_letters()

    def _sign_up(self, visitor: Visitor, newsletter: NewsletterSpec) -> None:
        """Fills in the form as it stands on the page, the sentence that it promises included."""
        page = newsletter_url(self.app.settings.public_url, newsletter.slug)
        form = _form(visitor.get(page).text)
        self.app.rest(_TYPING_S)
        typed = {"address": _ADDRESS, "name": _NAME}
        reply = visitor.post(urljoin(page, form.action), form.fields | typed)
        self.summary.check(reply.is_redirect, "the sign-up form is taken")

    def _post_letters(self) -> None:
        app = self.app
        assert app.transport is not None, "the demo's settings always name its sink"
        report = post.post(
            app.db,
            app.transport,
            keys=app.keys,
            public_url=app.settings.public_url,
            renderer=app.renderer,
            clock=app.clock,
            until=lambda: False,
        )
        self.summary.letters += report.sent
        self.summary.check(not report.trouble, f"the letters leave ({report.trouble})")

    def _letters_link(self) -> str:
        maildir = Maildir(self.outbox)
        letters = Heads(maildir).found(Wanted(_ADDRESS, MailKind.LETTER))
        self.summary.check(len(letters) == 1, "one confirmation letter came")
        doors = shown_mail(maildir.read(letters[0]) or b"").doors if letters else ()
        url = next((door.url for door in doors if door.words == CONFIRM), "")
        self.summary.check(bool(url), "the letter leads to the page that confirms")
        return url

    def _state(self, newsletter: NewsletterSpec) -> SubscriptionState | None:
        with self.app.db.read() as session:
            known = audience.subscriber_id(session, checked_address(_ADDRESS).key)
            row = None if known is None else audience.subscriber_row(session, newsletter.id, known)
        return None if row is None else row.state


class _Form(HTMLParser):
    """The first form of a page that sends something: where it goes and what it holds already."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post" and not self.action:
            self.action, self._is_inside = given.get("action", ""), True
        elif tag == "input" and self._is_inside and "name" in given:
            self.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "form"


def _form(page: str) -> _Form:
    form = _Form()
    form.feed(page)
    form.close()
    return form
