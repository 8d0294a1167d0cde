"""Rules about what stands in a link's address: people's data, and where it really leads."""

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from curator.feeds.normalize import canonical_url
from curator.issues.checks.links import at, once
from curator.issues.checks.values import Facts, Group, Level, Rule, Spot

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PERSONS = frozenset(
    {
        *("email", "e-mail", "e_mail", "emailaddress", "email_address", "mail", "subscriber", "subscriber_id"),
        *("contact_id", "recipient", "recipient_id", "user_id", "userid", "member_id", "mc_eid", "ck_subscriber_id"),
    }
)
_SECRETS = frozenset(
    {
        *("access_token", "api_key", "apikey", "auth", "auth_token", "authtoken", "id_token", "jwt", "magic", "otp"),
        *("password", "passwd", "pwd", "refresh_token", "reset_token", "secret", "session", "session_id", "sessionid"),
        *("sid", "sso", "token", "x-amz-signature", "unsubscribe_token"),
    }
)
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_BARE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def _personal(facts: Facts) -> Iterator[Spot]:
    for link in once(facts):
        if link.url.casefold().startswith("http") and (found := _told_of_whom(link.url)):
            words = f"A link in {link.where} carries {found}, and every reader would get it."
            yield at(link)(words, "Open it signed out, and take that address.")


def _told_of_whom(url: str) -> str:
    """Returns in words what of a person, or for one person, stands in a URL; empty for nothing."""
    try:
        parts = urlsplit(url)
        names = {name.casefold() for name, _ in parse_qsl(f"{parts.query}&{parts.fragment}", max_num_fields=100)}
    except ValueError:
        return ""
    if parts.username:
        return "a name to sign in by"
    if _ADDRESS.search(unquote(f"{parts.query} {parts.fragment}")):
        return "an e-mail address"
    if found := sorted(names & _PERSONS):
        return f"whose link it is (“{found[0]}”)"
    if found := sorted(names & _SECRETS):
        return f"a key (“{found[0]}”)"
    return "a key" if _JWT.search(url) else ""


def _leads_on(facts: Facts) -> Iterator[Spot]:
    for link in once(facts):
        look = facts.looks.get(link.url)
        if look is not None and look.leads_to and not link.is_listen and not _is_same(link.url, look.leads_to):
            yield at(link)(f"A link in {link.where} leads on to another page: {look.leads_to}", "Link to that page.")


def _is_same(url: str, other: str) -> bool:
    """Tells whether only https, www, a slash or tracking was put in."""
    return (canonical_url(url) or url) == (canonical_url(other) or other)


def _bare(facts: Facts) -> Iterator[Spot]:
    for link in facts.links:
        if link.is_text and _BARE.fullmatch(link.words.strip()):
            words = f"A link in {link.where} is a bare address, which is spelt out to whoever hears it."
            yield at(link)(words, "Write words that say where it leads.")


def _warning(code: str, fine: str, look: Callable[[Facts], Iterator[Spot]]) -> Rule:
    return Rule(code, Group.LINKS, Level.WARNS, fine, look)


RULES: Sequence[Rule] = (
    Rule("link-personal", Group.LINKS, Level.BLOCKS, "No link carries what is one person's own.", _personal),
    _warning("link-leads-on", "No link is known to lead on elsewhere.", _leads_on),
    _warning("link-bare", "No link is a bare address.", _bare),
)
"""In the order of the list."""
