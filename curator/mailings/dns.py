"""Judges a sender's DNS records: who may send for the domain (SPF), what is signed (DKIM), what receivers do (DMARC),
and whether bounces come back (MX, return path). Pure: the records were looked up by somebody else.
"""

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass

from curator.findings import Finding, Level, Record
from curator.http.values import Looked, Outcome

# RFC 7208 4.6.4: a receiver gives up (permerror) after ten of these.
_MOST_LOOK_UPS = 10
_LOOK_UP = re.compile(r"[+?~-]?(include:|a([:/]|$)|mx([:/]|$)|ptr(:|$)|exists:)|redirect=", re.IGNORECASE)
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
# Whoever keeps a domain may write anything into it, and what is found goes to pages and terminals.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_LONGEST_SHOWN = 500
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True)
class Needed:
    """A record that a sender's domain needs: its kind, where it lies, what stands in it, and what it is for."""

    kind: str
    name: str
    value: str
    why: str


def needed(domain: str) -> tuple[Needed, ...]:
    """Returns the records that mail from this domain needs; what only the relay's keeper knows stands in capitals."""
    return (
        Needed(
            "TXT",
            domain,
            "v=spf1 include:YOUR-RELAY ~all",
            "SPF: names the servers that may send for you. Only one such record may be there.",
        ),
        Needed(
            "TXT",
            dkim_name(domain, "SELECTOR"),
            "v=DKIM1; k=rsa; p=KEY",
            "DKIM: the key that your relay signs with. Its keeper tells you selector and key.",
        ),
        Needed(
            "TXT",
            dmarc_name(domain),
            f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}",
            "DMARC: what receivers do with mail that neither SPF nor DKIM vouches for.",
        ),
        Needed("MX", domain, "10 YOUR-MAIL-SERVER", "Brings bounces and answers back to you."),
    )


# --- where to look


def dmarc_name(domain: str) -> str:
    """Returns the name under which a domain's DMARC record lies."""
    return f"_dmarc.{domain}"


def dmarc_names(domain: str) -> tuple[str, ...]:
    """Returns where a receiver looks for the policy, in order: the domain itself, then those above it.

    The last label alone belongs to nobody. Receivers go up at most eight steps.
    """
    labels = domain.split(".")
    return tuple(dmarc_name(".".join(labels[start:])) for start in range(max(1, len(labels) - 1)))[:8]


def dkim_name(domain: str, selector: str) -> str:
    """Returns the name under which a selector's key lies."""
    return f"{selector}._domainkey.{domain}"


def is_selector(text: str) -> bool:
    """Tells whether a text can be a DKIM selector."""
    return len(text) <= 63 and _SELECTOR.fullmatch(text) is not None


# --- verdicts


