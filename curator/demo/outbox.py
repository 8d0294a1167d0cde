"""The outbox: pages that show every mail the demo's sink has kept. The only Flask file of the demo."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.demo.heads import Heads, MailKind, Wanted
from curator.demo.mail import shown_mail
from curator.demo.maildir import Maildir, page_of
from curator.demo.pictures import with_pictures, without_pictures
from curator.demo.reading import Reading
from curator.demo.visitor import Visitor
from curator.errors import CuratorError, NotFoundError
from curator.mailings import store as mailings
from curator.web import headers, here
from curator.web.desk.preview import framed

VIEWS = ("html", "text", "headers", "source", "links")
WIDTHS = ("600", "375")
SCHEMES = ("light", "dark")
IMAGES = ("on", "off")
PAGE_SIZE = 50


def blueprint(folder: Path) -> Blueprint:
    """Returns the outbox over the Maildir at `folder`. It asks for no sign-in: the demo answers this machine alone."""
    maildir, heads = Maildir(folder), Heads(Maildir(folder))
    pages = Blueprint("outbox", __name__, url_prefix="/outbox")
    pages.add_url_rule("", "mails", _mails(folder, heads))
    pages.add_url_rule("/read", "read", _read(folder, heads), methods=["POST"])
    pages.add_url_rule("/<mail_key>", "mail", _mail(maildir))
    pages.add_url_rule("/<mail_key>/html", "html", _html(maildir))
    pages.add_url_rule("/<mail_key>/source", "source", _source(maildir))
    return pages


def _mails(folder: Path, heads: Heads) -> Callable[[], str]:
    def mails() -> str:
        """Lists the mails that are looked for, newest first; only a page's heads are read."""
        wanted = _wanted()
        page = page_of(heads.found(wanted), request.args.get("page", 1, type=int), size=PAGE_SIZE)
        rows = [(key, heads.of(key)) for key in page.keys]
        reading = _reading(folder, heads)
        return render_template(
            "demo/outbox.html",
            page=page,
            rows=rows,
            wanted=wanted,
            kinds=list(MailKind),
            told=reading.told(),
            newest=reading.newest(),
            results_url=_results_url(reading.told().mailing_id),
        )

    return mails


def _read(folder: Path, heads: Heads) -> Callable[[], Response]:
    def read() -> Response:
        """Has the readers read the newest issue; pressed twice, it happens once."""
        _reading(folder, heads).begin()
        return here.go(url_for("outbox.mails"))

    return read


def _reading(folder: Path, heads: Heads) -> Reading:
    return Reading(folder, public_url=here.app().settings.public_url, heads=heads)


def _results_url(mailing_id: int) -> str | None:
    """Returns where the desk shows what was read in a mailing."""
    if not mailing_id:
        return None
    try:
        with here.db().read() as session:
            return url_for("desk.results", issue_id=mailings.mailing(session, mailing_id).issue_id)
    except NotFoundError:
        return None


def _mail(maildir: Maildir) -> Callable[[str], str]:
    def mail(mail_key: str) -> str:
        """Shows one mail in one of its views, and the reader's own pages beside it."""
        content = _kept(maildir, mail_key)
        return render_template(
            "demo/mail.html",
            key=mail_key,
            mail=shown_mail(content),
            source=content.decode("utf-8", "replace"),
            view=_one_of("view", VIEWS),
            width=_one_of("width", WIDTHS),
            scheme=_one_of("scheme", SCHEMES),
            images=_one_of("images", IMAGES),
        )

    return mail


def _html(maildir: Maildir) -> Callable[[str], Response]:
    def html(mail_key: str) -> Response:
        """Returns a mail's HTML for the frame, under a policy of its own."""
        mail = shown_mail(_kept(maildir, mail_key))
        is_bare = _one_of("images", IMAGES) == "off"
        shown = without_pictures(mail.html) if is_bare else with_pictures(mail.html, _picture)
        response = make_response(framed(shown, scheme=_one_of("scheme", SCHEMES)))
        response.headers["Content-Security-Policy"] = headers.PREVIEW_POLICY
        response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
        return response

    return html


def _source(maildir: Maildir) -> Callable[[str], Response]:
    def source(mail_key: str) -> Response:
        """Returns the mail as it came, as text."""
        response = make_response(_kept(maildir, mail_key))
        response.headers["Content-Type"] = "text/plain; charset=utf-8"
        return response

    return source


@lru_cache(maxsize=64)
def _picture(url: str) -> bytes | None:
    """Asks the demo's own feed server for a picture; the browser that looks at the mail asks nobody."""
    try:
        with Visitor(timeout_s=2.0) as visitor:
            reply = visitor.get(url)
    except CuratorError:
        return None
    return reply.body if reply.status == 200 else None


def _kept(maildir: Maildir, mail_key: str) -> bytes:
    content = maildir.read(mail_key)
    if content is None:
        abort(404)
    return content


def _wanted() -> Wanted:
    kinds = {kind.value: kind for kind in MailKind}
    words = request.args.get("q", "").replace("\0", "").strip()[:200]
    return Wanted(words, kinds.get(request.args.get("kind", "")))


def _one_of(name: str, choices: tuple[str, ...]) -> str:
    wanted = request.args.get(name, choices[0])
    return wanted if wanted in choices else choices[0]
