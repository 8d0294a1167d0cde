"""IDOR: an editor of one newsletter asks for what is another's, at every route that names a thing by its id."""

import pytest

from curator.accounts.values import Role
from curator.web.desk.whose import FINDERS
from tests.sins.town import SECRET, Town, address, stranger
from tests.web.conftest import Browser
from tests.web.public.conftest import everything
from tests.web.test_doors import OPEN, OWN

# What asking leaves behind and tells nobody anything: when somebody was last here.
_SEEN = {"sign_in"}


def _rows(town: Town) -> dict[str, list]:
    return {name: rows for name, rows in everything(town.app.db).items() if name not in _SEEN}


def _ask(browser: Browser, method: str, url: str) -> tuple[int, str]:
    answer = browser.client.get(url) if method == "GET" else browser.post(url, {"sure": "yes", "words": "x"})
    return answer.status_code, answer.text


def _named(town: Town, parts: set[str]) -> list[tuple[str, str, str]]:
    """Every (endpoint, method, address) of the desk whose address names something of the second newsletter."""
    return [
        (rule.endpoint, method, address(rule, town.theirs))
        for method in ("GET", "POST")
        for rule in town.rules("desk.", method=method)
        if rule.arguments & parts
    ]


def test_the_ids_of_the_town_are_the_second_newsletters(town: Town) -> None:
    with town.app.db.read() as session:
        found = {name: FINDERS[name](session, town.theirs[name]) for name in FINDERS}
    assert set(found.values()) == {town.newsletter}, found


def test_no_page_or_form_of_the_desk_gives_away_or_changes_what_is_anothers(town: Town, ann: Browser) -> None:
    before, tried = _rows(town), _named(town, set(town.theirs))
    assert len(tried) > 90, "the map of routes was read"
    for endpoint, method, url in tried:
        status, text = _ask(ann, method, url)
        assert status in (403, 404) or _is_told_off(endpoint, status), (endpoint, method, status)
        assert SECRET not in text, endpoint
    assert _rows(town) == before


def _is_told_off(endpoint: str, status: int) -> bool:
    """Taking back says in words on the page that it is not hers to take back."""
    return endpoint == "desk.undo" and status == 422


def test_an_owner_sees_each_of_them_so_the_addresses_are_right(town: Town, mina: Browser) -> None:
    for endpoint, method, url in _named(town, set(town.theirs)):
        # The preview wants to be told the revision too, and nothing of it has left.
        if method == "GET" and endpoint not in ("desk.preview_html", "desk.results_mail_html"):
            assert _ask(mina, method, url)[0] in (200, 303), endpoint


def test_an_own_address_with_anothers_thing_in_it_finds_nothing(town: Town, ann: Browser) -> None:
    before = _rows(town)
    mixed = {**town.theirs, "issue_id": town.issue}
    answer = ann.post(f"/desk/issues/{town.issue}/blocks/{mixed['block_id']}", {"text": "Mine now.", "do": "remove"})
    assert answer.status_code == 404
    assert SECRET not in answer.text
    assert _rows(town) == before


def test_naming_another_newsletter_in_a_form_or_an_address_opens_nothing(town: Town, ann: Browser) -> None:
    before = _rows(town)
    for method in ("GET", "POST"):
        for rule in town.rules("desk.", method=method):
            if rule.endpoint in OPEN | OWN:
                continue
            url, fields = address(rule, {"item_id": town.mine.articles[0]}), {"newsletter": town.newsletter}
            answer = ann.client.get(url, query_string=fields) if method == "GET" else ann.post(url, {**fields})
            assert answer.status_code in (403, 404), (rule.endpoint, method, answer.status_code)
            assert SECRET not in answer.text, rule.endpoint
    assert _rows(town) == before


def test_a_second_newsletter_behind_ones_own_is_not_looked_at(town: Town, ann: Browser) -> None:
    twice = {"newsletter": [town.mine.newsletter, town.newsletter]}
    for rule in town.rules("desk.", method="GET"):
        if rule.endpoint not in OPEN | OWN and not rule.arguments:
            answer = ann.client.get(rule.rule, query_string=twice)
            assert answer.status_code in (200, 303, 403, 404), (rule.endpoint, answer.status_code)
            assert SECRET not in answer.text, rule.endpoint


@pytest.mark.parametrize("role", [Role.EDITOR, Role.WRITER, Role.VIEWER])
def test_somebody_elses_sign_in_and_token_are_not_ended(town: Town, role: Role) -> None:
    bea = stranger(town, "Bea", role)
    answer = bea.post(f"/desk/account/sign-ins/{town.theirs['sign_in_id']}/end")
    assert answer.status_code == 404
