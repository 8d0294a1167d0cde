"""Tells a person's look at a page from a program's, as far as its headers say. Pure."""

import re

# What crawlers, previews of messengers, monitors and programs without a window call themselves. A program that calls
# itself a browser is counted: a count of looks is no proof of anything.
_PROGRAM = re.compile(
    r"bot|crawl|spider|slurp|preview|scan|monitor|fetch|feed|archive|headless|lighthouse|facebookexternalhit|whatsapp"
    r"|curl|wget|python|java/|go-http|okhttp|libwww|ruby|perl|php|httpclient|axios|node|werkzeug",
    re.IGNORECASE,
)


def is_of_person(*, method: str, agent: str, purpose: str) -> bool:
    """Tells whether a request counts as a look.

    `purpose` is what Sec-Purpose or Purpose say: a page that a browser fetches ahead was seen by nobody yet.
    """
    if method != "GET" or "prefetch" in purpose.lower() or "preview" in purpose.lower():
        return False
    return bool(agent.strip()) and _PROGRAM.search(agent) is None
