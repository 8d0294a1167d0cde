"""Who is signed in: the session cookie, and the tokens that its forms carry."""

from typing import Any

from flask import Flask, session
from flask_login import LoginManager, login_user
from flask_wtf.csrf import CSRFProtect

from curator.accounts import store
from curator.accounts.values import Editor
from curator.web import here

csrf = CSRFProtect()


class DeskUser:
    """An editor as Flask-Login wants one. Its id ends with the epoch, so raising that ends every sign-in."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, editor: Editor) -> None:
        self.editor = editor

    def get_id(self) -> str:
        """Returns what the session cookie holds."""
        return f"{self.editor.id}:{self.editor.epoch}"


def install(flask: Flask) -> None:
    """Reads the session of every request, and refuses a form without its session's token."""
    csrf.init_app(flask)
    manager = LoginManager()
    # The cookie is signed and HttpOnly; binding it to a network address would sign a phone out on every train.
    manager.session_protection = None
    manager.user_loader(_user)
    manager.init_app(flask)


def begin(editor: Editor) -> None:
    """Signs in with a session of its own: nothing of the one before stays (its CSRF token neither)."""
    session.clear()
    session.permanent = True
    login_user(DeskUser(editor))


def end() -> None:
    """Signs out."""
    session.clear()


def _user(text: Any) -> DeskUser | None:
    key, _, epoch = str(text).partition(":")
    if not (key.isdigit() and epoch.isdigit()):
        return None
    with here.db().read() as reading:
        editor = store.editor(reading, int(key))
    return DeskUser(editor) if editor is not None and editor.epoch == int(epoch) else None
