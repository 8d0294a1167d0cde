"""A newsletter's mail set-up: its DNS records as they were found, and whether the bounce of a probe comes back."""

from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError, StateError
from curator.findings import Level
from curator.mailings.proof import probing, store
from curator.mailings.proof.probing import REFUSED_AT_ONCE
from curator.mailings.proof.values import LONGEST_WAIT, ProbeRow
from curator.newsletters.values import NewsletterSpec, domain_of
from curator.queue import store as queue
from curator.web import here, words
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form

_GRAVEST_FIRST = (Level.WRONG, Level.LOOK, Level.OK)


@dataclass(frozen=True)
class ShownProbe:
    """A probe as the page shows it: how it stands in one line, and the words of whoever refused it."""

    row: ProbeRow
    look: str
    title: str
    is_late: bool = False


@blueprint.get("/newsletter/mail")
@needs(Right.MANAGE)
def mail() -> str:
    """Shows what was found in the DNS, and what became of the last probe."""
    newsletter = chosen(newsletters())
    if newsletter is None:
        return render_template("desk/none.html", title="Mail set-up")
    return _page(newsletter, Form({"address": _made_up(newsletter)}))


@blueprint.post("/newsletter/mail/check")
@needs(Right.MANAGE)
def check_dns() -> Response:
    """Queues a look at the DNS: no page waits for the network."""
    newsletter = required()
    with here.db().write() as session:
        payload = {"newsletter_id": newsletter.id}
        queue.enqueue(session, "check_dns", payload, now=here.now(), key=_check_key(newsletter))
    return here.go(url_for("desk.mail", newsletter=newsletter.id))


@blueprint.post("/newsletter/mail/probe")
@needs(Right.MANAGE)
def send_probe() -> Response | tuple[str, int]:
    """Queues a probe."""
    newsletter, form = required(), Form(request.form)
    to_page = url_for("desk.mail", newsletter=newsletter.id)
    if _missing(newsletter):
        flash("A probe needs a way back first; the page says what to set.", "error")
        return here.go(to_page)
    try:
        probing.ask(here.db(), newsletter.id, form.value("address"), now=here.now(), by=here.editor_id())
    except InvalidError as error:
        form.take(error)
        return _page(newsletter, form), 422
    except StateError as error:
        flash(str(error), "error")
    return here.go(to_page, anchor="back")


def _page(newsletter: NewsletterSpec, form: Form) -> str:
    with here.db().read() as session:
        found = store.findings(session, newsletter.id)
        probe = store.newest_probe(session, newsletter.id)
        is_looking = queue.is_unfinished(session, _check_key(newsletter))
    findings = sorted(found.findings, key=lambda each: _GRAVEST_FIRST.index(each.level)) if found else []
    shown = None if probe is None else _shown(probe)
    return render_template(
        "desk/mail.html",
        all_newsletters=newsletters(),
        newsletter=newsletter,
        domain=domain_of(newsletter.sender_address),
        checked_at=found.at if found else None,
        findings=findings,
        wrong=sum(each.level is not Level.OK for each in findings),
        is_looking=is_looking,
        probe=shown,
        bounce_address=here.app().settings.bounce_address,
        missing=_missing(newsletter),
        form=form,
        is_moving=is_looking or (probe is not None and _is_moving(probe)),
        address=url_for("desk.mail", newsletter=newsletter.id),
    )


def _check_key(newsletter: NewsletterSpec) -> str:
    return f"dns:{newsletter.id}"


def _made_up(newsletter: NewsletterSpec) -> str:
    """Returns an address at the newsletter's own domain that nobody has."""
    return f"nobody-{here.app().random.getrandbits(40):010x}@{domain_of(newsletter.sender_address)}"


def _missing(newsletter: NewsletterSpec) -> list[tuple[str, str]]:
    """Returns the settings that a probe needs and that are not there, each with what it is for."""
    settings = here.app().settings
    # A named transport that the settings have no more is told by the probe itself.
    relay = newsletter.transport or settings.smtp_url or here.app().transport
    needed = (
        (relay, "CURATOR_SMTP_URL", "the relay that mail leaves through"),
        (settings.bounce_address, "CURATOR_BOUNCE_ADDRESS", "the address that bounces come back to"),
        (
            settings.bounce_maildir or settings.bounce_mailbox,
            "CURATOR_BOUNCE_MAILDIR",
            "the folder that your mail server delivers them to",
        ),
    )
    return [(name, purpose) for value, name, purpose in needed if not value]


def _is_moving(probe: ProbeRow) -> bool:
    return not probe.words and probe.is_awaited(here.now())


def _shown(probe: ProbeRow) -> ShownProbe:
    if probe.returned_at is not None:
        return ShownProbe(probe, "good", _returned(probe))
    if probe.words:
        return ShownProbe(probe, "warn", "No bounce came back so far.")
    if probe.is_awaited(here.now()):
        return ShownProbe(probe, "live", "Waiting for its bounce.")
    waited = words.span(LONGEST_WAIT)
    return ShownProbe(probe, "bad", f"No bounce came back within {waited}.", is_late=True)


def _returned(probe: ProbeRow) -> str:
    if probe.words.startswith(REFUSED_AT_ONCE):
        return "Your relay refuses this address at once, so no bounce is needed. Try one at another domain, too."
    after = max(0, int((probe.returned_at - probe.sent_at).total_seconds())) if probe.returned_at else 0
    return f"A bounce came back after {words.length(after)}." if after else "A bounce came back within a second."
