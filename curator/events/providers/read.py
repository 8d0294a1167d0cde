"""From a body that came in to the facts that it tells. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from curator.events import outcome
from curator.events.providers import mailgun, postmark, sendgrid, ses
from curator.events.providers.values import Fact, Provider, loaded

_READERS: Mapping[Provider, Callable[[Any], list[Fact]]] = {
    Provider.SES: ses.facts,
    Provider.POSTMARK: postmark.facts,
    Provider.MAILGUN: mailgun.facts,
    Provider.SENDGRID: sendgrid.facts,
}


def facts(provider: Provider, body: bytes) -> list[Fact]:
    """Returns the facts in a body, in its order; openings and clicks are none. Raises InvalidError."""
    return _READERS[provider](loaded(body))


def is_dead(fact: Fact) -> bool:
    """Tells whether a bounce says that the address is not there and never will be.

    The provider has to call it permanent, and what the receiving server said must not say otherwise; where that said
    nothing, the provider is believed.
    """
    if not fact.is_permanent:
        return False
    if outcome.is_reported_dead(fact.status, 550, fact.words):
        return True
    return (
        not fact.status and not any(letter.isdigit() for letter in fact.words) and not outcome.is_about_us(fact.words)
    )
