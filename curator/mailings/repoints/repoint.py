"""Points a link of an issue that has left to another address: mail that lies in inboxes leads there from now on."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from curator.activity import store as activity
from curator.db import Database
from curator.errors import InvalidError, NotFoundError, StateError
from curator.http.guard import is_allowed
from curator.http.urls import absolute_url
from curator.issues import store as issues
from curator.mailings.repoints import store
from curator.mailings.repoints.values import Target

REPOINTED = "pointed a link elsewhere of"

# Names that no public server answers to (RFC 6761, RFC 6762, RFC 8375, and what ICANN set apart for companies).
_OWN_NAMES = ("localhost", "local", "internal", "home.arpa", "test", "invalid", "onion")


def repoint(
    db: Database,
    issue_id: int,
    was: str,
    url: str,
    *,
    expected: str,
    by: int | None,
    now: datetime,
    allow_private: bool = False,
) -> str:
    """Lets what leads to `was` lead to `url`, and returns that as it is kept; the same address again changes nothing.

    `was` is the address that the mail was made with, and `expected` where whoever changes it saw it lead. Raises
    InvalidError (field "url"), NotFoundError for an address that no mail of the issue leads to, and StateError when
    somebody changed it meanwhile.
    """
    given = checked(url, allow_private=allow_private)
    with db.write() as session:
        issue = issues.issue_row(session, issue_id, lock=True)
        target = next((each for each in store.targets(session, issue_id) if each.was == was), None)
        if target is None:
            raise NotFoundError("link of issue", issue.number)
        if target.url == given:
            return given
        _require_seen(target, expected)
        store.add(session, issue_id, was=was, url=given, by=by, now=now)
        activity.record(
            session,
            at=now,
            actor=by,
            verb=REPOINTED,
            subject="issue",
            subject_id=issue_id,
            before={"was": was, "url": target.url},
            after={"url": given},
        )
    return given


def checked(url: str, *, allow_private: bool) -> str:
    """Returns an address that readers may be led to. Raises InvalidError: only http and https, no private hosts."""
    found = absolute_url(url)
    if found is None:
        raise InvalidError("url", "Give a whole address that begins with https:// or http://, without a user name.")
    if not allow_private and _is_private(urlsplit(found).hostname or ""):
        raise InvalidError("url", "Readers cannot reach this host: it is a private one.")
    return found


def _is_private(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        # A browser reads a host whose last part is a number as an address: 127.1, 0x7f000001.
        last = host.rpartition(".")[2]
        is_number = last.isdigit() or last.startswith("0x")
        return "." not in host or is_number or any(host == own or host.endswith(f".{own}") for own in _OWN_NAMES)
    return not is_allowed(host)


def _require_seen(target: Target, expected: str) -> None:
    if target.url != expected:
        raise StateError(f"Somebody changed it meanwhile; it leads to {target.url} now. Look, then change it again.")
