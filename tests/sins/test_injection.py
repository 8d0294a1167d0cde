"""SQL injection: every id, search, filter, sort, cursor and field of every route, from the map of routes.

Whatever is typed is a value and no SQL: no answer is a fault, nothing of another newsletter comes along, and the tables
are as they were but for what the forms were made to write.
"""

from urllib.parse import quote

import pytest
from sqlalchemy import text

from curator.accounts import api_tokens, store
from curator.accounts.values import ApiScope
from curator.db import Base
from tests.sins.town import SECRET, Town, address
from tests.web.conftest import Browser

PAYLOADS = (
    "1' OR '1'='1",
    "1 OR 1=1--",
    "1) OR (1=1",
    '1" OR ""="',
    "'; DROP TABLE subscriber;--",
    "1 UNION SELECT name,1,1,1 FROM newsletter--",
    "' UNION SELECT address FROM subscriber--",
    "1; SELECT pg_sleep(5)--",
    "%' ESCAPE '!' OR '%'='",
    "\\' OR 1=1 -- ",
    "id) DESC, (SELECT 1",
    "1' AND randomblob(100000000) AND '1",
    "{{7*7}} %(x)s :x ? $1 {0}",
    "\x00' OR 1=1",
    'NEAR/2 "*^ OR -: (a OR',
)
# What pages read of an address (curator/web reads no other), and what a sinner would guess.
QUERIES = (
    *("q", "kind", "who", "verb", "before", "after", "newsletter", "page", "show", "by", "from", "to", "last", "first"),
    *("text", "image", "preset", "revision", "words", "reader", "as", "promotion", "entry", "t", "n", "saved", "name"),
    *("state", "tag", "interest", "source", "clicked", "joined_from", "joined_to", "left_from", "left_to", "is"),
    *("section", "order", "sort", "days", "term", "item", "month", "week", "year", "cursor", "limit", "quote", "width"),
)

FIELDS = (
    *("address", "password", "code", "url", "title", "note", "blurb", "subject", "preheader", "link", "heading", "at"),
    *("about", "access", "role", "action", "do", "ids", "id", "version", "block", "sure", "why", "basis", "search"),
    *("rhythm", "zone", "weekdays", "slug", "sender_name", "sender_address", "language", "accent", "mail", "map"),
)

PRESSED = {"correction", "planned_issue", "sign_in"}
"""Of which a button takes one out, whatever else its form says: an owner pressed every one."""


def _tables(town: Town) -> dict[str, int]:
    with town.app.db.read() as session:
        return {name: session.scalar(text(f'select count(*) from "{name}"')) or 0 for name in Base.metadata.tables}  # noqa: S608 - our own tables


def _spread(names: tuple[str, ...], turn: int) -> dict[str, object]:
    """Each field with another payload; the next turn gives each of them one further on."""
    return {name: PAYLOADS[(place + turn * 4) % len(PAYLOADS)] for place, name in enumerate(names)}


def test_no_address_of_a_page_is_read_as_sql(town: Town, ann: Browser) -> None:
    before, visitor = _tables(town), town.flask.test_client()
    ids = {"slug": "ai-weekly", "item_id": town.mine.episodes[0], "issue_id": town.issue, "feed_id": town.mine.blog}
    for turn, rule in enumerate(town.rules(method="GET")):
        client = ann.client if rule.endpoint.startswith("desk.") else visitor
        answer = client.get(address(rule, ids), query_string=_spread(QUERIES, turn))
        assert answer.status_code < 500 or rule.endpoint == "health.readyz", (rule.endpoint, answer.status_code)
        assert SECRET not in answer.text or rule.endpoint.startswith("public."), rule.endpoint
        for place, part in enumerate(sorted(rule.arguments)):
            url = quote(address(rule, {**ids, part: PAYLOADS[(turn + place) % len(PAYLOADS)]}))
            assert client.get(url).status_code in (303, 404), (rule.endpoint, url)
    assert {name: count for name, count in _tables(town).items() if count < before[name]} == {}


@pytest.mark.parametrize("path", ["subscribers", "inbox", "activity", "feeds", "transcripts", "tips", "segments"])
def test_one_field_of_a_search_at_a_time(town: Town, ann: Browser, path: str) -> None:
    """A whole query of nonsense may be refused at its first field: so each is tried alone."""
    for turn, name in enumerate(QUERIES):
        answer = ann.client.get(f"/desk/{path}", query_string={name: PAYLOADS[turn % len(PAYLOADS)]})
        assert answer.status_code < 500, name
        assert SECRET not in answer.text, name
        assert "r41-0@example.org" not in answer.text, "a reader of the other newsletter"


def test_no_field_of_a_form_is_read_as_sql(town: Town, mina: Browser) -> None:
    before = _tables(town)
    ids = {"slug": "ai-weekly", "item_id": town.mine.episodes[0], "issue_id": town.issue}
    for turn, rule in enumerate(town.rules(method="POST")):
        if rule.endpoint in ("desk.sign_out", "desk.end_sign_in", "desk.end_other_sign_ins"):
            continue
        fields = {"csrf_token": mina.token(), **_spread((*QUERIES, *FIELDS), turn)}
        for given in (fields, {**fields, "newsletter": town.mine.newsletter}):
            answer = mina.client.post(address(rule, ids), data=given)
            assert answer.status_code < 500, (rule.endpoint, answer.status_code)
    assert {name: count for name, count in _tables(town).items() if count < before[name]}.keys() <= PRESSED


def test_nothing_of_the_api_is_read_as_sql(town: Town) -> None:
    with town.app.db.read() as session:
        mina = store.user_id(session, "mina@podcast.example")
    assert mina is not None
    token = api_tokens.make_token(town.app.db, mina, "t", scopes=tuple(ApiScope), now=town.app.clock())
    program = town.flask.test_client(use_cookies=False)
    for payload in PAYLOADS:
        for rule in town.rules("api"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                for bearer in (token, payload.replace("\0", "")):
                    answer = program.open(
                        quote(address(rule, otherwise=payload)),
                        method=method,
                        query_string=dict.fromkeys(QUERIES, payload),
                        headers={"Authorization": f"Bearer {bearer}"},
                        json=dict.fromkeys(("url", "title", "excerpt", "image_url"), payload),
                    )
                    assert answer.status_code < 500, (rule.endpoint, method)
                    assert SECRET not in answer.text
