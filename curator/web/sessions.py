"""Who is signed in: the session cookie, the half-signed-in state before a code, and the tokens that forms carry."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, request, session
from flask_login import LoginManager, current_user, login_user
from flask_wtf.csrf import CSRFProtect

from curator.accounts import browsers, stay
from curator.accounts.values import Editor, Means, Visit
from curator.web import here

csrf = CSRFProtect()

# How long a code may take after the password.
HALF_LASTS_FOR = timedelta(minutes=10)
_HALF = "half"


class DeskUser:
    """An editor as Flask-Login wants one. Its id is the token of one sign-in, whose end ends it at once."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, editor: Editor, *, token: str, sign_in_id: int = 0) -> None:
        self.editor = editor
        self.sign_in_id = sign_in_id
        self._token = token

    def get_id(self) -> str:
        """Returns what the session cookie holds."""
        return self._token


@dataclass(frozen=True)
class Half:
    """Somebody whose password or link was right, and who owes a code; it opens no page but the one that asks."""

    user_id: int
    epoch: int
    wanted: str


def install(flask: Flask) -> None:
    """Reads the session of every request, and refuses a form without its session's token."""
    csrf.init_app(flask)
    manager = LoginManager()
    # The cookie is signed and HttpOnly; binding it to a network address would sign a phone out on every train.
    manager.session_protection = None
    manager.user_loader(_user)
    manager.init_app(flask)


def begin(editor: Editor, means: Means) -> None:
    """Signs in with a session of its own: nothing of the one before stays (its CSRF token neither)."""
    token = stay.begin(here.db(), editor, means, visit=visit(), now=here.now())
    session.clear()
    session.permanent = True
    login_user(DeskUser(editor, token=token))


def begin_half(editor: Editor, *, wanted: str) -> None:
    """Remembers, in a session of its own, who owes a code and where they want to go."""
    session.clear()
    session[_HALF] = {"user": editor.id, "epoch": editor.epoch, "at": here.now().isoformat(), "wanted": wanted}


def half() -> Half | None:
    """Returns who owes a code; None for nobody, and once it took too long."""
    kept = session.get(_HALF)
    if not isinstance(kept, dict):
        return None
    age = here.now() - datetime.fromisoformat(kept["at"])
    is_fresh = timedelta(0) <= age <= HALF_LASTS_FOR
    return Half(kept["user"], kept["epoch"], kept["wanted"]) if is_fresh else None


def sign_in_id() -> int:
    """Returns by which sign-in this request comes; only for views behind the desk's door."""
    return int(current_user.sign_in_id)


def end() -> None:
    """Signs out: the cookie is emptied, and what it held is worth nothing from now on."""
    if current_user.is_authenticated:
        stay.leave(here.db(), current_user.editor.id, current_user.sign_in_id)
    session.clear()


def visit() -> Visit:
    """Returns from where this request comes, in few words."""
    return Visit(here.network_range(), browsers.in_words(request.headers.get("User-Agent", "")[:400]))


def _user(text: Any) -> DeskUser | None:
    token = str(text)
    seat = stay.follow(here.db(), token, now=here.now())
    return None if seat is None else DeskUser(seat.editor, token=token, sign_in_id=seat.sign_in_id)
