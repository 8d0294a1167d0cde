"""The desk's page of a newsletter's sign-up: interests, rules, and what to paste into the show's own site."""

import re

from tests.web.conftest import Browser, Newsroom

UNDO = re.compile(r'action="(/desk/[^"]*undo[^"]*)"')


def test_interests_are_saved_in_their_order_and_undone(mina: Browser, newsroom: Newsroom) -> None:
    url, about = "/desk/newsletter/sign-up", {"newsletter": newsroom.newsletter}
    rows = {"interest-name-0": "Chips", "interest-place-0": 2, "interest-name-1": "Models", "interest-place-1": 1}
    page = mina.follow(mina.post(f"{url}/interests", {**about, **rows}))
    assert page.index('value="Models"') < page.index('value="Chips"')
    assert "Chosen by 0 readers" in page
    assert "Undo" in page
    assert "The interests are as before" in mina.follow(mina.post(UNDO.findall(page)[0]))
    assert 'value="Models"' not in mina.see(url)
    twice = mina.post(f"{url}/interests", {**about, "interest-name-0": "Chips", "interest-name-1": "chips"})
    assert twice.status_code == 422
    assert "stands there twice" in twice.text


def test_rules_are_saved_and_what_is_no_site_is_said(mina: Browser, newsroom: Newsroom) -> None:
    url = "/desk/newsletter/sign-up"
    fields = {
        "newsletter": newsroom.newsletter,
        "role_addresses": "refuse",
        "disposable_addresses": "allow",
        "own_page": "https://show.example/news",
        "frame_origins": "https://show.example\r\nhttps://www.show.example",
    }
    page = mina.follow(mina.post(url, dict(fields)))
    assert "https://www.show.example" in page
    assert "name=&#34;place&#34; value=&#34;https://show.example/news&#34;" in page, "the snippet says where it stands"
    for name, wrong in (
        ("frame_origins", "https://show.example/page"),
        ("frame_origins", "https://x.example; script-src *"),
        ("own_page", "javascript:alert(1)"),
        ("own_page", "https://x.example/>; rel=x"),
        ("role_addresses", "maybe"),
    ):
        answer = mina.post(url, {**fields, name: wrong})
        assert answer.status_code == 422, wrong
        assert "Error:" in answer.text
