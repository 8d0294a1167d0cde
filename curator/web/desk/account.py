"""One's own account: name, password, keys, sign-ins and their history, absence."""

from datetime import timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import admit, roles, stay, store
from curator.accounts.factors import store as factors
from curator.accounts.places import store as places
from curator.accounts.sign_ins import store as sign_ins
from curator.accounts.values import Editor, Means, TooManyAttempts
from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.errors import InvalidError
from curator.web import here, sessions
from curator.web.desk.door import blueprint, own
from curator.web.desk.steads import Steads, end_of, zone
from curator.web.forms import Form

# What a change of password is counted under, and how often it may be tried.
_PASSWORD_TRIES = 5
# Whoever came in longer ago than this is asked for the old password: the desk may have been left open. Whoever forgot
# it comes in anew by a link.
_FRESH = timedelta(minutes=15)
# A page of history; what is older than a season is forgotten.
_TRIES_SHOWN = 20
# For so long the page says that somebody else took the second factor off.
_TOLD_FOR = timedelta(days=30)


@blueprint.get("/account")
@own
def account() -> str:
    """Shows who is signed in, where, since when, and what they may change of themselves."""
    return page(Form())


@blueprint.post("/account")
@own
def do_account() -> Response | tuple[str, int]:
    """Sets a new password: every other sign-in of this person ends, this one goes on."""
    form, editor = Form(request.form), _editor()
    if form.value("password") != form.value("again"):
        form.refuse("again", "The two passwords differ. Type the new one twice.")
    if form.is_good:
        _try_new_password(form, editor)
    if not form.is_good:
        return page(form), 422
    with here.db().read() as session:
        renewed = store.editor(session, editor.id)
    assert renewed is not None
    sessions.begin(renewed, Means.PASSWORD)
    flash("The new password counts from now on. Other sign-ins of yours have ended.", "done")
    return here.go(url_for("desk.account"))


@blueprint.post("/account/name")
@own
def change_name() -> Response | tuple[str, int]:
    """Calls the person something else."""
    form = Form(request.form)
    try:
        roles.rename(here.db(), here.editor_id(), form.value("name"), now=here.now(), by=here.editor_id())
    except InvalidError as error:
        form.take(error)
        return page(form), 422
    flash("The name is changed.", "done")
    return here.go(url_for("desk.account"))


@blueprint.post("/account/shortcuts")
@own
def switch_shortcuts() -> Response:
    """Switches keys without a modifier on or off."""
    is_on = request.form.get("is_on") == "yes"
    roles.switch_shortcuts(here.db(), here.editor_id(), is_on=is_on, now=here.now(), by=here.editor_id())
    flash("Single keys work again." if is_on else "Single keys do nothing any more.", "done")
    return here.go(url_for("desk.account"), anchor="keys")


@blueprint.post("/account/away")
@own
def change_absence() -> Response | tuple[str, int]:
    """Notes until when the person is away; without a date, that they are here."""
    form = Form(request.form)
    until = end_of(form, "away") if form.value("away").strip() else None
    if not form.is_good:
        return page(form), 422
    roles.set_away(here.db(), here.editor_id(), until, now=here.now(), by=here.editor_id())
    flash("You are here again." if until is None else "Noted: until then nobody waits for your approval.", "done")
    return here.go(url_for("desk.account"), anchor="away-part")


@blueprint.post("/account/sign-ins/<key:sign_in_id>/end")
@own
def end_sign_in(sign_in_id: int) -> Response:
    """Ends one of one's own sign-ins at once; ending this one is signing out."""
    if sign_in_id == sessions.sign_in_id():
        sessions.end()
        return here.go(url_for("desk.sign_in"))
    stay.end(here.db(), here.editor_id(), sign_in_id, now=here.now())
    flash("That sign-in has ended.", "done")
    return here.go(url_for("desk.account"), anchor="sign-ins")


@blueprint.post("/account/sign-ins/end-others")
@own
def end_other_sign_ins() -> Response:
    """Ends all of one's own sign-ins but this one."""
    me = here.editor_id()
    stay.end_others(here.db(), me, but=sessions.sign_in_id(), now=here.now(), by=me)
    flash("All other sign-ins of yours have ended.", "done")
    return here.go(url_for("desk.account"), anchor="sign-ins")


def page(form: Form) -> str:
    """Returns the account's page; `form` is whichever was sent."""
    editor, now = _editor(), here.now()
    form.values.setdefault("name", editor.name)
    with here.db().read() as session:
        row = next(each for each in store.editors(session) if each.id == editor.id)
        return render_template(
            "desk/account.html",
            form=form,
            editor=editor,
            row=row,
            asks_old=_asks_old(editor),
            is_away=row.away_until is not None and row.away_until > now,
            codes_left=factors.codes_left(session, editor.id),
            taken_off=_taken_off(activity.recent(session, limit=100, subject="user", subject_id=editor.id), editor.id),
            sign_ins=sign_ins.running(session, editor.id, since=now - stay.LASTS_FOR),
            this_one=sessions.sign_in_id(),
            tries=sign_ins.tries(session, editor.id, since=now - stay.KEPT_FOR, limit=_TRIES_SHOWN),
            zone=zone(),
            steads=Steads.of(session, places.dates_from(session, now), of_user=editor.id),
        )


def _taken_off(changes: list[ActivityRow], me: int) -> ActivityRow | None:
    """Returns when somebody else took the second factor off, if that is news."""
    verb, since = "took the second factor off", here.now() - _TOLD_FOR
    return next((each for each in changes if each.verb == verb and each.actor != me and each.at > since), None)


def _try_new_password(form: Form, editor: Editor) -> None:
    try:
        admit.throttle(
            here.db(), ["password", str(editor.id)], limit=_PASSWORD_TRIES, window=admit.WINDOW, now=here.now()
        )
        if _asks_old(editor) and not admit.has_password(here.db(), editor.id, form.value("old")):
            raise InvalidError("old", "This is not the password that you have now. Forgotten? Sign in by a new link.")
        admit.set_password(here.db(), editor.id, form.value("password"), now=here.now(), by=editor.id)
    except InvalidError as error:
        form.take(error)
    except TooManyAttempts as error:
        form.refuse("password", str(error))


def _asks_old(editor: Editor) -> bool:
    """Tells whether a new password takes the old one."""
    with here.db().read() as session:
        if not any(row.has_password for row in store.editors(session) if row.id == editor.id):
            return False
        mine = sign_ins.running(session, editor.id, since=here.now() - stay.LASTS_FOR)
    this = next((each for each in mine if each.id == sessions.sign_in_id()), None)
    return this is None or this.created_at <= here.now() - _FRESH


def _editor() -> Editor:
    editor = here.editor()
    assert editor is not None
    return editor
