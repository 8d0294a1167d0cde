"""One's own second factor: turned on by a code, its recovery codes shown once, taken off by a code."""

import segno
from flask import flash, render_template, request, url_for
from markupsafe import Markup
from pyotp import TOTP
from werkzeug.wrappers import Response

from curator.accounts import second_factor as factor
from curator.accounts.codes import in_fours
from curator.accounts.factors import store
from curator.accounts.values import Editor, TooManyAttempts
from curator.errors import InvalidError
from curator.web import here
from curator.web.desk.door import blueprint, own
from curator.web.forms import Form


@blueprint.get("/account/second-factor")
@own
def second_factor() -> str:
    """Shows whether the factor is on; while it is being turned on, the secret as a picture and in words."""
    return _page(Form())


@blueprint.post("/account/second-factor")
@own
def begin_second_factor() -> Response:
    """Makes a secret; nothing is asked for until a code of it came."""
    factor.begin(here.db(), here.editor_id(), keys=here.app().keys, now=here.now())
    return here.go(url_for("desk.second_factor"))


@blueprint.post("/account/second-factor/confirm")
@own
def confirm_second_factor() -> tuple[str, int]:
    """Turns the factor on by a code. The answer is a page: its recovery codes are never shown again."""
    form = Form(request.form)
    try:
        codes = factor.confirm(
            here.db(), here.editor_id(), form.value("code")[:100], keys=here.app().keys, now=here.now()
        )
    except InvalidError as error:
        form.take(error)
        return _page(form), 422
    except TooManyAttempts as error:
        form.refuse("code", str(error))
        return _page(form), 429
    return _page(Form(), codes=codes), 200


@blueprint.post("/account/second-factor/codes")
@own
def renew_recovery_codes() -> tuple[str, int]:
    """Makes new recovery codes, for a code; the old ones are void."""
    form = Form(request.form)
    status = _proven(form)
    if status:
        return _page(form), status
    return _page(Form(), codes=factor.renew_codes(here.db(), here.editor_id(), now=here.now())), 200


@blueprint.post("/account/second-factor/off")
@own
def take_own_factor_off() -> Response | tuple[str, int]:
    """Takes the factor off, for a code: who finds an open desk must not."""
    form = Form(request.form)
    status = _proven(form)
    if status:
        return _page(form), status
    factor.take_off(here.db(), here.editor_id(), now=here.now(), by=here.editor_id())
    flash("The second factor is off. A password or a link is enough from now on.", "done")
    return here.go(url_for("desk.account"))


def _proven(form: Form) -> int:
    """Returns 0 for a right code, else the status of the refusal, which stands in the form."""
    try:
        factor.prove(here.db(), here.editor_id(), form.value("code")[:100], keys=here.app().keys, now=here.now())
    except InvalidError as error:
        form.take(error)
        return 422
    except TooManyAttempts as error:
        form.refuse("code", str(error))
        return 429
    return 0


def _page(form: Form, *, codes: list[str] | None = None) -> str:
    form.values.pop("code", None)
    editor = here.editor()
    assert editor is not None
    secret = None if codes else factor.pending(here.db(), editor.id, keys=here.app().keys)
    with here.db().read() as session:
        is_on = store.sealed_secret(session, editor.id, is_confirmed=True) is not None
        left = store.codes_left(session, editor.id)
    return render_template(
        "desk/second_factor.html",
        form=form,
        codes=codes,
        is_on=is_on,
        codes_left=left,
        secret=None if secret is None else in_fours(secret, between=" "),
        picture=None if secret is None else _picture(secret, editor),
    )


def _picture(secret: str, editor: Editor) -> Markup:
    """Returns the secret as authenticators scan it: an SVG without style, script or anything of somebody else's."""
    uri = TOTP(secret).provisioning_uri(name=editor.address, issuer_name="Curator")
    code = segno.make(uri, error="m")
    drawn = code.svg_inline(border=4, light="#fff", dark="#000", svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn here: digits of a path, and nothing that anybody typed
