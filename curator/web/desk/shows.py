"""Shows of one's own: where each can be listened to, what its episodes still lack, and platforms that are no more."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.db import Session
from curator.episodes import edit, store
from curator.episodes.missing import missing
from curator.episodes.platforms import SIGNS, Platform, Sign, icon, known
from curator.episodes.values import EpisodeView, ListeningLink
from curator.errors import ConflictError, NotFoundError
from curator.web import here
from curator.web.desk import approval, conflict, downloads, link_rows
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key

PAGE_SIZE = 50


@dataclass(frozen=True)
class Line:
    """An episode in a show's list, with what its page still lacks."""

    view: EpisodeView
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """A platform with how many links lead to it, and whether it is retired."""

    platform: Platform
    sign: Sign
    icon: str
    links: int
    is_retired: bool


@blueprint.get("/shows")
def shows() -> str:
    """Lists the shows of one's own, and every platform."""
    with here.db().read() as session:
        rows, standings = store.show_rows(session), _standings(session)
    return render_template("desk/shows.html", shows=rows, standings=standings)


@blueprint.get("/shows/<key:feed_id>")
def show(feed_id: int) -> str:
    """Shows one show: its links as a form, its episodes."""
    with here.db().read() as session:
        links = store.show_row(session, feed_id).links
    return _page(feed_id, Form({**link_rows.values_of(links), "version": str(edit.links_version(links))}))


@blueprint.post("/shows/<key:feed_id>")
def change_show(feed_id: int) -> Response | tuple[str, int]:
    """Writes a show's listening links."""
    form = Form(request.form)
    with here.db().read() as session:
        known_show = store.show_row(session, feed_id)
    links = link_rows.read(form, site_url=known_show.site_url)
    if not form.is_good:
        return _page(feed_id, form), 422
    seen = key(form.value("version")) or 0
    try:
        edit.edit_show_links(here.db(), feed_id, links, expected_version=seen, by=here.editor_id(), now=here.now())
    except ConflictError:
        return _conflict(feed_id, form)
    flash(approval.after_facts(f"{known_show.title} can be listened to in {len(links)} places now."), "done")
    return here.go(url_for("desk.show", feed_id=feed_id))


@blueprint.post("/shows/platforms/<name>")
def change_platform(name: str) -> Response:
    """Retires a platform everywhere, or brings it back."""
    platform = known(name)
    if platform is None:
        raise NotFoundError("platform", name[:30])
    change, said = (
        (edit.bring_back, "is shown again wherever it is linked.")
        if request.form.get("do") == "back"
        else (edit.retire, "is taken down everywhere: pages, mail and lists leave it out.")
    )
    change(here.db(), platform, by=here.editor_id(), now=here.now())
    flash(approval.after_facts(f"{SIGNS[platform].name} {said}"), "done")
    return here.go(url_for("desk.shows"), anchor=f"platform-{platform}")


def _page(feed_id: int, form: Form) -> str:
    page = max(key(request.args.get("page")) or 1, 1)
    with here.db().read() as session:
        row = store.show_row(session, feed_id)
        page = min(page, 1 + max(row.episodes - 1, 0) // PAGE_SIZE)
        ids = store.episode_ids(session, feed_id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
        views, spoken = store.views(session, ids), store.transcribed(session, ids)
        retired = store.retired(session)
    return render_template(
        "desk/show.html",
        show=row,
        form=form,
        rows=link_rows.row_numbers(form),
        choices=link_rows.choices(retired),
        gone=_gone(row.links, retired),
        lines=[Line(views[each], missing(views[each], has_transcript=each in spoken)) for each in ids if each in views],
        page=page,
        pages=1 + max(row.episodes - 1, 0) // PAGE_SIZE,
        **downloads.of_show(feed_id),
    )


def _gone(links: tuple[ListeningLink, ...], retired: Collection[Platform]) -> list[str]:
    """Returns the places that are written down and shown nowhere."""
    return [link.name for link in links if link.platform in retired]


def _standings(session: Session) -> list[Standing]:
    retired, counts = store.retired(session), store.link_counts(session)
    return [
        Standing(platform, sign, icon(platform), counts.get(platform, 0), platform in retired)
        for platform, sign in SIGNS.items()
        if platform is not Platform.OTHER
    ]


def _conflict(feed_id: int, form: Form) -> tuple[str, int]:
    with here.db().read() as session:
        row = store.show_row(session, feed_id)
    theirs = link_rows.values_of(row.links)
    names = [name for name in {**theirs, **form.values} if name.startswith("link-")]
    pairs = [conflict.Pair(name, _label(name), theirs.get(name, ""), form.value(name), is_long=False) for name in names]
    return conflict.two_versions(
        f"The listening links of {row.title} were saved by someone else first",
        pairs,
        version=edit.links_version(row.links),
        action=url_for("desk.change_show", feed_id=feed_id),
        back=url_for("desk.show", feed_id=feed_id),
    )


def _label(name: str) -> str:
    _, field, number = name.split("-")
    return f"Link {int(number) + 1}, {field}"
