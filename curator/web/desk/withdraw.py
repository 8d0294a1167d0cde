"""Withdrawing a quote or a person: what it would touch, and the act itself, which takes a typed word."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.episodes.quotes import store as quotes
from curator.episodes.quotes.values import QuoteView
from curator.errors import NotFoundError, StateError
from curator.mailings.withdrawn import withdraw as arrow
from curator.mailings.withdrawn.values import Kind, Plan, What
from curator.names import cleaned_name
from curator.web import here, words
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key

SURE = "withdraw"
"""What is typed to withdraw a quote; a person is withdrawn by typing the name again."""

_LONGEST_NAME = 120
# Of one word that many people have, whatever was meant, too much would go.
_SHORTEST_NAME = 3


@blueprint.get("/withdraw")
@needs(Right.MANAGE)
def withdrawal() -> str | tuple[str, int]:
    """Asks who or what is to be withdrawn; with an answer it tells what that would touch, and changes nothing."""
    form = Form(request.args)
    what = _what(form)
    return _page(form, what), 200 if form.is_good else 422


@blueprint.post("/withdraw")
@needs(Right.MANAGE)
def do_withdraw() -> Response | tuple[str, int]:
    """Withdraws what was shown, once the word is typed."""
    form = Form(request.form)
    what = _what(form)
    if what is None:
        return _page(form, None), 422
    typed, wanted = form.line("sure", at_most=_LONGEST_NAME), what.name or SURE
    if typed.casefold() != wanted.casefold():
        form.refuse("sure", f"Type “{wanted}” to say that you mean it.")
        return _page(form, what), 422
    app = here.app()
    try:
        made = arrow.withdraw(app.db, app.renderer, app.pictures, what, by=here.editor_id(), now=here.now())
    except NotFoundError:
        form.refuse("name", "Nothing of it is kept any more.")
        return _page(form, None), 422
    except StateError as error:
        form.refuse("sure", str(error))
        return _page(form, what), 422
    flash(_done(made), "done")
    return here.go(url_for("desk.withdrawal"))


def _what(form: Form) -> What | None:
    """Returns what the form names; None where it names nothing, or nothing that can be looked for."""
    quote_id = key(form.value("quote") or None)
    if quote_id is not None:
        return What(Kind.QUOTE, quote_id=quote_id)
    if "name" not in form.values:
        return None
    name = cleaned_name(form.line("name", at_most=_LONGEST_NAME, needed="Give the name as it stands in your episodes."))
    if form.is_good and len(name) < _SHORTEST_NAME:
        form.refuse("name", f"A name of at least {_SHORTEST_NAME} letters: a shorter one stands in too many words.")
    return What(Kind.PERSON, name=name) if form.is_good else None


def _page(form: Form, what: What | None) -> str:
    plan = None if what is None else arrow.preview(here.db(), what)
    return render_template(
        "desk/withdraw.html",
        form=form,
        what=what,
        quote=_quote(what),
        plan=None if plan is None or plan.is_empty else plan,
        sure=SURE if what is None or not what.name else what.name,
    )


def _quote(what: What | None) -> QuoteView | None:
    if what is None or what.quote_id is None:
        return None
    with here.db().read() as session:
        return quotes.quotes_by_id(session, [what.quote_id]).get(what.quote_id)


def _done(made: Plan) -> str:
    told = [words.count(len(made.quotes), "quote")] if made.quotes else []
    told += [words.count(made.turns, "turn of a transcript", "turns of transcripts")] if made.turns else []
    told += [words.count(len(made.issues), "issue")] if made.issues else []
    return f"Withdrawn, out of {', '.join(told)}." if told else "Withdrawn."
