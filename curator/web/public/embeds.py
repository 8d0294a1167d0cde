"""What may stand in a frame on another site: who may frame it, what it may do there, and which page it stands on.

Any page that a show's own site frames is answered by `framed` and extends "public/_frame.html". It reads no cookie,
sets none and runs no script, so there is no authority that a hostile page could borrow by framing it: whoever types
somebody's address into a framed form makes that mailbox be asked, as anybody can anyway. Therefore any site may frame
by default; a newsletter that wants to be seen on its own sites only names them (`SignUpRules.frame_origins`).
"""

import re
from urllib.parse import SplitResult, urlsplit

from flask import Response, make_response, request

from curator.audience.joining import store as joining
from curator.audience.values import SignUpRules
from curator.errors import InvalidError
from curator.web import here

# No script-src and no connect-src: nothing in a frame needs either.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {ancestors}"
)
_LONGEST_PLACE = 200
_MOST_ORIGINS = 20
# A host with a port, in ASCII and without a name and password before it: what a policy can hold.
_PLAIN = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


def rules_of(newsletter_id: int) -> SignUpRules:
    """Returns a newsletter's rules for sign-ups and frames."""
    with here.db().read() as session:
        return joining.rules(session, newsletter_id)


def framed(page: str, newsletter_id: int, *, own_address: str, status: int = 200) -> Response:
    """Answers with a page that a newsletter's own sites may frame; `own_address` is where it lies outside of frames.

    Search engines are sent to the show's own page where the newsletter names one. No cache keeps the answer, for it
    may say on which page it stands.
    """
    rules = rules_of(newsletter_id)
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = _POLICY.format(ancestors=ancestors(rules))
    response.headers["Link"] = f'<{rules.own_page or own_address}>; rel="canonical"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    return response


def ancestors(rules: SignUpRules) -> str:
    """Returns who may frame, as `frame-ancestors` has it: this site always, for the desk shows what it looks like."""
    return " ".join(("'self'", *rules.frame_origins)) if rules.frame_origins else "*"


def framing_page() -> str:
    """Returns the page of another site that this request comes from, "" when it is our own or none is named.

    In a frame's first answer it is the page around it; a form in that answer hands it on in its field `place`.
    """
    return _elsewhere(request.referrer or "") or _elsewhere(request.headers.get("Origin", ""))


def place(ours: str) -> str:
    """Returns on which page a form was filled in: the other site's, as far as it is told, else `ours`.

    What the form says of it counts where the browser does not contradict: both are a stranger's words, and a record
    that names the right site is what they are good for.
    """
    told, seen = _elsewhere(request.form.get("place", "")), framing_page()
    if told and (not seen or urlsplit(seen).netloc == urlsplit(told).netloc):
        return told
    return seen or ours


def checked_origins(text: str) -> tuple[str, ...]:
    """Returns origins out of what was typed, one a line or parted by blanks; raises InvalidError("frame_origins")."""
    found = dict.fromkeys(_checked_origin(each) for each in text.split())
    if len(found) > _MOST_ORIGINS:
        raise InvalidError("frame_origins", f"These are {len(found)} sites; at most {_MOST_ORIGINS} fit.")
    return tuple(found)


def _checked_origin(text: str) -> str:
    parts = _split(text)
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment:
        raise InvalidError("frame_origins", f"{text[:100]!r} is no site such as https://show.example.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def checked_page(text: str) -> str:
    """Returns the address of a page of another site, "" for none; raises InvalidError("own_page")."""
    if text and (_split(text) is None or not text.isascii() or set(text) & set("<>\"' ;,")):
        raise InvalidError("own_page", "This is no address such as https://show.example/newsletter.")
    return text


def _elsewhere(url: str) -> str:
    """Returns a page of another site without what a query may tell of its visitor; "" for anything else."""
    parts = _split(url)
    if parts is None or parts.netloc.lower() in (request.host, urlsplit(here.app().settings.public_url).netloc):
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:_LONGEST_PLACE]


def _split(url: str) -> SplitResult | None:
    """Returns the parts of a web address that a header may carry; None for what is none."""
    try:
        parts = urlsplit(url.strip())
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    is_plain = _PLAIN.fullmatch(parts.netloc) is not None and parts.path.isprintable()
    return parts if is_web and is_plain and " " not in parts.path else None
