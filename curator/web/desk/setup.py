"""The first-send checklist: what holds, what is missing and where it is mended, and the button that goes live."""

from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.audience import store as audience
from curator.checklist import live, store
from curator.checklist.values import Checklist, Step
from curator.db import Session
from curator.errors import StateError
from curator.feeds.health import store as feeds
from curator.feeds.health.values import Show
from curator.issues import store as issues
from curator.mailings import dns
from curator.newsletters import edit
from curator.newsletters.values import NewsletterSpec
from curator.web import here, words
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs


@dataclass(frozen=True)
class ShownStep:
    """One step as the page shows it: how it stands in words, and where to mend it ("" for nowhere)."""

    step: Step
    title: str
    is_done: bool
    words: str
    url: str = ""
    link: str = ""


@blueprint.get("/setup")
def setup() -> str:
    """Shows how far a newsletter is on its way out of test mode."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="First send")
    with here.db().read() as session:
        found = store.checklist(session, newsletter.id)
        return render_template(
            "desk/setup.html",
            all_newsletters=all_newsletters,
            newsletter=newsletter,
            zone=newsletter.cadence.zone,
            checklist=found,
            steps=_steps(session, newsletter, found),
            records=dns.needed(found.domain),
        )


@blueprint.post("/setup/dns")
@needs(Right.MANAGE)
def note_dns() -> Response:
    """Takes an owner's word that the sender's DNS records are in place, or that they are not."""
    newsletter, is_seen = required(), request.form.get("seen") == "yes"
    edit.note_dns_seen(here.db(), newsletter.id, now=here.now(), by=here.editor_id(), is_seen=is_seen)
    flash("Noted: the records are in place." if is_seen else "Noted: the records are not in place.", "done")
    return here.go(url_for("desk.setup", newsletter=newsletter.id))


@blueprint.post("/setup/live")
@needs(Right.MANAGE)
def go_live() -> Response:
    """Goes live, once everything on the list holds."""
    newsletter = required()
    try:
        freed = live.go_live(here.db(), newsletter.id, now=here.now(), by=here.editor_id())
    except StateError as error:
        flash(str(error), "error")
    else:
        told = f"{newsletter.name} is live. From now on its mail goes to all of its readers."
        if freed:
            one = "1 issue was" if freed == 1 else f"{freed} issues were"
            told += f" {one} scheduled as a test and left its schedule: schedule it again for the readers."
        flash(told, "done")
    return here.go(url_for("desk.setup", newsletter=newsletter.id))


def _steps(session: "Session", newsletter: NewsletterSpec, found: Checklist) -> list[ShownStep]:
    done = found.ticked
    return [
        _sender(newsletter, is_done=done[Step.SENDER]),
        _dns(found, is_done=done[Step.DNS]),
        _feeds(session, is_done=done[Step.FEEDS]),
        _subscribers(session, newsletter, is_done=done[Step.SUBSCRIBERS]),
        _test_mail(session, newsletter, is_done=done[Step.TEST_MAIL]),
    ]


def _sender(newsletter: NewsletterSpec, *, is_done: bool) -> ShownStep:
    sender = f"Mail comes from {newsletter.sender_name} <{newsletter.sender_address}>"
    if is_done:
        return ShownStep(Step.SENDER, "Sender", is_done, f"{sender}, with a postal address at its foot.")
    told = f"{sender}. Its postal address is missing: the law of many countries asks for one at the foot of each mail."
    if not here.may(Right.MANAGE):
        return ShownStep(Step.SENDER, "Sender", is_done, f"{told} An owner fills it in.")
    url = url_for("desk.newsletter", newsletter=newsletter.id, _anchor="postal_address")
    return ShownStep(Step.SENDER, "Sender", is_done, told, url, "Fill it in")


def _dns(found: Checklist, *, is_done: bool) -> ShownStep:
    if is_done and found.dns_seen_at is not None:
        since = words.distance(found.dns_seen_at, here.now())
        told = f"The records of {found.domain} were said to be in place {since}."
    else:
        told = (
            f"Receivers trust mail from {found.domain} only if its DNS records say who sends it. Nobody has said yet "
        )
        told += "that they are in place."
    return ShownStep(Step.DNS, "DNS records", is_done, told)


def _feeds(session: "Session", *, is_done: bool) -> ShownStep:
    number = feeds.counts(session)[Show.ALL]
    if is_done:
        told = f"{words.count(number, 'feed')}, and at least one was read."
    elif number:
        told = f"{words.count(number, 'feed')}, of which none could be read so far; the page of feeds says why."
    else:
        told = "No feed yet: without any, there is nothing to pick from."
    link = "Look at the feeds" if number else "Add feeds"
    return ShownStep(Step.FEEDS, "Feeds", is_done, told, url_for("desk.feeds"), link)


def _subscribers(session: "Session", newsletter: NewsletterSpec, *, is_done: bool) -> ShownStep:
    active = audience.counts(session, newsletter.id).active
    if is_done:
        told = f"{words.count(active, 'subscriber')}, and not from the desk alone."
    elif active:
        told = "Only people at the desk subscribe so far: there is nobody to go live for."
    else:
        told = "Nobody subscribes yet. Add yourself too: in test mode that is how you get each issue."
    url = url_for("desk.subscribers", newsletter=newsletter.id) if here.may(Right.READERS) else ""
    return ShownStep(Step.SUBSCRIBERS, "Subscribers", is_done, told, url, "Look at them" if active else "Add some")


def _test_mail(session: "Session", newsletter: NewsletterSpec, *, is_done: bool) -> ShownStep:
    if is_done:
        return ShownStep(Step.TEST_MAIL, "A test mail to yourself", is_done, "One has left to somebody at the desk.")
    told = "None has left to anybody at the desk yet. It shows what relay and mail programs make of an issue."
    url, link = place_of_test_mail(session, newsletter)
    return ShownStep(Step.TEST_MAIL, "A test mail to yourself", is_done, told, url, link)


def place_of_test_mail(session: "Session", newsletter: NewsletterSpec) -> tuple[str, str]:
    """Returns the page from which a test mail is sent, and what to do there: without an open issue, start one."""
    issue = issues.current_issue(session, newsletter.id)
    if issue is None:
        return url_for("desk.issues", newsletter=newsletter.id), "Start an issue first"
    return url_for("desk.preview", issue_id=issue.id), f"Send one from the preview of issue {issue.number}"
