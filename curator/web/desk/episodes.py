"""An episode: all that its page and the mail say of it, to be corrected and completed."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.episodes import edit, illustrate, store
from curator.episodes.missing import missing
from curator.episodes.suggest import suggestions
from curator.episodes.values import EpisodeView
from curator.errors import ConflictError, InvalidError
from curator.web import here
from curator.web.desk import approval, conflict, downloads, link_rows
from curator.web.desk import episode_form as fields
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key


@blueprint.get("/shows/episodes/<key:item_id>")
def episode(item_id: int) -> str:
    """Shows an episode as a form, with what the feed suggests."""
    view = _view(item_id)
    return _page(view, Form(fields.values_of(view)))


@blueprint.post("/shows/episodes/<key:item_id>")
def change_episode(item_id: int) -> Response | tuple[str, int]:
    """Writes what was typed, whichever button was pressed, and then what that button takes over."""
    form, view = Form(request.form), _view(item_id)
    which = form.value("do", "save")
    typed = fields.read(form, view)
    if not form.is_good:
        return _page(view, form), 422
    words = fields.with_suggestions(typed.words, view, suggestions(view), which)
    seen = key(form.value("version")) or 0
    try:
        edit.edit_episode(
            here.db(), item_id, words, typed.links, expected_version=seen, by=here.editor_id(), now=here.now()
        )
    except ConflictError:
        return _conflict(_view(item_id), form)
    except InvalidError as error:  # a list that was full took more over
        form.take(error)
        return _page(view, form), 422
    illustrate.want(here.db(), [item_id], now=here.now())
    said = "is saved." if which == "save" else f"is saved with the {which} that were suggested."
    flash(approval.after_facts(f"“{view.title}” {said}"), "done")
    return here.go(url_for("desk.episode", item_id=item_id), anchor={"save": "", "people": "guests"}.get(which, which))


def _view(item_id: int) -> EpisodeView:
    with here.db().read() as session:
        return store.view(session, item_id)


def _page(view: EpisodeView, form: Form) -> str:
    with here.db().read() as session:
        has_transcript = view.item_id in store.transcribed(session, [view.item_id])
        retired = store.retired(session)
    return render_template(
        "desk/episode.html",
        episode=view,
        form=form,
        guests=fields.row_numbers(form, "guest"),
        mentions=fields.row_numbers(form, "mention"),
        links=link_rows.row_numbers(form),
        choices=link_rows.choices(retired),
        kinds=[(kind.value, label) for kind, label in fields.KINDS],
        offered=suggestions(view),
        missing=missing(view, has_transcript=has_transcript),
        **downloads.beside_episode(view.item_id),
    )


def _conflict(view: EpisodeView, form: Form) -> tuple[str, int]:
    theirs, mine = fields.mine(form, view)
    pairs = [
        conflict.Pair(name, fields.label_of(name), theirs.get(name, ""), mine[name], is_long=fields.is_long(name))
        for name in mine
    ]
    return conflict.two_versions(
        f"“{view.title}” was saved by someone else first",
        pairs,
        version=view.version,
        action=url_for("desk.change_episode", item_id=view.item_id),
        back=url_for("desk.episode", item_id=view.item_id),
    )
