"""How a newsletter's mail and pages look, with a sample that follows what is typed. For owners."""

from urllib.parse import urlencode

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError
from curator.issues.pictured import with_logo
from curator.issues.sample import sample
from curator.newsletters.palette import HOUSE as HOUSE_COLORS
from curator.newsletters.palette import palette
from curator.newsletters.restyle import restyle
from curator.newsletters.theme import HOUSE
from curator.newsletters.values import NewsletterSpec
from curator.pictures import store as kept
from curator.web import headers, here
from curator.web.desk import approval, pictures
from curator.web.desk import look_form as fields
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.desk.look_form import Look
from curator.web.desk.preview import framed
from curator.web.desk.views import SCHEMES
from curator.web.forms import Form


@blueprint.get("/newsletter/look")
@needs(Right.MANAGE)
def look() -> Response:
    """Shows a newsletter's look as it is saved, as a preset or as it is typed: a script asks for the sample alone."""
    known = chosen(newsletters())
    if known is None:
        return here.go(url_for("desk.new_newsletter"))
    if here.is_fragment():
        return _varied(render_template("desk/_look_sample.html", **_shown(Form(request.args), known)))
    preset = fields.PRESETS.get(request.args.get("preset", ""))
    return _varied(_page(Form(fields.values_of(fields.of(known) if preset is None else preset[1])), known))


@blueprint.get("/newsletter/look/sample.html")
@needs(Right.MANAGE)
def look_sample() -> Response:
    """Returns a sample mail in the look that the address names, under a policy of its own; nothing is saved."""
    known = chosen(newsletters())
    form = Form(request.args)
    wanted = Look("", HOUSE) if known is None else fields.read(form, fields.of(known))
    if known is not None and not form.is_good:
        wanted = fields.of(known)
    with here.db().read() as session:
        logo = None if known is None else kept.logo(session, known.id)
    document = sample(
        "" if known is None else known.name,
        "" if known is None else known.tagline,
        language="en" if known is None else known.language,
        accent=wanted.accent,
        theme=with_logo(wanted.theme, logo),
    )
    renderer = here.app().renderer
    rendered = renderer.laid_out(document)
    html = pictures.ours(rendered.html, renderer.public_url)
    response = make_response(framed(html, rendered.links, scheme=_scheme(form)))
    response.headers["Content-Security-Policy"] = headers.PREVIEW_POLICY
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


@blueprint.post("/newsletter/look")
@needs(Right.MANAGE)
def change_look() -> Response | str | tuple[str, int]:
    """Writes a newsletter's look, or shows what was typed beside a sample of it."""
    known = chosen(newsletters())
    if known is None:
        return here.go(url_for("desk.new_newsletter"))
    form = Form(request.form)
    wanted = fields.read(form, fields.of(known))
    if form.value("do") == "preview":
        return _page(form, known)
    if form.is_good:
        try:
            return _saved(known, wanted, f"{known.name} has its new look.")
        except InvalidError as error:
            form.take(error)
    return _page(form, known), 422


@blueprint.post("/newsletter/look/house")
@needs(Right.MANAGE)
def reset_look() -> Response:
    """Goes back to the house's look."""
    known = chosen(newsletters())
    if known is None:
        return here.go(url_for("desk.new_newsletter"))
    form = Form(fields.values_of(Look("", HOUSE)))
    return _saved(known, fields.read(form, fields.of(known)), f"{known.name} looks like the house again.")


def _varied(page: str) -> Response:
    """The same address gives either, to a script the sample alone."""
    response = make_response(page)
    response.headers["Vary"] = "HX-Request"
    return response


def _saved(known: NewsletterSpec, wanted: Look, said: str) -> Response:
    restyle(here.db(), known.id, accent=wanted.accent, theme=wanted.theme, by=here.editor_id(), now=here.now())
    flash(approval.after_facts(said), "done")
    return here.go(url_for("desk.look", newsletter=known.id))


def _page(form: Form, known: NewsletterSpec) -> str:
    with here.db().read() as session:
        logo = kept.logo(session, known.id)
    return render_template(
        "desk/look.html",
        logo=logo,
        all_newsletters=newsletters(),
        faces=fields.FACES.items(),
        densities=fields.DENSITIES.items(),
        when_large=fields.WHEN_LARGE.items(),
        house=HOUSE_COLORS.light,
        presets=[(name, words) for name, (words, _) in fields.PRESETS.items()],
        **_shown(form, known),
    )


def _shown(form: Form, known: NewsletterSpec) -> dict[str, object]:
    saved = fields.of(known)
    wanted = fields.read(form, saved)
    typed = {name: form.value(name) for name in fields.FIELDS}
    query = urlencode({"newsletter": known.id, "scheme": _scheme(form), **typed})
    return {
        "form": form,
        "newsletter": known,
        "scheme": _scheme(form),
        "contrasts": fields.contrasts(wanted),
        "is_saved": wanted == saved,
        "swatches": _swatches(wanted) if fields.contrasts(wanted) else [],
        "sample_url": f"{url_for('desk.look_sample')}?{query}",
    }


def _swatches(wanted: Look) -> list[tuple[str, list[str]]]:
    made = palette(wanted.accent, wanted.theme)
    return [
        (name, [each.page, each.sheet, each.wash, each.ink, each.accent, each.band])
        for name, each in (("light", made.light), ("dark", made.dark))
    ]


def _scheme(form: Form) -> str:
    wanted = form.value("scheme")
    return wanted if wanted in SCHEMES else SCHEMES[0]
