"""What mail providers told, for owners: the address to enter at each, what came in, and what was refused and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template

from curator.accounts.values import Right
from curator.events.inbox import store
from curator.events.inbox.values import Count
from curator.events.providers.judge import Why, hook_secret
from curator.events.providers.values import FactKind, Provider
from curator.web import here
from curator.web.desk.door import blueprint, needs

_SHOWN = timedelta(days=30)
_SETTINGS = {
    Provider.SES: "CURATOR_HOOK_SES_TOPICS",
    Provider.POSTMARK: "CURATOR_HOOK_POSTMARK",
    Provider.MAILGUN: "CURATOR_HOOK_MAILGUN_KEY",
    Provider.SENDGRID: "CURATOR_HOOK_SENDGRID_KEY",
}
_WHAT = {
    Why.TAKEN: "Calls taken",
    Why.AGAIN: "Came a second time, which is fine",
    Why.FORGED: "Refused: the signature did not fit",
    Why.REPLAYED: "Refused: sent before (a replay)",
    Why.STALE: "Refused: signed too long ago, or a clock is wrong",
    Why.WRONG_DOOR: "Refused: wrong address, name or password",
    Why.WRONG_TOPIC: "Refused: a topic that the settings do not name",
    Why.BROKEN: "Refused: no JSON, or not in the provider's form",
    Why.WRONG_TYPE: "Refused: another content type than JSON",
    Why.TOO_LARGE: "Refused: larger than 2 MB",
    Why.FULL: "Put off: too many waited for a certificate",
    FactKind.DELIVERED: "Delivered",
    FactKind.BOUNCED: "Bounced",
    FactKind.COMPLAINED: "Called spam",
    FactKind.UNSUBSCRIBED: "Unsubscribed at the provider",
    "not ours": "Dropped: about mail that Curator did not send",
    "unknown": "Dropped: no such mailing here, after five days",
    "told again": "Told a second time, and counted once",
    "nothing to do": "Openings, clicks and what is still on its way",
    "not understood": "Not understood",
    "topic confirmed": "Topic confirmed",
    "topic not confirmed": "Topic not confirmed: Amazon could not be reached for three days",
    "topic ended": "Topic ended at Amazon",
}


@dataclass(frozen=True)
class Shown:
    """A provider as the page shows it; `address` is None while its setting is missing."""

    provider: Provider
    setting: str
    address: str | None
    counts: Sequence[tuple[str, int, datetime]]


@blueprint.get("/providers")
@needs(Right.MANAGE)
def providers() -> str:
    """Shows each provider with its address and the sums of a month."""
    with here.db().read() as session:
        standing = store.standing(session, since=(here.now() - _SHOWN).date())
    firms = [_shown(provider, [each for each in standing.counts if each.provider is provider]) for provider in Provider]
    known = {str(what): words for what, words in _WHAT.items()}
    refused = [
        (each.at, each.provider.firm, known.get(each.why, each.why).removeprefix("Refused: "))
        for each in standing.refused
    ]
    return render_template(
        "desk/providers.html", firms=firms, standing=standing, refused=refused, most=store.MOST_COUNTED
    )


def _shown(provider: Provider, counts: Sequence[Count]) -> Shown:
    app = here.app()
    address = f"{app.settings.public_url}/hooks/{provider}"
    if provider is Provider.POSTMARK:
        address += f"/{hook_secret(app.keys)}"
    known = {str(what): words for what, words in _WHAT.items()}
    order = list(known)
    told = sorted(counts, key=lambda each: order.index(each.what) if each.what in known else len(order))
    rows = [(known.get(each.what, each.what), each.number, each.last_at) for each in told]
    return Shown(provider, _SETTINGS[provider], address if app.doors.has(provider) else None, rows)
