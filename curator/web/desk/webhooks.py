"""Outgoing webhooks, for owners: who is called of what, what they answered, and their secrets, shown once."""

import secrets
from datetime import timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import ConflictError, InvalidError, StateError
from curator.newsletters import store as newsletters
from curator.queue import store as queue
from curator.web import here
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key
from curator.webhooks import edit, signing, store
from curator.webhooks.values import CHOICES, CallRow, CallState, Endpoint, EndpointForm, Kind

_CALLS_A_PAGE = 30
_AWAITED = timedelta(minutes=1)


@blueprint.get("/webhooks")
@needs(Right.MANAGE)
def webhooks() -> str:
    """Lists endpoints."""
    with here.db().read() as session:
        return render_template("desk/webhooks.html", rows=store.endpoint_rows(session))


@blueprint.get("/webhooks/new")
@needs(Right.MANAGE)
def new_webhook() -> str:
    """Shows the form for a new endpoint."""
    return _form_page(Form())


@blueprint.post("/webhooks/new")
@needs(Right.MANAGE)
def make_webhook() -> tuple[str, int]:
    """Adds an endpoint. The answer is its page: the secret stands there, and never again anywhere."""
    form = Form(request.form)
    given = _read(form)
    if given is None:
        return _form_page(form), 422
    try:
        endpoint_id, secret = edit.make(
            here.db(),
            given,
            chance=_chance(),
            keys=here.app().keys,
            allow_private=_allows_private(),
            by=here.editor_id(),
            now=here.now(),
        )
    except InvalidError as error:
        form.take(error)
        return _form_page(form), 422
    return _page(endpoint_id, secret=secret), 200


@blueprint.get("/webhooks/<key:endpoint_id>")
@needs(Right.MANAGE)
def webhook(endpoint_id: int) -> str:
    """Shows an endpoint, its calls and their attempts, newest first."""
    return _page(endpoint_id)


@blueprint.post("/webhooks/<key:endpoint_id>")
@needs(Right.MANAGE)
def change_webhook(endpoint_id: int) -> Response | tuple[str, int]:
    """Changes an endpoint; where somebody else was quicker, what was typed stands beside what is there."""
    form = Form(request.form)
    given = _read(form)
    if given is not None:
        try:
            edit.change(
                here.db(),
                endpoint_id,
                given,
                expected_version=key(form.value("version")) or 0,
                by=here.editor_id(),
                now=here.now(),
                allow_private=_allows_private(),
            )
        except InvalidError as error:
            form.take(error)
        except ConflictError:
            words = (
                "Somebody else changed this endpoint meanwhile. What you typed is kept: look it over, and save again."
            )
            form.refuse("name", words)
            return _page(endpoint_id, form=form), 409
        else:
            flash("Saved.", "done")
            return here.go(url_for("desk.webhook", endpoint_id=endpoint_id))
    return _page(endpoint_id, form=form), 422


@blueprint.post("/webhooks/<key:endpoint_id>/switch")
@needs(Right.MANAGE)
def switch_webhook(endpoint_id: int) -> Response:
    """Switches an endpoint on or off."""
    is_on = request.form.get("is_on") == "yes"
    edit.switch(here.db(), endpoint_id, is_on=is_on, by=here.editor_id(), now=here.now())
    flash("It is called again." if is_on else "It is not called any more.", "done")
    return here.go(url_for("desk.webhook", endpoint_id=endpoint_id))


@blueprint.post("/webhooks/<key:endpoint_id>/secret")
@needs(Right.MANAGE)
def renew_webhook_secret(endpoint_id: int) -> str:
    """Makes a new secret, and shows it this once."""
    return _page(
        endpoint_id,
        secret=edit.renew_secret(
            here.db(), endpoint_id, chance=_chance(), keys=here.app().keys, by=here.editor_id(), now=here.now()
        ),
    )


@blueprint.post("/webhooks/<key:endpoint_id>/test")
@needs(Right.MANAGE)
def test_webhook(endpoint_id: int) -> Response:
    """Has the endpoint called with a greeting."""
    edit.test(here.db(), endpoint_id, by=here.editor_id(), now=here.now())
    _hurry(endpoint_id)
    flash("A test is on its way. What is answered appears below within seconds.", "done")
    return here.go(url_for("desk.webhook", endpoint_id=endpoint_id), anchor="calls")


