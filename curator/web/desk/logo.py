"""A newsletter's logo: seen on light and dark, uploaded, described, taken away. For owners."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError
from curator.newsletters.values import NewsletterSpec
from curator.pictures import logos, store
from curator.web import here
from curator.web.desk import approval
from curator.web.desk.choice import newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form


@blueprint.get("/newsletter/logo")
@needs(Right.MANAGE)
def logo() -> str:
    """Shows a newsletter's logo and the form for another."""
    return _page(required(), Form())


@blueprint.post("/newsletter/logo")
@needs(Right.MANAGE)
def change_logo() -> Response | tuple[str, int]:
    """Takes a logo's file, or with none new words for the one that is there."""
    newsletter, form, upload = required(), Form(request.form), request.files.get("logo")
    content = b"" if upload is None else upload.stream.read(logos.MAX_LOGO_BYTES + 1)
    by, now, alt = here.editor_id(), here.now(), form.value("alt")
    try:
        if content:
            found = logos.take(here.db(), here.app().pictures, newsletter.id, content, alt=alt, by=by, now=now)
            size = f"{found.picture.width} by {found.picture.height} pixels, {found.picture.bytes / 1000:.0f} kB"
            flash(approval.after_facts(f"The logo is here: {size}."), "done")
        else:
            logos.describe(here.db(), newsletter.id, alt=alt, by=by, now=now)
            flash(approval.after_facts("The words of the logo are saved."), "done")
    except InvalidError as error:
        form.take(error)
        return _page(newsletter, form), 422
    return here.go(url_for("desk.logo", newsletter=newsletter.id))


@blueprint.post("/newsletter/logo/remove")
@needs(Right.MANAGE)
def remove_logo() -> Response:
    """Takes a newsletter's logo away."""
    newsletter = required()
    if logos.remove(here.db(), newsletter.id, by=here.editor_id(), now=here.now()):
        flash(approval.after_facts("The logo is taken away: the name stands in its place."), "done")
    return here.go(url_for("desk.logo", newsletter=newsletter.id))


def _page(newsletter: NewsletterSpec, form: Form) -> str:
    with here.db().read() as session:
        found = store.logo(session, newsletter.id)
    if "alt" not in form.values:
        form.values["alt"] = "" if found is None else found.alt
    return render_template(
        "desk/logo.html", newsletter=newsletter, all_newsletters=newsletters(), logo=found, form=form
    )
