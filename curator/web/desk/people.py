"""The people at the desk: who has a place, who is invited, who was put out."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import admit, store
from curator.accounts.values import EditorRow, Right, Role
from curator.addresses import address_key
from curator.errors import InvalidError, NotFoundError, StateError
from curator.letters import store as letters
from curator.letters.values import LetterKind, LetterRow
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk.choice import newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form

ROLES = (
    (Role.VIEWER, "Viewer: sees everything but readers, changes nothing"),
    (Role.WRITER, "Writer: picks, arranges and writes"),
    (Role.EDITOR, "Editor: also approves, sends and sees readers"),
    (Role.OWNER, "Owner: also sets up newsletters and lets people in"),
)
_IN_ONE = (("", "As at the desk"), ("none", "No place"), *((role, role.capitalize()) for role, _ in ROLES[:3]))


@dataclass(frozen=True)
class Person:
    """Somebody at the desk, with their newest invitation, and their roles by newsletter in words."""

    row: EditorRow
    invitation: LetterRow | None
    differing: tuple[str, ...] = ()

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
    role, differing = read_roles(form)
    name = form.line("name", at_most=200)
    if form.is_good:
        try:
            user_id = _invited(form.value("address"), name=name, role=role, differing=differing)
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
    _invited(find(user_id).address, name="", role=Role.EDITOR, differing={})
    return _done(user_id, _on_its_way("Another invitation"))


@blueprint.post("/people/<key:user_id>/withdraw")
@needs(Right.MANAGE)
def withdraw_invitation(user_id: int) -> Response:
    """Takes an invitation back from somebody who never came."""
    admit.withdraw(here.db(), user_id, now=here.now(), by=here.editor_id())
    return _done(user_id, "The invitation is withdrawn. Its link opens nothing any more.")


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


def read_roles(form: Form) -> tuple[Role, dict[int, Role | None]]:
    """Returns the role that was chosen, and those that differ by newsletter (fields "role-ID"; None: no place)."""
    role = form.choice("role", tuple(Role), default=Role.VIEWER)
    differing: dict[int, Role | None] = {}
    for one in newsletters():
        typed = form.value(f"role-{one.id}")
        if typed and typed not in {str(value) for value, _ in _IN_ONE}:
            form.refuse(f"role-{one.id}", "Choose one of the list.")
        elif typed:
            differing[one.id] = None if typed == "none" else Role(typed)
    return role, differing


def roles_in_words(places: Mapping[int, Role | None], known: list[NewsletterSpec]) -> tuple[str, ...]:
    """Returns where a person's role differs from the one at the desk: "Weekly: viewer"."""
    return tuple(f"{one.name}: {places[one.id] or 'no place'}" for one in known if one.id in places)


def role_fields() -> dict[str, object]:
    """Returns what the form of roles shows: with a single newsletter there is nothing to differ in."""
    known = newsletters()
    return {"roles": ROLES, "newsletters": known if len(known) > 1 else [], "roles_in_one": _IN_ONE}


def find(user_id: int) -> EditorRow:
    """Returns somebody at the desk, active or not. Raises NotFoundError."""
    with here.db().read() as session:
        found = next((row for row in store.editors(session) if row.id == user_id), None)
    if found is None:
        raise NotFoundError("person", user_id)
    return found


def _invited(address: str, *, name: str, role: Role, differing: Mapping[int, Role | None]) -> int:
    """Invites; of somebody who is here already, name and roles stay as they are."""
    return admit.invite(
        here.db(),
        address,
        name=name,
        role=role,
        keys=here.app().keys,
        now=here.now(),
        by=here.editor_id(),
        differing=differing,
    )


def _on_its_way(what: str) -> str:
    if here.app().transport is None:
        return f"{what} is written. It waits until a mail relay is set (CURATOR_SMTP_URL)."
    return f"{what} is on its way. Its link works once, within 72 hours."


def _page(form: Form) -> str:
    known = newsletters()
    with here.db().read() as session:
        rows = store.editors(session)
        keys = {row.id: address_key(row.address) for row in rows}
        invited = letters.newest_by_address(session, LetterKind.INVITATION, keys.values())
    return render_template(
        "desk/people.html",
        people=[Person(row, invited.get(keys[row.id]), roles_in_words(row.places, known)) for row in rows],
        form=form,
        me=here.editor_id(),
        address=url_for("desk.people"),
        has_transport=here.app().transport is not None,
        **role_fields(),
    )


def _done(user_id: int, said: str) -> Response:
    flash(f"{find(user_id).name}: {said}", "done")
    return here.go(url_for("desk.people"), anchor=f"person-{user_id}")
