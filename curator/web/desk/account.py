"""Coming in and going out: sign-in by password or by one-time link, sign-out, one's own password."""

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import admit, store
from curator.accounts.values import Editor, Right, SignInRefused, TooManyAttempts
from curator.errors import InvalidError
from curator.web import here, sessions
from curator.web.desk.door import blueprint, needs, open_to_all
from curator.web.forms import Form

# What a change of password is counted under, and how often it may be tried.
_PASSWORD_TRIES = 5


@blueprint.get("/sign-in")
@open_to_all
def sign_in() -> str | Response:
    """Shows the sign-in form, or the desk to whoever is in already."""
    if here.editor() is not None:
        return here.go(_wanted())
    return _sign_in_page(Form())


@blueprint.post("/sign-in")
@open_to_all
def do_sign_in() -> Response | tuple[str, int]:
    """Signs in by password. Tries are limited an address and a network, in the database."""
    form = Form(request.form)
    try:
        editor = admit.sign_in(
            here.db(), form.value("address"), form.value("password"), network=here.network(), now=here.now()
        )
    except SignInRefused as refused:
        form.refuse("address", str(refused))
        return _sign_in_page(form), 401
    except TooManyAttempts as refused:
        form.refuse("address", str(refused))
        return _sign_in_page(form), 429
    sessions.begin(editor)
    return here.go(_wanted())


@blueprint.get("/enter")
@open_to_all
def enter() -> Response:
    """Shows the button of a one-time link; a look (a scanner's, say) leaves the link as it is."""
    owner = admit.link_owner(here.db(), request.args.get("t", ""), now=here.now())
    page = render_template("desk/enter.html", owner=owner, token=request.args.get("t", ""))
    response = make_response(page, 200 if owner else 404)
    # The address is a key. "no-referrer" would do too, but CSRF protection over HTTPS wants to see the origin.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


@blueprint.post("/enter")
@open_to_all
def do_enter() -> Response | tuple[str, int]:
    """Uses a one-time link up and signs in."""
    try:
        editor = admit.use_link(here.db(), request.form.get("t", ""), now=here.now(), network=here.network())
    except (SignInRefused, TooManyAttempts) as refused:
        form = Form()
        form.refuse("address", str(refused))
        return _sign_in_page(form), 429 if isinstance(refused, TooManyAttempts) else 401
    sessions.begin(editor)
    return here.go(url_for("desk.home"))


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    """Signs out; twice is fine."""
    sessions.end()
    return here.go(url_for("desk.sign_in"))


@blueprint.get("/account")
def account() -> str:
    """Shows who is signed in, and the form for a new password."""
    return render_template("desk/account.html", form=Form(), editor=here.editor())


@blueprint.post("/account")
@needs(Right.LOOK)
def do_account() -> Response | tuple[str, int]:
    """Sets a new password: every other sign-in of this person ends, this one goes on."""
    form, editor = Form(request.form), here.editor()
    assert editor is not None
    if form.value("password") != form.value("again"):
        form.refuse("again", "The two passwords differ. Type the new one twice.")
    if form.is_good:
        _try_new_password(form, editor)
    if not form.is_good:
        return render_template("desk/account.html", form=form, editor=editor), 422
    with here.db().read() as session:
        renewed = store.editor(session, editor.id)
    assert renewed is not None
    sessions.begin(renewed)
    flash("The new password counts from now on. Other sign-ins of yours have ended.", "done")
    return here.go(url_for("desk.account"))


def _try_new_password(form: Form, editor: Editor) -> None:
    try:
        admit.throttle(
            here.db(), ["password", str(editor.id)], limit=_PASSWORD_TRIES, window=admit.WINDOW, now=here.now()
        )
        admit.set_password(here.db(), editor.id, form.value("password"), now=here.now(), by=editor.id)
    except InvalidError as error:
        form.take(error)
    except TooManyAttempts as error:
        form.refuse("password", str(error))


def _sign_in_page(form: Form) -> str:
    with here.db().read() as session:
        has_users = store.has_users(session)
    return render_template("desk/sign_in.html", form=form, has_users=has_users, wanted=_wanted())


def _wanted() -> str:
    return here.local_path(request.values.get("next"), url_for("desk.home"))
