"""The people at the desk: who has a place, who is invited, who was put out."""

from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import admit, store
from curator.accounts.values import EditorRow, Right, Role
from curator.addresses import address_key
from curator.errors import InvalidError, NotFoundError, StateError
from curator.letters import store as letters
from curator.letters.values import LetterKind, LetterRow
from curator.web import here
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form


@dataclass(frozen=True)
class Person:
    """Somebody at the desk, with their newest invitation."""

    row: EditorRow
    invitation: LetterRow | None

    @property
    def is_awaited(self) -> bool:
        """Whether they have a place and never came."""
        return self.row.is_active and self.row.signed_in_at is None


@blueprint.get("/people")
@needs(Right.MANAGE)
def people() -> str:
    """Lists everybody at the desk."""
    return _page(Form({"role": Role.EDITOR}))


@blueprint.post("/people")
@needs(Right.MANAGE)
def invite_person() -> Response | tuple[str, int]:
    """Gives somebody a place and writes them an invitation; whoever has one is invited again."""
    form = Form(request.form)
    role = form.choice("role", tuple(Role), default=Role.EDITOR)
    name = form.line("name", at_most=200)
    if form.is_good:
        try:
            user_id = _invited(form.value("address"), name=name, role=role)
        except InvalidError as error:
            form.take(error)
        except StateError as error:
            form.refuse("address", str(error))
    if not form.is_good:
        return _page(form), 422
    return _done(user_id, _on_its_way("An invitation"))


@blueprint.post("/people/<key:user_id>/invite")
@needs(Right.MANAGE)
def invite_again(user_id: int) -> Response:
    """Writes another invitation; the links of older ones stop working."""
    _invited(_person(user_id).address, name="", role=Role.EDITOR)
    return _done(user_id, _on_its_way("Another invitation"))


@blueprint.post("/people/<key:user_id>/deactivate")
@needs(Right.MANAGE)
def deactivate_person(user_id: int) -> Response:
    """Takes a place away: whoever had it is out at once."""
    admit.deactivate(here.db(), user_id, now=here.now(), by=here.editor_id())
    if user_id == here.editor_id():
        return here.go(url_for("desk.sign_in"))
    return _done(user_id, "The place is taken away. They are signed out, and their links are void.")


@blueprint.post("/people/<key:user_id>/reactivate")
@needs(Right.MANAGE)
def reactivate_person(user_id: int) -> Response:
    """Gives a place back."""
    admit.reactivate(here.db(), user_id, now=here.now(), by=here.editor_id())
    return _done(user_id, "The place is theirs again. Send an invitation if they have no password.")


def _invited(address: str, *, name: str, role: Role) -> int:
    """Invites; of somebody who is here already, name and role stay as they are."""
    return admit.invite(
        here.db(), address, name=name, role=role, keys=here.app().keys, now=here.now(), by=here.editor_id()
    )


def _on_its_way(what: str) -> str:
    if here.app().transport is None:
        return f"{what} is written. It waits until a mail relay is set (CURATOR_SMTP_URL)."
    return f"{what} is on its way. Its link works once, within 72 hours."


def _page(form: Form) -> str:
    with here.db().read() as session:
        rows = store.editors(session)
        keys = {row.id: address_key(row.address) for row in rows}
        invited = letters.newest_by_address(session, LetterKind.INVITATION, keys.values())
    return render_template(
        "desk/people.html",
        people=[Person(row, invited.get(keys[row.id])) for row in rows],
        roles=[(role, role.capitalize()) for role in (Role.EDITOR, Role.OWNER)],
        form=form,
        me=here.editor_id(),
        address=url_for("desk.people"),
        has_transport=here.app().transport is not None,
    )


def _person(user_id: int) -> EditorRow:
    with here.db().read() as session:
        found = next((row for row in store.editors(session) if row.id == user_id), None)
    if found is None:
        raise NotFoundError("person", user_id)
    return found


def _done(user_id: int, said: str) -> Response:
    flash(f"{_person(user_id).name}: {said}", "done")
    return here.go(url_for("desk.people"), anchor=f"person-{user_id}")
