"""API tokens of the one who is signed in: made and shown once, listed, revoked."""

from datetime import datetime, timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import api_tokens
from curator.accounts.keys import store
from curator.accounts.values import ApiScope, Right
from curator.errors import InvalidError
from curator.web import here
from curator.web.desk.choice import newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key

_DAYS = ("30", "90", "365")


@blueprint.get("/account/tokens")
def tokens() -> str:
    """Lists one's own tokens with their last use."""
    return _page(_fresh())


@blueprint.post("/account/tokens")
@needs(Right.LOOK)
def make_token() -> tuple[str, int]:
    """Makes a token. The answer is a page: the token is nowhere else, and is never shown again."""
    form = Form(request.form)
    newsletter_id, expires_at = _newsletter(form), _end(form)
    scopes = tuple(scope for scope in _offered() if form.value(str(scope)) == "yes")
    token = None
    if form.is_good:
        try:
            token = api_tokens.make_token(
                here.db(),
                here.editor_id(),
                form.value("name"),
                scopes=scopes,
                now=here.now(),
                newsletter_id=newsletter_id,
                expires_at=expires_at,
            )
        except InvalidError as error:
            form.take(error)
    return (_page(form), 422) if token is None else (_page(_fresh(), token=token), 200)


@blueprint.post("/account/tokens/<key:token_id>/revoke")
@needs(Right.LOOK)
def revoke_token(token_id: int) -> Response:
    """Ends one of one's own tokens."""
    api_tokens.revoke_token(here.db(), here.editor_id(), token_id, now=here.now())
    flash("Revoked. Whatever uses the token is refused from now on.", "done")
    return here.go(url_for("desk.tokens"))


def _fresh() -> Form:
    """Returns the form as it is first seen: a shortcut that saves pages is what most tokens are for."""
    return Form({str(ApiScope.WRITE_ITEMS): "yes"})


def _newsletter(form: Form) -> int | None:
    """Returns the newsletter that the token is for; None for all."""
    chosen = form.value("for_newsletter")
    found = key(chosen)
    if chosen and found not in [each.id for each in newsletters()]:
        form.refuse("for_newsletter", "Choose one of the list.")
    return found


def _end(form: Form) -> datetime | None:
    days = form.choice("days", _DAYS, default=_DAYS[0]) if form.value("days") else ""
    return here.now() + timedelta(days=int(days)) if days else None


def _offered() -> list[ApiScope]:
    """Returns what a token of this person's can do at all."""
    return [scope for scope in ApiScope if here.may(scope.right)]


def _page(form: Form, *, token: str | None = None) -> str:
    with here.db().read() as session:
        rows = store.tokens(session, here.editor_id())
    known = newsletters()
    return render_template(
        "desk/tokens.html",
        form=form,
        tokens=rows,
        token=token,
        scopes=_offered(),
        newsletters=[("", "All newsletters"), *((str(each.id), each.name) for each in known)],
        names={each.id: each.name for each in known},
        days=[("", "Until it is revoked"), *((each, f"{each} days") for each in _DAYS)],
        now=here.now(),
    )