def spf(domain: str, looked: Looked) -> Finding:
    """Judges a domain's TXT records as to who may send for it (RFC 7208)."""
    about = f"SPF of {domain}"
    if not looked.outcome.is_answer:
        return _unknown(about, looked)
    found = [text for text in looked.records if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if not found:
        todo = f"Add a TXT record to {domain}; its keeper says what stands in for YOUR-RELAY."
        return Finding(Level.WRONG, about, "There is none.", todo, _record(needed(domain)[0]))
    if len(found) > 1:
        return Finding(
            Level.WRONG,
            about,
            f"There are {len(found)}, so receivers count none of them.",
            "Put what they say into one record and take the others away.",
        )
    return _spf_record(about, found[0])


def _spf_record(about: str, record: str) -> Finding:
    terms = record.lower().split()[1:]
    look_ups = sum(_LOOK_UP.match(term) is not None for term in terms)
    if "+all" in terms or "all" in terms:
        return Finding(
            Level.WRONG,
            about,
            f"It lets the whole world send for you: {_shown(record)}",
            "End it with ~all or -all instead.",
        )
    if look_ups > _MOST_LOOK_UPS:
        return Finding(
            Level.WRONG,
            about,
            f"It asks for {look_ups} other look-ups; receivers give up after {_MOST_LOOK_UPS}.",
            "Take out what no longer sends for you.",
        )
    if not {"~all", "-all"} & set(terms) and not any(term.startswith("redirect=") for term in terms):
        return Finding(Level.LOOK, about, f"It refuses nobody: {_shown(record)}", "End it with ~all or -all.")
    return Finding(Level.OK, about, _shown(record), "")


def dmarc(domain: str, looked: Sequence[Looked], *, return_domain: str | None = None) -> Finding:
    """Judges the policy that receivers find; `looked` holds the answers to `dmarc_names`, in that order.

    `return_domain` is where bounces come back to, None where that is the sender's own domain.
    """
    about = f"DMARC of {domain}"
    for answer in looked:
        found = [text for text in answer.records if re.match(r"v=DMARC1\s*(;|$)", text)]
        if len(found) > 1:
            return Finding(
                Level.WRONG, about, f"{answer.name} has {len(found)}, so receivers count none.", "Keep one of them."
            )
        if found:
            return _dmarc_record(about, domain, found[0], return_domain or domain)
        if not answer.outcome.is_answer:
            return _unknown(about, answer)
    example = needed(domain)[2]
    return Finding(
        Level.LOOK,
        about,
        "There is none; Gmail and Yahoo ask for one from everybody who sends to many.",
        f"Add a TXT record to {example.name}.",
        _record(example),
    )


def _dmarc_record(about: str, domain: str, record: str, return_domain: str) -> Finding:
    tags = _tags(record)
    if tags.get("p", "").lower() not in _POLICIES:
        return Finding(
            Level.WRONG,
            about,
            f"It names no policy: {_shown(record)}",
            "Begin it with v=DMARC1; p=none; and go on from there.",
        )
    if tags.get("adkim", "r").lower() == "s":
        signs = f"your relay must sign as {domain} itself, because adkim=s asks for exactly this name"
    else:
        signs = f"your relay must sign as {domain} or a name of the same organisation"
    if tags.get("aspf", "r").lower() == "s" and return_domain != domain:
        todo = (
            f"Its aspf=s wants bounces to come back to exactly {domain}; they go to {return_domain}, so SPF counts not."
        )
        return Finding(Level.LOOK, about, _shown(record), f"{todo} DKIM alone does: {signs}.")
    spf_counts = "SPF is aligned" if is_aligned(return_domain, domain) else "SPF is not aligned, so DKIM alone counts"
    todo = f"The envelope bears {return_domain}: {spf_counts}. For DKIM to be aligned, {signs}."
    return Finding(Level.OK, about, _shown(record), todo)


def dkim(domain: str, selector: str, looked: Looked) -> Finding:
    """Judges the key that lies under a selector (RFC 6376 3.6.1)."""
    about = f"DKIM of {domain}, selector {selector}"
    key = _only_key(about, looked)
    return key if isinstance(key, Finding) else Finding(Level.OK, about, "Its key is there.")


def own_dkim(domain: str, selector: str, expected: str, looked: Looked) -> Finding:
    """Judges whether the record of a key that Curator signs with is published; `expected` is its text."""
    about = f"DKIM of {domain}, Curator's selector {selector}"
    record = Record("TXT", dkim_name(domain, selector), expected)
    if looked.outcome.is_answer and not _keys(looked):
        return Finding(
            Level.WRONG,
            about,
            "It is not there yet, so no receiver can verify what Curator signs.",
            f"Add this TXT record to {record.name}.",
            record,
        )
    key = _only_key(about, looked)
    if isinstance(key, Finding):
        return key
    if key != _key(_tags(expected)):
        return Finding(
            Level.WRONG,
            about,
            "The record has another key than the one that Curator signs with.",
            "Put this record in its place, or name the key that belongs to it in CURATOR_DKIM_KEYS.",
            record,
        )
    return Finding(Level.OK, about, "The record has the key that Curator signs with.")


def _only_key(about: str, looked: Looked) -> str | Finding:
    """Returns the one key that lies there, or what is wrong with it."""
    if not looked.outcome.is_answer:
        return _unknown(about, looked)
    keys = _keys(looked)
    if len(keys) == 1 and keys[0] and _is_base64(keys[0]):
        return keys[0]
    return _bad_key(about, looked.name, keys)


def _bad_key(about: str, name: str, keys: Sequence[str]) -> Finding:
    if not keys:
        what, todo = f"No key lies at {name}.", "Ask your relay's keeper for selector and key."
    elif len(keys) > 1:
        what, todo = f"{name} has {len(keys)} keys; receivers expect one.", "Keep the one in use."
    elif not keys[0]:
        what, todo = "Its key was taken back (p= is empty).", "Sign with another selector, or renew the key."
    else:
        what, todo = "Its key is damaged.", "Copy the record anew, whole and without line breaks."
    return Finding(Level.WRONG, about, what, todo)


def _keys(looked: Looked) -> list[str]:
    found = (_tags(text) for text in looked.records)
    return [_key(tags) for tags in found if "p" in tags and tags.get("v", "DKIM1") == "DKIM1"]


def _key(tags: dict[str, str]) -> str:
    return "".join(tags["p"].split())


def dkim_unknown(domain: str) -> Finding:
    """Returns what can be said while no selector is known: keys lie under names that only the signer knows."""
    return Finding(
        Level.LOOK,
        f"DKIM of {domain}",
        "Not looked at: no selector was named.",
        f"Curator signs nothing from {domain}. If your relay does, curator doctor --selector NAME looks at its key; if "
        f"nobody does, curator dkim make {domain} makes one.",
    )


def mx(domain: str, looked: Looked) -> Finding:
    """Judges whether bounces find their way back to the sender's domain (RFC 5321 5.1, RFC 7505)."""
    about = f"MX of {domain}"
    if looked.outcome is Outcome.NO_NAME:
        return Finding(
            Level.WRONG,
            about,
            f"There is no domain {domain}, so many receivers refuse its mail.",
            "Check the sender's address for a slip of the keyboard.",
        )
    if not looked.outcome.is_answer:
        return _unknown(about, looked)
    if looked.records == (".",):
        return Finding(
            Level.WRONG,
            about,
            "The domain says that it takes no mail, so no bounce comes back.",
            f"Let an MX record of {domain} name a mail server, or choose another sender's address.",
        )
    if not looked.records:
        return Finding(
            Level.LOOK,
            about,
            "There is none: bounces come back only if the domain's web server takes mail.",
            f"Let an MX record of {domain} name the server that takes your mail.",
            _record(needed(domain)[3]),
        )
    return Finding(Level.OK, about, f"Bounces come back to {', '.join(looked.records)}.", "")


def return_path(address: str | None, domain: str) -> Finding:
    """Judges where bounces come back to, for mail whose From is of this domain (RFC 7489 3.1.2)."""
    about = "Return path"
    if address is None:
        return Finding(
            Level.LOOK,
            about,
            "Bounces go to the newsletter's own address, where Curator does not read them.",
            "Set CURATOR_BOUNCE_ADDRESS and CURATOR_BOUNCE_MAILDIR, and start Curator anew.",
        )
    return_domain = address.rpartition("@")[2]
    if not is_aligned(return_domain, domain):
        return Finding(
            Level.LOOK,
            about,
            f"Bounces come back to {address}. That is neither at {domain} nor below it: SPF does not count for DMARC.",
            f"Take an address at {domain} or below it, such as bounces@bounces.{domain}. Until then DKIM alone counts.",
        )
    return Finding(Level.OK, about, f"Bounces come back to {address}, with a token of each message behind a plus.")


def is_aligned(return_domain: str, from_domain: str) -> bool:
    """Tells whether SPF for one domain counts for the other (relaxed): they are the same, or one lies below the other.

    Receivers compare the names that somebody registered. Which these are, only a long list knows; two that lie side by
    side below a third may be aligned too, and are taken for not.
    """
    shorter, longer = sorted((return_domain.lower(), from_domain.lower()), key=len)
    return shorter == longer or ("." in shorter and longer.endswith(f".{shorter}"))


def _shown(record: str) -> str:
    text = _UNPRINTABLE.sub(" ", record)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} ... ({len(text):,} characters)"


def _record(needed_one: Needed) -> Record:
    return Record(needed_one.kind, needed_one.name, needed_one.value)


def _unknown(about: str, looked: Looked) -> Finding:
    return Finding(Level.LOOK, about, f"Not known: {looked.words}", "Look again later.")


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, equals, value in pairs if equals}


def _is_base64(text: str) -> bool:
    try:
        return bool(b64decode(text, validate=True))
    except ValueError:
        return False
