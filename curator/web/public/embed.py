"""The sign-up form in a frame on the show's own site: it answers inside the frame."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.forms import Form
from curator.web.public import embeds
from curator.web.public.door import blueprint, newsletter_of
from curator.web.public.taking import SignUp, sent, taken


@blueprint.get("/n/<slug>/embed")
def embed(slug: str) -> Response:
    """Shows the form for a frame; the page around it is noted as the place of what is agreed to."""
    return _page(newsletter_of(slug), SignUp(Form({"place": embeds.framing_page()})))


@blueprint.post("/n/<slug>/embed")
def sign_up_in_frame(slug: str) -> Response:
    """Takes a sign-up out of a frame, as the newsletter's own page does."""
    spec, typed = newsletter_of(slug), sent()
    ours = url_for("public.embed", slug=spec.slug)
    if taken(typed, [spec], place=embeds.place(ours)):
        return here.go(url_for("public.embed_thanks", slug=spec.slug))
    return _page(spec, typed)


@blueprint.get("/n/<slug>/embed/thanks")
def embed_thanks(slug: str) -> Response:
    """Says in the frame what happens next, the same to everybody."""
    spec = newsletter_of(slug)
    return _framed("thanks", spec, typed=SignUp(Form()))


def _page(spec: NewsletterSpec, typed: SignUp) -> Response:
    return _framed("form", spec, typed=typed)


def _framed(shown: str, spec: NewsletterSpec, *, typed: SignUp) -> Response:
    own = f"{here.app().settings.public_url}{url_for('public.newsletter', slug=spec.slug)}"
    page = render_template(
        "public/embed.html",
        newsletter=spec,
        typed=typed,
        shown=shown,
        canonical=embeds.rules_of(spec.id).own_page or own,
    )
    response = embeds.framed(page, spec.id, own_address=own, status=typed.status)
    response.headers.update(typed.headers)
    return response
