"""The outbox: pages that show every mail the demo's sink has kept. The only Flask file of the demo."""

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from curator.demo.mail import mail_head, shown_mail
from curator.demo.maildir import Maildir
from curator.web import headers
from curator.web.desk.preview import framed

WIDTHS = ("600", "375")
SCHEMES = ("light", "dark")
PAGE_SIZE = 50


def blueprint(folder: Path) -> Blueprint:
    """Returns the outbox over the Maildir at `folder`. It asks for no sign-in: the demo answers this machine alone."""
    maildir = Maildir(folder)
    pages = Blueprint("outbox", __name__, url_prefix="/outbox")
    pages.add_url_rule("", "mails", _mails(maildir))
    pages.add_url_rule("/<mail_key>", "mail", _mail(maildir))
    pages.add_url_rule("/<mail_key>/html", "html", _html(maildir))
    pages.add_url_rule("/<mail_key>/source", "source", _source(maildir))
    return pages


def _mails(maildir: Maildir) -> Callable[[], str]:
    def mails() -> str:
        """Lists the mails, newest first."""
        page = maildir.page(request.args.get("page", 1, type=int), size=PAGE_SIZE)
        rows = [(key, mail_head(maildir.read(key) or b"")) for key in page.keys]
        return render_template("demo/outbox.html", page=page, rows=rows)

    return mails


def _mail(maildir: Maildir) -> Callable[[str], str]:
    def mail(mail_key: str) -> str:
        """Shows one mail: HTML, text, headers, links and the reader's own way out."""
        return render_template(
            "demo/mail.html",
            key=mail_key,
            mail=shown_mail(_kept(maildir, mail_key)),
            width=_one_of("width", WIDTHS),
            scheme=_one_of("scheme", SCHEMES),
        )

    return mail


def _html(maildir: Maildir) -> Callable[[str], Response]:
    def html(mail_key: str) -> Response:
        """Returns a mail's HTML for the frame, under a policy of its own."""
        mail = shown_mail(_kept(maildir, mail_key))
        response = make_response(framed(mail.html, scheme=_one_of("scheme", SCHEMES)))
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


def _kept(maildir: Maildir, mail_key: str) -> bytes:
    content = maildir.read(mail_key)
    if content is None:
        abort(404)
    return content


def _one_of(name: str, choices: tuple[str, ...]) -> str:
    wanted = request.args.get(name, choices[0])
    return wanted if wanted in choices else choices[0]
