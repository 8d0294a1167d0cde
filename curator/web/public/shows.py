"""A show's page: where to listen, and its episodes, page by page or by words."""

from flask import Response, make_response, render_template, request, url_for

from curator.downloads import store as downloads
from curator.episodes import store
from curator.errors import NotFoundError
from curator.issues import compose
from curator.newsletters import store as newsletters
from curator.web import failures, forms, headers, here
from curator.web.public.archive import LIST_KEPT_S
from curator.web.public.door import blueprint
from curator.web.public.portraits import pictures_of

PAGE_SIZE = 20
_LONGEST_SEARCH = 200


@blueprint.get("/shows/<key:feed_id>")
def show(feed_id: int) -> Response:
    """Lists a show's episodes, newest first; with `q` only those in which these words stand."""
    words = request.args.get("q", "").replace("\0", "")[:_LONGEST_SEARCH].strip()
    page = forms.key(request.args.get("page", "1"))
    with here.db().read() as session:
        papers = newsletters.newsletters(session)
        try:
            row = store.show_row(session, feed_id)
        except NotFoundError:
            return _nothing(here.say("There is no such show"))
        total = store.episode_count(session, feed_id, words=words)
        pages = max(-(-total // PAGE_SIZE), 1)
        if page is None or page > pages:
            return _nothing(here.say("There is no such page of the show"))
        ids = store.found_ids(session, feed_id, words=words, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
        views = store.views(session, ids)
        offers = downloads.transcripts(session, ids)
        retired = store.retired(session)
        pictures = pictures_of(session, views.values())
    if papers:
        here.speak(papers[0].language)
    root = here.app().settings.public_url
    shown = render_template(
        "public/show.html",
        newsletter=papers[0] if len(papers) == 1 else None,
        show=row,
        links=[link for link in row.links if link.platform not in retired],
        episodes=[views[each] for each in ids if each in views],
        offers=offers,
        pictures=pictures,
        dated={each: compose.dated(view.told.at, language=view.told.language or "en") for each, view in views.items()},
        words=words,
        total=total,
        page=page,
        pages=pages,
        address=f"{root}{url_for('public.show', feed_id=feed_id)}",
    )
    # Another page for each word that somebody types is nobody's to find.
    return make_response(shown) if words else headers.shared(shown, for_s=LIST_KEPT_S)


def _nothing(title: str) -> Response:
    words = here.say("Its address is not quite right, or the show is not published here any more.")
    return make_response(failures.letter_page(404, title, words))
