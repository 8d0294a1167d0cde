"""The desk's door: whoever is not signed in stays outside, and each room asks for a right."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from curator.accounts.values import Right, Role
from curator.web import failures, here
from curator.web.desk import whose

blueprint = Blueprint("desk", __name__, url_prefix="/desk")

View = TypeVar("View", bound=Callable[..., Any])


def open_to_all(view: View) -> View:
    """Marks a view that needs no sign-in."""
    cast("Any", view).is_open_to_all = True
    return view


def own(view: View) -> View:
    """Marks a view of somebody's own account: whoever is signed in may use it, with a place at the desk or without."""
    cast("Any", view).is_own = True
    return view


def needs(right: Right) -> Callable[[View], View]:
    """Marks what it takes to use a view; without a mark a look takes `LOOK` and a form `WRITE`."""

    def mark(view: View) -> View:
        cast("Any", view).right = right
        return view

    return mark


@blueprint.before_request
def stand_guard() -> Response | tuple[str, int] | None:
    """Lets through whoever may see the page. A form of somebody signed out comes back with its words."""
    view = current_app.view_functions[request.endpoint or ""]
    if getattr(view, "is_open_to_all", False):
        return None
    if here.editor() is None:
        # A script would put the sign-in page into the middle of another; it says itself what to do.
        return ("", 401) if here.is_fragment() else _outside()
    usual = Right.LOOK if request.method in ("GET", "HEAD") else Right.WRITE
    g.right = getattr(view, "right", usual)
    if getattr(view, "is_own", False) or _is_owner():  # who may everything, wherever it is
        return None
    if request.endpoint == "desk.home" and not _has_place():
        # Where a sign-in leads: there it is said what is missing.
        return redirect(url_for("desk.account"), 303)
    require(*whose.named())
    return None


def require(*newsletter_ids: int) -> None:
    """Turns away whoever lacks the view's right in one of these newsletters; without any, whoever has it nowhere."""
    someone = here.editor()
    if someone is None or not all(someone.may(g.right, each) for each in newsletter_ids or (None,)):
        abort(403)
    if newsletter_ids:
        here.about(newsletter_ids[0])


def may_press(url: str, newsletter_id: int | None = None) -> bool:
    """Tells whether whoever is signed in may send a form to this address; what is no part of the desk, anybody may."""
    if _is_owner():
        return True
    try:
        endpoint, _ = current_app.url_map.bind("desk").match(urlsplit(url).path, method="POST")
    except HTTPException:
        return True
    view = current_app.view_functions[endpoint]
    if getattr(view, "is_open_to_all", False) or getattr(view, "is_own", False):
        return True
    return here.may(getattr(view, "right", Right.WRITE), newsletter_id)


def _is_owner() -> bool:
    someone = here.editor()
    return someone is not None and someone.role is Role.OWNER


def _has_place() -> bool:
    someone = here.editor()
    return someone is not None and someone.has_place


def _outside() -> Response | tuple[str, int]:
    sign_in = url_for("desk.sign_in", next=request.full_path.rstrip("?"))
    if request.method in ("GET", "HEAD"):
        return redirect(sign_in, 303)
    return failures.page(
        401, "You are signed out", "Your words are kept here. Sign in, go back to the page and send them again."
    )