@blueprint.post("/webhooks/<key:endpoint_id>/remove")
@needs(Right.MANAGE)
def remove_webhook(endpoint_id: int) -> Response:
    """Removes an endpoint; the activity log puts it back."""
    edit.remove(here.db(), endpoint_id, is_removed=True, by=here.editor_id(), now=here.now())
    flash("Removed. Nothing is sent there any more; the activity log can put it back.", "done")
    return here.go(url_for("desk.webhooks"))


@blueprint.post("/webhooks/calls/<key:call_id>/again")
@needs(Right.MANAGE)
def call_webhook_again(call_id: int) -> Response:
    """Has a call made once more, under the id that it had."""
    with here.db().read() as session:
        endpoint_id = store.call_endpoint_id(session, call_id)
    try:
        edit.send_again(here.db(), call_id, by=here.editor_id(), now=here.now())
    except StateError as error:
        flash(str(error), "error")
    else:
        _hurry(endpoint_id)
        flash("It is sent again, under its own id.", "done")
    return here.go(url_for("desk.webhook", endpoint_id=endpoint_id), anchor="calls")


def _is_awaited(call: CallRow) -> bool:
    """Whether somebody looks for the answer to a test: for a minute, so that no page asks for ever."""
    is_fresh = here.now() - call.made_at < _AWAITED
    return call.kind is Kind.TEST and call.state is CallState.WAITING and is_fresh


def _chance() -> bytes:
    return secrets.token_bytes(signing.SECRET_BYTES)


def _allows_private() -> bool:
    return here.app().settings.allow_private_addresses


def _hurry(endpoint_id: int) -> None:
    """Queues the call at once: the clock looks every two seconds."""
    with here.db().write() as session:
        queue.enqueue(
            session, "call_webhooks", {"endpoint_id": endpoint_id}, now=here.now(), key=f"webhooks:{endpoint_id}"
        )


def _read(form: Form) -> EndpointForm | None:
    name = form.line("name", at_most=100, needed="Give it a name, so that you know it again.")
    url = form.line("url", at_most=2000, needed="Give the address that is to be called.")
    kinds = tuple(kind for kind in CHOICES if form.value(str(kind)) == "yes")
    if not kinds:
        form.refuse("kinds", "Choose at least one thing to be told of.")
    if not form.is_good:
        return None
    return EndpointForm(name, url, kinds, key(form.value("newsletter_id")), form.value("gets_personal") == "yes")


def _filled(endpoint: Endpoint) -> Form:
    told = {str(kind): "yes" for kind in endpoint.kinds}
    return Form(
        {
            "name": endpoint.name,
            "url": endpoint.url,
            "newsletter_id": str(endpoint.newsletter_id or ""),
            "gets_personal": "yes" if endpoint.gets_personal else "",
            "version": str(endpoint.version),
            **told,
        }
    )


def _newsletters() -> list[tuple[str, str]]:
    with here.db().read() as session:
        known = newsletters.newsletters(session)
    return [("", "All newsletters"), *((str(each.id), each.name) for each in known)]


def _form_page(form: Form) -> str:
    return render_template("desk/new_webhook.html", form=form, choices=CHOICES, newsletters=_newsletters())


def _page(endpoint_id: int, *, form: Form | None = None, secret: str | None = None) -> str:
    before = key(request.args.get("before"))
    with here.db().read() as session:
        endpoint = store.endpoint(session, endpoint_id)
        calls = store.calls(session, endpoint_id, before=before, limit=_CALLS_A_PAGE + 1)
    shown = _filled(endpoint) if form is None else form
    # What was typed is saved over what stands there now, which its reader has seen by then.
    version = endpoint.version
    return render_template(
        "desk/webhook.html",
        endpoint=endpoint,
        version=version,
        form=shown,
        secret=secret,
        choices=CHOICES,
        newsletters=_newsletters(),
        calls=calls[:_CALLS_A_PAGE],
        older=calls[_CALLS_A_PAGE - 1].id if len(calls) > _CALLS_A_PAGE else None,
        is_older=before is not None,
        is_awaited=before is None and any(_is_awaited(each) for each in calls[:1]),
        old_signs=endpoint.old_until is not None and endpoint.old_until > here.now(),
    )
