"""Every route against everybody: who comes in where, and that no form is taken without its token."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.web.conftest import Browser, Newsroom

# Endpoint -> who may use it. A new route fails here until somebody has decided.
OPEN = {
    "static",
    "public.home",
    "public.archive",
    "public.issue",
    "public.episode",
    "click.follow",
    "public.newsletter",
    "public.sign_up",
    "public.thanks",
    "public.confirm",
    "public.confirm_again",
    "public.deny",
    "public.take_denial_back",
    "public.unsubscribe",
    "public.undo_unsubscribe",
    "public.preferences_page",
    "desk.sign_in",
    "desk.do_sign_in",
    "desk.enter",
    "desk.do_enter",
    "desk.sign_out",
    # Programs come with a token and no session: test_api.py.
    "api.add_items_page",
}
OWNERS = {
    "desk.newsletter",
    "desk.change_newsletter",
    "desk.new_newsletter",
    "desk.create_newsletter",
    "desk.pause_newsletter",
    "desk.resume_newsletter",
    "desk.unsuppress_address",
    "desk.people",
    "desk.invite_person",
    "desk.invite_again",
    "desk.deactivate_person",
    "desk.reactivate_person",
    "desk.note_dns",
    "desk.go_live",
    "desk.mail",
    "desk.check_dns",
    "desk.send_probe",
}
EDITORS = {
    "desk.account",
    "desk.do_account",
    "desk.home",
    "desk.inbox",
    "desk.pick_item",
    "desk.skip_item",
    "desk.unskip_item",
    "desk.unpick_item",
    "desk.inbox_item",
    "desk.inbox_row",
    "desk.put_off_item",
    "desk.wake_item",
    "desk.mute_item",
    "desk.lift_mute",
    "desk.write_item",
    "desk.save_blurb",
    "desk.undo",
    "desk.issues",
    "desk.start_issue",
    "desk.board",
    "desk.change_settings",
    "desk.add_text",
    "desk.change_block",
    "desk.preview",
    "desk.preview_html",
    "desk.send_test_mail",
    "desk.send",
    "desk.approve",
    "desk.unapprove",
    "desk.schedule",
    "desk.unschedule",
    "desk.send_now",
    "desk.do_send_now",
    "desk.results",
    "desk.mailing",
    "desk.pause_mailing",
    "desk.resume_mailing",
    "desk.send_mailing_at_once",
    "desk.take_back_mailing",
    "desk.cancel",
    "desk.cancel_mailing",
    "desk.settle_delivery",
    "desk.feeds",
    "desk.add_feed",
    "desk.feed",
    "desk.set_pace",
    "desk.poll_feed",
    "desk.pause_feed",
    "desk.resume_feed",
    "desk.mark_own_show",
    "desk.use_offer",
    "desk.opml",
    "desk.plan_import",
    "desk.import_feeds",
    "desk.export_feeds",
    "desk.item",
    "desk.read_item",
    "desk.add_page",
    "desk.save_page",
    "desk.bookmarklet",
    "desk.tokens",
    "desk.make_token",
    "desk.revoke_token",
    "desk.shows",
    "desk.show",
    "desk.change_show",
    "desk.change_platform",
    "desk.episode",
    "desk.change_episode",
    "desk.subscribers",
    "desk.subscriber",
    "desk.add_subscriber",
    "desk.import_subscribers",
    "desk.unsubscribe_subscriber",
    "desk.suppress_address",
    "desk.setup",
    "desk.transcripts",
    "desk.transcript",
    "desk.upload_transcript",
    "desk.remove_transcript",
    "desk.fetch_transcript",
    "desk.rename_speaker",
    "desk.excerpts",
    "desk.take_quote",
    "desk.place_quote",
    "desk.remove_quote",
}


@pytest.fixture
def routes(flask: Flask) -> list[tuple[str, str, str]]:
    """Every (endpoint, method, address with the ids 1 filled in)."""
    return [
        (rule.endpoint, method, _address(rule))
        for rule in flask.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_route_has_been_given_to_somebody(flask: Flask) -> None:
    assert {rule.endpoint for rule in flask.url_map.iter_rules()} == OPEN | OWNERS | EDITORS


def test_a_visitor_sees_the_sign_in_page_instead_of_the_desk(visitor: Browser, routes: list) -> None:
    for endpoint, method, address in routes:
        if endpoint in OPEN:
            continue
        answer = visitor.client.get(address) if method == "GET" else visitor.post(address)
        assert answer.status_code == (303 if method == "GET" else 401), (endpoint, method)
        assert method == "POST" or "/desk/sign-in?next=" in answer.headers["Location"]


def test_an_editor_is_kept_out_of_the_owners_rooms_and_no_others(
    theo: Browser, newsroom: Newsroom, routes: list
) -> None:
    newsroom.issue()
    for endpoint, method, address in routes:
        if endpoint in OPEN:
            continue
        answer = theo.client.get(address) if method == "GET" else theo.post(address)
        assert (answer.status_code == 403) is (endpoint in OWNERS), (endpoint, answer.status_code)
        assert answer.status_code < 500, endpoint


def test_an_owner_may_go_everywhere(mina: Browser, newsroom: Newsroom, routes: list) -> None:
    newsroom.issue()
    for endpoint, method, address in routes:
        if endpoint in OPEN:
            continue
        answer = mina.client.get(address) if method == "GET" else mina.post(address)
        assert answer.status_code not in (401, 403, 405, 500), (endpoint, answer.status_code)


def test_every_form_without_its_token_is_refused_but_those_for_readers(
    mina: Browser, visitor: Browser, routes: list
) -> None:
    for endpoint, method, address in routes:
        if method != "POST":
            continue
        for browser in (mina, visitor):
            answer = browser.client.post(address, data={"blurb": "Words that took an hour."})
            if endpoint.startswith("api."):
                assert answer.status_code == 401, "a program's token is asked for, and no form's"
                continue
            if endpoint.startswith("public."):
                assert answer.status_code == 404, "a forged link or no such newsletter, and no token was asked for"
                continue
            assert answer.status_code == 400, endpoint
            assert "your words are still there" in answer.text
            assert "Words that took an hour." in answer.text


def test_a_token_of_another_session_is_refused(mina: Browser, theo: Browser) -> None:
    answer = mina.client.post("/desk/feeds", data={"csrf_token": theo.token(), "url": "https://blog.example/feed"})
    assert answer.status_code == 400
    assert "https://blog.example/feed" in answer.text


def _address(rule: Rule) -> str:
    values = {name: "app.css" if name == "filename" else "1" for name in rule.arguments}
    built = rule.rule
    for name, value in values.items():
        for kind in (f"<key:{name}>", f"<path:{name}>", f"<{name}>"):
            built = built.replace(kind, value)
    return built
