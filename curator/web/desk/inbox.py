"""The inbox: the list of what is new, and everything that can be done with one of its items."""

import json

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.feeds.health import store as health
from curator.picks.inbox import store as rows
from curator.picks.values import InboxOrder
from curator.web import here
from curator.web.desk import inbox_answer, inbox_order, inbox_page
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint
from curator.web.desk.inbox_asked import asked, older, ordered
from curator.web.forms import key


@blueprint.get("/inbox")
def inbox() -> Response | str:
    """Shows a page of the inbox; a script that asks for more gets its rows alone."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Inbox")
    with here.db().read() as session:
        wanted, order = inbox_order.settled(session, newsletter, asked())
        given = inbox_page.context(session, newsletter, wanted)
        found, has_more = inbox_page.rows(session, newsletter.id, wanted, given["mutes"])
        given["rows"] = inbox_page.remembered(session, newsletter.id, found)
        given["older"] = older(newsletter.id, wanted, found[-1]) if has_more else None
        if here.is_fragment():
            return inbox_answer.part(render_template("desk/_inbox_more_rows.html", **given))
        given["hidden"] = inbox_page.hidden(session, newsletter.id, wanted, given, has_more=has_more)
        given["feeds"] = rows.feed_names(session, chosen=wanted.narrowing.feed_id)
        given["run"] = health.run(session, now=here.now())
        given |= {"is_fetching": given["run"].is_on(now=here.now()), "is_over": False}
        given["languages"] = rows.languages(session)
        given |= {"order": order, "orders": {each: ordered(newsletter.id, wanted, each) for each in InboxOrder}}
        page = make_response(render_template("desk/inbox.html", all_newsletters=all_newsletters, **given))
    page.vary.add("HX-Request")
    return page


@blueprint.get("/inbox/fetching")
def fetching() -> Response:
    """Gives a script how far the feeds have been asked; its last answer asks no more, and leads to what came."""
    with here.db().read() as session:
        run = health.run(session, now=here.now())
    is_on, newsletter_id = run.is_on(now=here.now()), key(request.args.get("newsletter"))
    given = {"run": run, "is_fetching": is_on, "is_over": not is_on, "newsletter_id": newsletter_id}
    address = url_for("desk.inbox", newsletter=newsletter_id)
    answer = inbox_answer.part(render_template("desk/_inbox_fetching.html", address=address, **given))
    if not is_on:
        answer.headers["HX-Trigger"] = json.dumps({"curator:say": {"words": "All feeds are fetched."}})
    return answer


@blueprint.get("/inbox/<key:item_id>")
def inbox_item(item_id: int) -> Response | str:
    """Shows everything that can be done with one item; a script gets it as a part of the item's row."""
    with here.db().read() as session:
        given = inbox_page.item_context(session, inbox_page.newsletter(), item_id)
    if here.is_fragment():
        return inbox_answer.part(render_template("desk/_inbox_deeds.html", **given))
    return render_template("desk/inbox_item.html", **(given | {"is_page": True}))


@blueprint.get("/inbox/<key:item_id>/row")
def inbox_row(item_id: int) -> Response:
    """Gives a script an item's row as it stands now: nothing where it has left the list."""
    return inbox_answer.row(inbox_page.newsletter(), item_id)
