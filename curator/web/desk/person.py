"""One person at the desk: their roles, where they are signed in and what they tried, their second factor."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import roles, second_factor, stay
from curator.accounts.sign_ins import store as sign_ins
from curator.accounts.values import Right
from curator.errors import InvalidError, StateError
from curator.web import here
from curator.web.desk.door import blueprint, needs
from curator.web.desk.people import find, read_roles, role_fields
from curator.web.forms import Form

_TRIES_SHOWN = 50


@blueprint.get("/people/<key:user_id>")
@needs(Right.MANAGE)
def person(user_id: int) -> str:
    """Shows a person."""
    row = find(user_id)
    differing = {f"role-{key}": str(role or "none") for key, role in row.places.items()}
    return _page(user_id, Form({"role": row.role, **differing}))


@blueprint.post("/people/<key:user_id>/role")
@needs(Right.MANAGE)
def change_role(user_id: int) -> Response | tuple[str, int]:
    """Gives a person other roles; they count from their next click."""
    form = Form(request.form)
    role, differing = read_roles(form)
    if form.is_good:
        try:
            roles.change_role(here.db(), user_id, role, differing=differing, now=here.now(), by=here.editor_id())
        except InvalidError as error:
            form.take(error)
        except StateError as error:
            form.refuse("role", str(error))
    if not form.is_good:
        return _page(user_id, form), 422
    flash(f"{find(user_id).name}: The roles are changed.", "done")
    if user_id == here.editor_id():
        return here.go(url_for("desk.home"))
    return here.go(url_for("desk.person", user_id=user_id))


@blueprint.post("/people/<key:user_id>/second-factor/off")
@needs(Right.MANAGE)
def take_factor_off(user_id: int) -> Response:
    """Takes the second factor off somebody who lost it; one's own goes by a code, under one's own name."""
    if user_id == here.editor_id():
        raise StateError("Take your own second factor off on the page of your account.")
    if second_factor.take_off(here.db(), user_id, now=here.now(), by=here.editor_id()):
        stay.end_others(here.db(), user_id, but=None, now=here.now(), by=here.editor_id())
    flash(f"{find(user_id).name}: The second factor is off, and all sign-ins have ended. They are told so.", "done")
    return here.go(url_for("desk.person", user_id=user_id))


@blueprint.post("/people/<key:user_id>/sign-out")
@needs(Right.MANAGE)
def sign_person_out(user_id: int) -> Response:
    """Ends all sign-ins of somebody at once."""
    row = find(user_id)
    stay.end_others(here.db(), user_id, but=None, now=here.now(), by=here.editor_id())
    flash(f"{row.name}: All sign-ins have ended.", "done")
    return here.go(url_for("desk.person", user_id=user_id))


def _page(user_id: int, form: Form) -> str:
    row, now = find(user_id), here.now()
    with here.db().read() as session:
        return render_template(
            "desk/person.html",
            form=form,
            row=row,
            me=here.editor_id(),
            is_away=row.away_until is not None and row.away_until > now,
            sign_ins=sign_ins.running(session, user_id, since=now - stay.LASTS_FOR),
            tries=sign_ins.tries(session, user_id, since=now - stay.KEPT_FOR, limit=_TRIES_SHOWN),
            address=url_for("desk.person", user_id=user_id),
            **role_fields(),
        )
