"""API tokens of the one who is signed in: made and shown once, listed, revoked."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import api_tokens
from curator.accounts.keys import store
from curator.accounts.values import ApiScope, Right
from curator.errors import InvalidError
from curator.web import here
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form


@blueprint.get("/account/tokens")
@needs(Right.WRITE)
def tokens() -> str:
    """Lists one's own tokens with their last use."""
    return _page(Form())


@blueprint.post("/account/tokens")
def make_token() -> tuple[str, int]:
    """Makes a token. The answer is a page: the token is nowhere else, and is never shown again."""
    form = Form(request.form)
    try:
        token = api_tokens.make_token(
            here.db(), here.editor_id(), form.value("name"), scopes=(ApiScope.WRITE_ITEMS,), now=here.now()
        )
    except InvalidError as error:
        form.take(error)
        return _page(form), 422
    return _page(Form(), token=token), 200


@blueprint.post("/account/tokens/<key:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    """Ends one of one's own tokens."""
    api_tokens.revoke_token(here.db(), here.editor_id(), token_id, now=here.now())
    flash("Revoked. Whatever uses the token is refused from now on.", "done")
    return here.go(url_for("desk.tokens"))


def _page(form: Form, *, token: str | None = None) -> str:
    with here.db().read() as session:
        rows = store.tokens(session, here.editor_id())
    items_url = url_for("api.add_items_page", _external=True)
    return render_template("desk/tokens.html", form=form, tokens=rows, token=token, items_url=items_url)
