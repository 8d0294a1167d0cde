"""A newsletter's page with its sign-up form, the form for several newsletters, and the page that says what is next."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import NotFoundError
from curator.mailings.archive import store as archives
from curator.newsletters import store as newsletters
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import Form, key
from curator.web.public import embeds, front
from curator.web.public.archive import line
from curator.web.public.door import blueprint, newsletter_of
from curator.web.public.taking import SignUp, sent, taken

_MOST_NAMED = 50


@blueprint.get("/n/<slug>")
def newsletter(slug: str) -> str:
    """Says what the newsletter is and how often it comes, with the form to sign up."""
    return _page(newsletter_of(slug), SignUp(Form()))


@blueprint.post("/n/<slug>/sign-up")
def sign_up(slug: str) -> Response:
    """Takes a sign-up; whether the address is known is the mailbox's business, so everybody gets one answer.

    The form may stand on this page, on another of ours, or as plain HTML on the show's own site.
    """
    spec, typed = newsletter_of(slug), sent()
    if taken(typed, [spec], place=embeds.place(_own_place(spec))):
        return here.go(url_for("public.thanks", slug=spec.slug))
    return typed.answer(_page(spec, typed))


@blueprint.get("/n/<slug>/thanks")
def thanks(slug: str) -> str:
    """Says what happens next, the same to everybody."""
    return _thanks([newsletter_of(slug)])


@blueprint.post("/sign-up")
def sign_up_for_several() -> Response:
    """Takes a sign-up for the newsletters whose boxes were ticked; one letter asks for all of them."""
    typed = sent()
    with here.db().read() as session:
        papers = newsletters.newsletters(session)
    # The words were shown on the front page, so they are compared in its language.
    here.speak_for({spec.language for spec in papers})
    specs = [spec for spec in papers if spec.id in typed.ticked]
    if taken(typed, specs, place=embeds.place(url_for("public.home"))):
        return here.go(url_for("public.thanks_for_several", n=[spec.id for spec in specs]))
    return typed.answer(front.page(typed))


@blueprint.get("/thanks")
def thanks_for_several() -> Response | str:
    """Says what happens next, the same to everybody; the address names the newsletters."""
    wanted = {key(text) for text in request.args.getlist("n")[:_MOST_NAMED]}
    with here.db().read() as session:
        specs = [spec for spec in newsletters.newsletters(session) if spec.id in wanted]
    return _thanks(specs) if specs else here.go(url_for("public.home"))


def _own_place(spec: NewsletterSpec) -> str:
    """Returns on which page of ours the form stood: an issue's where it names one that anybody may see."""
    number = key(request.form.get("issue"))
    with here.db().read() as session:
        is_there = number is not None and archives.issue(session, spec.id, number) is not None
    if is_there:
        return url_for("public.issue", slug=spec.slug, number=number)
    return url_for("public.newsletter", slug=spec.slug)


def _thanks(specs: list[NewsletterSpec]) -> str:
    if not specs:
        raise NotFoundError("newsletter", "of this name")
    here.speak_for({spec.language for spec in specs})
    begun = [spec for spec in specs if not spec.is_test_mode]
    return render_template("public/thanks.html", newsletter=(begun or specs)[0], newsletters=specs, begun=begun)


def _page(spec: NewsletterSpec, typed: SignUp) -> str:
    with here.db().read() as session:
        newest = archives.newest(session).get(spec.id)
    return render_template(
        "public/newsletter.html",
        newsletter=spec,
        form=typed.form,
        typed=typed,
        often=describe(spec.cadence, here.speech()),
        newest=None if newest is None else line(newest, spec.cadence.zone),
    )
