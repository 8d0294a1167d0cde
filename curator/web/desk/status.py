"""How the installation stands, for whoever runs it: what is open, what works, what waits."""

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response

from curator import __version__, schema
from curator.accounts import store as accounts
from curator.accounts.values import Right
from curator.watch import heartbeat, keep, store, tell
from curator.watch.look import look
from curator.web import here
from curator.web.desk.door import blueprint, needs

_PAST = 30


@blueprint.get("/status")
@needs(Right.MANAGE)
def status() -> str:
    """Shows alerts and figures; it reads small tables and counters only."""
    app = here.app()
    stands, limits = look(app), keep.limits_of(app)
    with here.db().read() as session:
        people = {each.id: each.name for each in accounts.editors(session)}
        return render_template(
            "desk/status.html",
            stands=stands,
            limits=limits,
            open_alerts=store.open_alerts(session),
            past_alerts=store.closed_alerts(session, limit=_PAST),
            people=people,
            version=__version__,
            schema=schema.newest(),
            database=here.db().shown,
            is_watched=app.settings.heartbeat_url is not None,
            is_called=app.settings.alert_webhook_url is not None,
            why_silent=heartbeat.why_silent(stands, limits),
            why_unwritten=tell.why_unwritten(session, app),
        )


@blueprint.post("/status/alerts/<key:alert_id>/take")
@needs(Right.MANAGE)
def take_alert(alert_id: int) -> Response:
    """Notes that whoever presses sees to it."""
    keep.take(here.db(), alert_id, by=here.editor_id(), now=here.now())
    flash("You see to it: nobody is told of it again.", "done")
    return here.go(url_for("desk.status"))


@blueprint.post("/status/alerts/<key:alert_id>/leave")
@needs(Right.MANAGE)
def leave_alert(alert_id: int) -> Response:
    """Takes that back."""
    keep.leave(here.db(), alert_id, by=here.editor_id(), now=here.now())
    flash("Nobody sees to it: it is told again once a day.", "done")
    return here.go(url_for("desk.status"))
