"""One item with all that is known of it; pages added by hand and by the bookmarklet."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError
from curator.feeds import reading
from curator.feeds import store as feeds
from curator.feeds.add import MAX_EXCERPT, MAX_TITLE, add_item, article_key
from curator.feeds.article import reading_time, word_count
from curator.feeds.articles import store
from curator.feeds.normalize import plain_text
from curator.http.values import MAX_URL
from curator.picks.ranking import store as ranking
from curator.picks.stories import store as stories
from curator.queue import store as queue
from curator.web import here
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form

# What a bookmarklet's address carries, by the name of the form's field.
_CARRIED = {"url": MAX_URL, "title": MAX_TITLE, "excerpt": MAX_EXCERPT, "image_url": MAX_URL}
# Words by which a long article and what is shown of it differ when nothing was cut off.
_A_LINE = 50


@blueprint.get("/items/<key:item_id>")
def item(item_id: int) -> str:
    """Shows an item: what its feed says, the article behind it, where else it was told, why it is offered."""
    newsletter = chosen(newsletters())
    with here.db().read() as session:
        found = feeds.item(session, item_id)
        article = store.article(session, item_id)
        twins = store.twins(session, item_id)
        same_page = {twin.id for twin in twins}
        offer = None if newsletter is None else ranking.offers_of(session, newsletter.id, [item_id]).get(item_id)
        return render_template(
            "desk/item.html",
            item=found,
            facts=store.item_facts(session, item_id),
            article=article,
            reading_time=reading_time(article.words) if article is not None and article.words else None,
            is_cut=article is not None and article.words - word_count(plain_text(article.html)) > _A_LINE,
            is_waiting=queue.is_unfinished(session, article_key(item_id)),
            twins=twins,
            tellers=[each for each in stories.others(session, found) if each.item_id not in same_page],
            newsletter=newsletter,
            reasons=[] if offer is None else offer.reasons_at(here.now(), item_at=found.at),
            may_read_again=article is None or article.at <= here.now() - reading.NOT_AGAIN_WITHIN,
        )


@blueprint.post("/items/<key:item_id>/read")
def read_item(item_id: int) -> Response:
    """Has an item's page read by a worker."""
    reading.ask_to_read(here.db(), item_id, now=here.now())
    flash("The page is being read. Look again in some seconds.", "done")
    return here.go(url_for("desk.item", item_id=item_id))


@blueprint.get("/items/add")
@needs(Right.WRITE)
def add_page() -> str:
    """Shows the form for a page, filled with what the bookmarklet carries; nothing is saved by a look."""
    given = {
        **request.args.to_dict(),
        "excerpt": request.args.get("text", ""),
        "image_url": request.args.get("image", ""),
    }
    return _form(Form({name: given.get(name, "")[:most] for name, most in _CARRIED.items()}))


@blueprint.post("/items/add")
def save_page() -> Response | tuple[str, int]:
    """Saves a page as an item; a known one is shown."""
    form = Form(request.form)
    title, excerpt = form.line("title", at_most=MAX_TITLE), form.text("excerpt", at_most=MAX_EXCERPT)
    url = form.line("url", at_most=MAX_URL, needed="Give the page's address.")
    if form.is_good:
        try:
            added = add_item(
                here.db(),
                url,
                title=title,
                excerpt=excerpt,
                image_url=form.value("image_url"),
                now=here.now(),
                by=here.editor_id(),
            )
        except InvalidError as error:
            form.take(error)
    if not form.is_good:
        return _form(form), 422
    flash("Saved. It is in the inbox." if added.is_new else "That page was here already.", "done")
    return here.go(url_for("desk.item", item_id=added.item_id))


@blueprint.get("/items/bookmarklet")
@needs(Right.WRITE)
def bookmarklet() -> str:
    """Explains the bookmarklet and offers it."""
    return render_template("desk/bookmarklet.html", script=_script(url_for("desk.add_page", _external=True)))


def _script(address: str) -> str:
    """Returns the link that people drag to their bookmarks: it opens the form with the page that they look at."""
    return (
        "javascript:(()=>{const e=encodeURIComponent,i=document.querySelector('meta[property=\"og:image\"]');"
        f"open('{address}?url='+e(location.href)+'&title='+e(document.title.slice(0,300))"
        "+'&text='+e(String(getSelection()).slice(0,1500))+'&image='+e(i?i.content:''))})()"
    )


def _form(form: Form) -> str:
    return render_template("desk/add_page.html", form=form)
