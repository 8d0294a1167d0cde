"""A newsletter's sign-up: the interests that it offers, whom it does not take, and its form on the show's own site."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.audience.joining import edit
from curator.audience.joining import store as joining
from curator.audience.values import InterestForm, SignUpRules, Welcome
from curator.errors import InvalidError
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key
from curator.web.public import embeds, promise

# Empty rows at the end of the interests' list, for new ones.
_SPARE = 2
WELCOMES = [
    (Welcome.ASK, "Ask once: one letter in 7 days"),
    (Welcome.ALLOW, "Like any other"),
    (Welcome.REFUSE, "Refuse, and say so"),
]


@blueprint.get("/newsletter/sign-up")
@needs(Right.MANAGE)
def on_site() -> str | Response:
    """Shows how a newsletter is signed up for, with what to paste into the show's own site."""
    known = chosen(newsletters())
    return here.go(url_for("desk.new_newsletter")) if known is None else _page(Form(_values(known)), known)


@blueprint.post("/newsletter/sign-up/interests")
@needs(Right.MANAGE)
def change_interests() -> Response | tuple[str, int]:
    """Names, orders, renames and removes interests."""
    known = chosen(newsletters())
    if known is None:
        return here.go(url_for("desk.new_newsletter"))
    form = Form(request.form)
    try:
        is_changed = edit.change_interests(here.db(), known.id, _interests(form), by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.refuse("interest-name-0", error.reason)
        return _page(Form(_values(known) | form.values, form.errors), known), 422
    flash("The interests are saved." if is_changed else "Nothing was changed.", "done")
    return here.go(url_for("desk.on_site", newsletter=known.id), anchor="interests")


@blueprint.post("/newsletter/sign-up")
@needs(Right.MANAGE)
def change_sign_up() -> Response | tuple[str, int]:
    """Writes whom a newsletter does not take like any other, and where its forms may stand."""
    known = chosen(newsletters())
    if known is None:
        return here.go(url_for("desk.new_newsletter"))
    form = Form(request.form)
    wanted = _rules(form)
    if wanted is None:
        return _page(Form(_values(known) | form.values, form.errors), known), 422
    is_changed = edit.change_rules(here.db(), known.id, wanted, by=here.editor_id(), now=here.now())
    flash("The rules are saved." if is_changed else "Nothing was changed.", "done")
    return here.go(url_for("desk.on_site", newsletter=known.id), anchor="rules")


def _rules(form: Form) -> SignUpRules | None:
    choices = [value for value, _ in WELCOMES]
    role = form.choice("role_addresses", choices, default=Welcome.ASK)
    disposable = form.choice("disposable_addresses", choices, default=Welcome.ASK)
    own_page = form.line("own_page", at_most=500)
    origins = form.text("frame_origins", at_most=2000)
    for check, text in ((embeds.checked_page, own_page), (embeds.checked_origins, origins)):
        try:
            check(text)
        except InvalidError as error:
            form.take(error)
    return SignUpRules(role, disposable, embeds.checked_origins(origins), own_page) if form.is_good else None


def _interests(form: Form) -> list[InterestForm]:
    """Returns the rows in the order of their places; equal places, and rows without one, in the page's order."""
    rows = []
    for number in range(edit.MOST_INTERESTS + _SPARE + 1):
        name = form.value(f"interest-name-{number}")
        place = key(form.value(f"interest-place-{number}")) or edit.MOST_INTERESTS + 1
        if name.strip():
            rows.append((place, number, InterestForm(name, key(form.value(f"interest-id-{number}")))))
    return [each for _, _, each in sorted(rows, key=lambda row: row[:2])]


def _values(known: NewsletterSpec) -> dict[str, str]:
    with here.db().read() as session:
        rules, offered = joining.rules(session, known.id), joining.interests(session, [known.id])[known.id]
    values = {
        "role_addresses": rules.role_addresses.value,
        "disposable_addresses": rules.disposable_addresses.value,
        "frame_origins": "\n".join(rules.frame_origins),
        "own_page": rules.own_page,
    }
    for number, each in enumerate(offered):
        values |= {
            f"interest-id-{number}": str(each.id),
            f"interest-name-{number}": each.name,
            f"interest-place-{number}": str(number + 1),
        }
    return values


def _page(form: Form, known: NewsletterSpec) -> str:
    with here.db().read() as session:
        offered = joining.interests(session, [known.id])[known.id]
        chose = joining.interest_readers(session, [each.id for each in offered])
        rules = joining.rules(session, known.id)
    return render_template(
        "desk/on_site.html",
        form=form,
        newsletter=known,
        all_newsletters=newsletters(),
        rows=range(min(len(offered) + _SPARE, edit.MOST_INTERESTS)),
        chose={str(id_): number for id_, number in chose.items()},
        welcomes=[(value.value, label) for value, label in WELCOMES],
        base=here.app().settings.public_url,
        rules=rules,
        words=_words(known),
    )


def _words(known: NewsletterSpec) -> str:
    """Returns what is agreed to by the form, in the newsletter's own language; the desk goes on in its own."""
    spoken = here.speech().lang
    here.speak(known.language)
    words = promise.sign_up(known)
    here.speak(spoken)
    return words
