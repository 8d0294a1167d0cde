"""Coming in and going out: sign-in by password or by one-time link, then by code where one is asked for."""

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import admit, second_factor, store
from curator.accounts.values import Editor, Means, SignInRefused, TooManyAttempts
from curator.errors import StateError
from curator.web import here, sessions
from curator.web.desk.door import blueprint, open_to_all
from curator.web.forms import Form


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
            here.db(),
            form.value("address"),
            form.value("password"),
            network=here.network(),
            now=here.now(),
            visit=sessions.visit(),
        )
    except SignInRefused as refused:
        form.refuse("address", str(refused))
        return _sign_in_page(form), 401
    except TooManyAttempts as refused:
        form.refuse("address", str(refused))
        return _sign_in_page(form), 429
    return _enter(editor, Means.PASSWORD, wanted=_wanted())


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
        editor = admit.use_link(
            here.db(), request.form.get("t", ""), now=here.now(), network=here.network(), visit=sessions.visit()
        )
    except (SignInRefused, TooManyAttempts) as refused:
        form = Form()
        form.refuse("address", str(refused))
        return _sign_in_page(form), 429 if isinstance(refused, TooManyAttempts) else 401
    return _enter(editor, Means.LINK, wanted=url_for("desk.home"))


@blueprint.get("/sign-in/code")
@open_to_all
def ask_code() -> str | Response:
    """Asks whoever gave password or link for a code."""
    return _code_page(Form()) if sessions.half() is not None else here.go(url_for("desk.sign_in"))


@blueprint.post("/sign-in/code")
@open_to_all
def take_code() -> Response | tuple[str, int]:
    """Lets in by a code, which works once. Tries are limited a person and a network, in the database."""
    half, form = sessions.half(), Form(request.form)
    if half is None:
        return here.go(url_for("desk.sign_in"))
    try:
        editor = second_factor.pass_code(
            here.db(),
            half.user_id,
            form.value("code")[:100],
            epoch=half.epoch,
            keys=here.app().keys,
            network=here.network(),
            visit=sessions.visit(),
            now=here.now(),
        )
    except (SignInRefused, StateError) as refused:
        form.refuse("code", str(refused))
        return _code_page(form), 401
    except TooManyAttempts as refused:
        form.refuse("code", str(refused))
        return _code_page(form), 429
    sessions.begin(editor, Means.CODE)
    return here.go(half.wanted)


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    """Signs out; twice is fine."""
    sessions.end()
    return here.go(url_for("desk.sign_in"))


def _enter(editor: Editor, means: Means, *, wanted: str) -> Response:
    """Signs in, or asks for a code first."""
    if editor.has_second_factor:
        sessions.begin_half(editor, wanted=wanted)
        return here.go(url_for("desk.ask_code"))
    sessions.begin(editor, means)
    return here.go(wanted)


def _code_page(form: Form) -> str:
    form.values.pop("code", None)
    return render_template("desk/code.html", form=form)


def _sign_in_page(form: Form) -> str:
    with here.db().read() as session:
        has_users = store.has_users(session)
    return render_template("desk/sign_in.html", form=form, has_users=has_users, wanted=_wanted())


def _wanted() -> str:
    return here.local_path(request.values.get("next"), url_for("desk.home"))
