"""Every route against everybody: who comes in where, and that no form is taken without its token."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from curator.accounts import api_tokens, roles
from curator.accounts import store as accounts
from curator.accounts.values import ApiScope, Right, Role
from curator.app import App
from curator.queue import store as queue
from curator.web.api.table import OPERATIONS
from tests import builders
from tests.web.conftest import Browser, Newsroom, signed_in

# Who needs no sign-in, then what it takes to use each route of the desk. A new route fails here until somebody has
# decided.
OPEN = {
    "static",
    "public.home",
    "public.accent",
    "public.chart",
    "public.picture",
    "public.archive",
    "public.issue",
    "public.episode",
    "public.episode_related",
    "public.issue_related",
    "public.show",
    "public.transcript",
    "public.ask_transcript",
    "public.transcript_asked",
    "public.open_transcript",
    "public.file",
    "public.ask_file",
    "public.file_asked",
    "public.open_file",
    "public.get",
    "public.get_file",
    "public.get_again",
    "public.get_forgotten",
    "public.framed_transcript",
    "public.ask_framed",
    "public.framed_asked",
    "public.framed_related",
    "public.issue_item",
    "public.archive_year",
    "public.rss_feed",
    "public.json_feed_of",
    "public.robots",
    "public.site_map",
    "public.site_map_part",
    "click.follow",
    "click.opened",
    "public.newsletter",
    "public.sign_up",
    "public.sign_up_for_several",
    "public.thanks_for_several",
    "public.embed",
    "public.sign_up_in_frame",
    "public.embed_thanks",
    "public.pause",
    "public.resume",
    "public.ask_address",
    "public.change_address",
    "public.thanks",
    "public.tip",
    "public.send_tip",
    "public.tip_thanks",
    "public.confirm",
    "public.confirm_again",
    "public.deny",
    "public.take_denial_back",
    "public.unsubscribe",
    "public.undo_unsubscribe",
    "public.say_why",
    "public.preferences_page",
    "public.own_data",
    "public.own_data_json",
    "public.own_data_html",
    "public.erase_me",
    "public.sponsor",
    "public.sponsor_report",
    "public.sponsor_report_file",
    "desk.sign_in",
    "desk.do_sign_in",
    "desk.enter",
    "desk.do_enter",
    "desk.sign_out",
    "desk.ask_code",
    "desk.take_code",
    # Programs come with a token and no session: test_api.py.
    "api.add_items_page",
    *(f"api.{each.name}" for each in OPERATIONS),
    "api_pages.document",
    "api_pages.docs",
    # Machines: test_health.py.
    "health.healthz",
    "health.readyz",
    "health.metrics",
}
TAKES = {
    # to look, and to change one's own account
    "desk.account": Right.LOOK,
    "desk.do_account": Right.LOOK,
    "desk.home": Right.LOOK,
    "desk.inbox": Right.LOOK,
    "desk.tips": Right.LOOK,
    "desk.tip_row": Right.LOOK,
    "desk.trends": Right.LOOK,
    "desk.issues": Right.LOOK,
    "desk.board": Right.LOOK,
    "desk.preview": Right.LOOK,
    "desk.preview_html": Right.LOOK,
    "desk.send": Right.LOOK,
    "desk.results": Right.LOOK,
    "desk.compare_file": Right.LOOK,
    "desk.compare": Right.LOOK,
    "desk.results_file": Right.LOOK,
    "desk.results_mail_html": Right.LOOK,
    "desk.results_mail": Right.LOOK,
    "desk.targets": Right.LOOK,
    "desk.taste": Right.LOOK,
    "desk.mailing": Right.LOOK,
    "desk.feeds": Right.LOOK,
    "desk.scorecards": Right.LOOK,
    "desk.scorecards_file": Right.LOOK,
    "desk.feed": Right.LOOK,
    "desk.opml": Right.LOOK,
    "desk.export_feeds": Right.LOOK,
    "desk.item": Right.LOOK,
    "desk.add_page": Right.WRITE,
    "desk.bookmarklet": Right.WRITE,
    "desk.tokens": Right.LOOK,
    "desk.shows": Right.LOOK,
    "desk.show": Right.LOOK,
    "desk.episode": Right.LOOK,
    "desk.setup": Right.LOOK,
    "desk.transcripts": Right.LOOK,
    "desk.transcript": Right.LOOK,
    "desk.excerpts": Right.LOOK,
    "desk.downloads": Right.LOOK,
    "desk.offered_file": Right.LOOK,
    "desk.change_name": Right.LOOK,
    "desk.switch_shortcuts": Right.LOOK,
    "desk.change_absence": Right.LOOK,
    "desk.end_sign_in": Right.LOOK,
    "desk.end_other_sign_ins": Right.LOOK,
    "desk.second_factor": Right.LOOK,
    "desk.begin_second_factor": Right.LOOK,
    "desk.confirm_second_factor": Right.LOOK,
    "desk.renew_recovery_codes": Right.LOOK,
    "desk.take_own_factor_off": Right.LOOK,
    "desk.stand_ins": Right.LOOK,
    "desk.give_stead": Right.LOOK,
    "desk.end_stead": Right.LOOK,
    "desk.activity": Right.LOOK,
    "desk.booking": Right.LOOK,
    "desk.calendar": Right.LOOK,
    "desk.choose_notices": Right.LOOK,
    "desk.fetching": Right.LOOK,
    "desk.inbox_item": Right.LOOK,
    "desk.inbox_row": Right.LOOK,
    "desk.issue_activity": Right.LOOK,
    "desk.issue_corrections": Right.LOOK,
    "desk.link_check": Right.LOOK,
    "desk.mail_looks": Right.LOOK,
    "desk.live_mail": Right.LOOK,
    "desk.new_promotion": Right.WRITE,
    "desk.note_presence": Right.LOOK,
    "desk.notices": Right.LOOK,
    "desk.promotion": Right.LOOK,
    "desk.promotion_list": Right.LOOK,
    "desk.revoke_report": Right.PUBLISH,
    "desk.share_report": Right.PUBLISH,
    "desk.sponsor_report_file": Right.LOOK,
    "desk.sponsor_report": Right.LOOK,
    "desk.promotions": Right.LOOK,
    "desk.slot": Right.LOOK,
    "desk.slots": Right.LOOK,
    # to write
    "desk.pick_item": Right.WRITE,
    "desk.skip_item": Right.WRITE,
    "desk.unskip_item": Right.WRITE,
    "desk.unpick_item": Right.WRITE,
    "desk.start_issue": Right.WRITE,
    "desk.change_settings": Right.WRITE,
    "desk.add_text": Right.WRITE,
    "desk.add_list": Right.WRITE,
    "desk.lay_out": Right.WRITE,
    "desk.add_trend": Right.WRITE,
    "desk.block_term": Right.WRITE,
    "desk.lift_term": Right.WRITE,
    "desk.change_block": Right.WRITE,
    "desk.send_test_mail": Right.WRITE,
    "desk.refit": Right.WRITE,
    "desk.add_feed": Right.WRITE,
    "desk.set_pace": Right.WRITE,
    "desk.poll_feed": Right.WRITE,
    "desk.pause_feed": Right.WRITE,
    "desk.resume_feed": Right.WRITE,
    "desk.mark_own_show": Right.WRITE,
    "desk.use_offer": Right.WRITE,
    "desk.plan_import": Right.WRITE,
    "desk.import_feeds": Right.WRITE,
    "desk.read_item": Right.WRITE,
    "desk.save_page": Right.WRITE,
    "desk.make_token": Right.LOOK,
    "desk.revoke_token": Right.LOOK,
    "desk.change_show": Right.WRITE,
    "desk.change_platform": Right.WRITE,
    "desk.change_episode": Right.WRITE,
    "desk.upload_transcript": Right.WRITE,
    "desk.remove_transcript": Right.WRITE,
    "desk.fetch_transcript": Right.WRITE,
    "desk.rename_speaker": Right.WRITE,
    "desk.set_transcript": Right.WRITE,
    "desk.set_show_transcripts": Right.WRITE,
    "desk.offer_file": Right.WRITE,
    "desk.offer_newsletter_file": Right.WRITE,
    "desk.change_file": Right.WRITE,
    "desk.remove_file": Right.WRITE,
    "desk.take_quote": Right.WRITE,
    "desk.place_quote": Right.WRITE,
    "desk.remove_quote": Right.WRITE,
    "desk.ask_review": Right.WRITE,
    "desk.book": Right.WRITE,
    "desk.change_promotion": Right.WRITE,
    "desk.check_links": Right.WRITE,
    "desk.clean_links": Right.WRITE,
    "desk.look_at_mail": Right.WRITE,
    "desk.create_promotion": Right.WRITE,
    "desk.free_booking": Right.WRITE,
    "desk.ask_sponsor": Right.WRITE,
    "desk.lift_mute": Right.WRITE,
    "desk.mute_item": Right.WRITE,
    "desk.accept_tip": Right.WRITE,
    "desk.refuse_tip": Right.WRITE,
    "desk.mark_tip_as_spam": Right.WRITE,
    "desk.reopen_tip": Right.WRITE,
    "desk.place_promotion": Right.WRITE,
    "desk.put_away_promotion": Right.WRITE,
    "desk.put_off_item": Right.WRITE,
    "desk.retry_job": Right.WRITE,
    "desk.save_blurb": Right.WRITE,
    "desk.draft_blurb": Right.WRITE,
    "desk.accept_blurb": Right.WRITE,
    "desk.take_back_review": Right.WRITE,
    "desk.tick_check": Right.WRITE,
    "desk.undo": Right.WRITE,
    "desk.undo_newest": Right.WRITE,
    "desk.untick_check": Right.WRITE,
    "desk.wake_item": Right.WRITE,
    "desk.write_item": Right.WRITE,
    # to approve and send
    "desk.make_correction": Right.PUBLISH,
    "desk.take_correction_out": Right.PUBLISH,
    "desk.approve": Right.PUBLISH,
    "desk.unapprove": Right.PUBLISH,
    "desk.schedule": Right.PUBLISH,
    "desk.unschedule": Right.PUBLISH,
    "desk.send_now": Right.PUBLISH,
    "desk.do_send_now": Right.PUBLISH,
    "desk.pause_mailing": Right.PUBLISH,
    "desk.resume_mailing": Right.PUBLISH,
    "desk.send_mailing_at_once": Right.PUBLISH,
    "desk.take_back_mailing": Right.PUBLISH,
    "desk.cancel": Right.PUBLISH,
    "desk.cancel_mailing": Right.PUBLISH,
    "desk.mend": Right.PUBLISH,
    "desk.mend_mailing": Right.PUBLISH,
    "desk.settle_delivery": Right.PUBLISH,
    "desk.change_target": Right.PUBLISH,
    "desk.withdrawal": Right.MANAGE,
    "desk.do_withdraw": Right.MANAGE,
    "desk.approve_booking": Right.PUBLISH,
    "desk.change_slot": Right.PUBLISH,
    "desk.hand_back": Right.PUBLISH,
    "desk.make_slot": Right.PUBLISH,
    "desk.plan_issue": Right.PUBLISH,
    "desk.put_away_slot": Right.PUBLISH,
    "desk.skip_slot": Right.PUBLISH,
    "desk.unplan_issue": Right.PUBLISH,
    "desk.unskip_slot": Right.PUBLISH,
    # to see readers
    "desk.count_readers": Right.READERS,
    "desk.tag_readers": Right.READERS,
    "desk.tagging": Right.READERS,
    "desk.tag_subscriber": Right.READERS,
    "desk.untag_subscriber": Right.READERS,
    "desk.write_note": Right.READERS,
    "desk.edit_note": Right.READERS,
    "desk.remove_note": Right.READERS,
    "desk.segments": Right.READERS,
    "desk.segment": Right.READERS,
    "desk.new_segment": Right.READERS,
    "desk.make_segment": Right.READERS,
    "desk.change_segment": Right.READERS,
    "desk.remove_segment": Right.READERS,
    "desk.growth": Right.READERS,
    "desk.growth_file": Right.READERS,
    "desk.cohorts": Right.READERS,
    "desk.cohorts_file": Right.READERS,
    "desk.aim_issue": Right.WRITE,
    "desk.subscribers": Right.READERS,
    "desk.subscriber": Right.READERS,
    "desk.add_subscriber": Right.READERS,
    "desk.imports": Right.READERS,
    "desk.bring_readers": Right.READERS,
    "desk.reader_import": Right.READERS,
    "desk.look_through": Right.READERS,
    "desk.take_readers_in": Right.READERS,
    "desk.cancel_import": Right.READERS,
    "desk.refused_rows": Right.READERS,
    "desk.export_readers": Right.MANAGE,
    "desk.unsubscribe_subscriber": Right.READERS,
    "desk.suppress_address": Right.READERS,
    # to set up and let people in
    "desk.newsletter": Right.MANAGE,
    "desk.on_site": Right.MANAGE,
    "desk.change_interests": Right.MANAGE,
    "desk.change_sign_up": Right.MANAGE,
    "desk.switch_tips": Right.MANAGE,
    "desk.look": Right.MANAGE,
    "desk.look_sample": Right.MANAGE,
    "desk.change_look": Right.MANAGE,
    "desk.reset_look": Right.MANAGE,
    "desk.change_newsletter": Right.MANAGE,
    "desk.new_newsletter": Right.MANAGE,
    "desk.logo": Right.MANAGE,
    "desk.change_logo": Right.MANAGE,
    "desk.remove_logo": Right.MANAGE,
    "desk.back_issues": Right.MANAGE,
    "desk.plan_back_issues": Right.MANAGE,
    "desk.import_back_issues": Right.MANAGE,
    "desk.create_newsletter": Right.MANAGE,
    "desk.pause_newsletter": Right.MANAGE,
    "desk.resume_newsletter": Right.MANAGE,
    "desk.unsuppress_address": Right.MANAGE,
    "desk.erasure": Right.MANAGE,
    "desk.erase_subscriber": Right.MANAGE,
    "desk.subscriber_data": Right.MANAGE,
    "desk.people": Right.MANAGE,
    "desk.status": Right.MANAGE,
    "desk.take_alert": Right.MANAGE,
    "desk.let_go": Right.MANAGE,
    "desk.leave_alert": Right.MANAGE,
    "desk.webhooks": Right.MANAGE,
    "desk.new_webhook": Right.MANAGE,
    "desk.make_webhook": Right.MANAGE,
    "desk.webhook": Right.MANAGE,
    "desk.change_webhook": Right.MANAGE,
    "desk.switch_webhook": Right.MANAGE,
    "desk.renew_webhook_secret": Right.MANAGE,
    "desk.test_webhook": Right.MANAGE,
    "desk.remove_webhook": Right.MANAGE,
    "desk.call_webhook_again": Right.MANAGE,
    "desk.providers": Right.MANAGE,
    "desk.invite_person": Right.MANAGE,
    "desk.invite_again": Right.MANAGE,
    "desk.deactivate_person": Right.MANAGE,
    "desk.reactivate_person": Right.MANAGE,
    "desk.note_dns": Right.MANAGE,
    "desk.go_live": Right.MANAGE,
    "desk.mail": Right.MANAGE,
    "desk.check_dns": Right.MANAGE,
    "desk.send_probe": Right.MANAGE,
    "desk.person": Right.MANAGE,
    "desk.change_role": Right.MANAGE,
    "desk.take_factor_off": Right.MANAGE,
    "desk.sign_person_out": Right.MANAGE,
    "desk.withdraw_invitation": Right.MANAGE,
}
# Somebody's own account is theirs whatever place they have.
OWN = {
    "desk.account",
    "desk.do_account",
    "desk.change_name",
    "desk.switch_shortcuts",
    "desk.change_absence",
    "desk.end_sign_in",
    "desk.end_other_sign_ins",
    "desk.second_factor",
    "desk.begin_second_factor",
    "desk.confirm_second_factor",
    "desk.renew_recovery_codes",
    "desk.take_own_factor_off",
}
# What a form may show to whoever lacks its right: nothing. What a link may lead to: only what its reader may open.
_FORM = re.compile(r'<form method="post" action="([^"]+)"|<button[^>]* formaction="([^"]+)"')
_LINK = re.compile(r'<a [^>]*href="(/desk[^"#]*)')


@pytest.fixture
def routes(flask: Flask) -> list[tuple[str, str, str]]:
    """Every (endpoint, method, address with the ids 1 filled in)."""
    return [
        (rule.endpoint, method, _address(rule))
        for rule in flask.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_route_has_been_given_to_somebody(flask: Flask) -> None:
    assert {rule.endpoint for rule in flask.url_map.iter_rules()} == OPEN | TAKES.keys()


def test_a_visitor_sees_the_sign_in_page_instead_of_the_desk(visitor: Browser, routes: list) -> None:
    for endpoint, method, address in routes:
        if endpoint in OPEN:
            continue
        answer = visitor.client.get(address) if method == "GET" else visitor.post(address)
        assert answer.status_code == (303 if method == "GET" else 401), (endpoint, method)
        assert method == "POST" or "/desk/sign-in?next=" in answer.headers["Location"]


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_table_says_and_nothing_else(
    role: Role, flask: Flask, sqlite_app: App, newsroom: Newsroom, routes: list
) -> None:
    newsroom.issue()
    signed_in(flask, sqlite_app, "Somebody")  # has the first sign-in, which one route ends
    browser = signed_in(flask, sqlite_app, "Ann", role)
    for endpoint, method, address in routes:
        if endpoint in OPEN:
            continue
        answer = browser.client.get(address) if method == "GET" else browser.post(address)
        is_refused = TAKES[endpoint] not in role.rights
        assert (answer.status_code == 403) is is_refused, (endpoint, method, answer.status_code)
        assert answer.status_code not in (401, 405), (endpoint, method)
        assert answer.status_code < 500, (endpoint, method)


@pytest.mark.parametrize("role", Role)
def test_no_page_shows_what_its_reader_may_not_do(
    role: Role, flask: Flask, sqlite_app: App, newsroom: Newsroom, routes: list
) -> None:
    newsroom.issue()
    browser = signed_in(flask, sqlite_app, "Ann", role)
    beyond = set()
    for endpoint, method, address in routes:
        if endpoint in OPEN or method != "GET" or TAKES[endpoint] not in role.rights:
            continue
        page = browser.client.get(address).text
        shown = [(url, "POST") for pair in _FORM.findall(page) for url in pair if url]
        shown += [(url, "GET") for url in _LINK.findall(page)]
        beyond |= {(endpoint, to) for url, does in shown if (to := _endpoint(flask, url, does)) and _beyond(to, role)}
    assert not beyond


def test_whoever_has_no_place_anywhere_has_their_own_account_and_nothing_else(
    flask: Flask, sqlite_app: App, newsroom: Newsroom, routes: list
) -> None:
    newsroom.issue()
    signed_in(flask, sqlite_app, "Somebody")
    ann = signed_in(flask, sqlite_app, "Ann", Role.EDITOR)
    _put_in_place(sqlite_app, "ann", Role.EDITOR, {newsroom.newsletter: None})
    assert ann.client.get("/desk").headers["Location"] == "/desk/account", "where a sign-in leads says what is missing"
    for endpoint, method, address in routes:
        if endpoint in OPEN | {"desk.home"}:
            continue
        answer = ann.client.get(address) if method == "GET" else ann.post(address)
        assert (answer.status_code == 403) is (endpoint not in OWN), (endpoint, method, answer.status_code)
    account = ann.see("/desk/account")
    assert "You have no place in any newsletter" in account
    shown = {to for url in _LINK.findall(account) if (to := _endpoint(flask, url, "GET"))}
    assert shown <= OWN | OPEN | {"desk.home"}
    _put_in_place(sqlite_app, "ann", Role.EDITOR, {newsroom.newsletter: Role.VIEWER})
    ann.see("/desk/feeds")


def test_a_token_of_whoever_has_no_place_anywhere_adds_nothing(
    flask: Flask, sqlite_app: App, newsroom: Newsroom
) -> None:
    signed_in(flask, sqlite_app, "Ann", Role.WRITER)
    with sqlite_app.db.read() as session:
        ann = accounts.user_id(session, "ann@podcast.example")
    assert ann is not None
    now = sqlite_app.clock()
    token = api_tokens.make_token(sqlite_app.db, ann, "phone", scopes=(ApiScope.WRITE_ITEMS,), now=now)
    assert api_tokens.bearer(sqlite_app.db, token, now=now)
    _put_in_place(sqlite_app, "ann", Role.WRITER, {newsroom.newsletter: None})
    assert api_tokens.bearer(sqlite_app.db, token, now=now) is None


# What each of these may have tried again, beside a newsletter in which they have no place: the desk's feeds, the
# drafts and links of their own newsletter, what leaves it, and what concerns the whole installation.
@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.WRITER, {"feed", "draft"}),
        (Role.EDITOR, {"feed", "draft", "mailing"}),
        (Role.OWNER, {"feed", "draft", "mailing", "letters", "gone", "draft elsewhere", "mailing elsewhere"}),
    ],
)
def test_failed_work_is_tried_again_by_whoever_may_do_it_where_it_belongs(
    role: Role, may: set[str], flask: Flask, sqlite_app: App, newsroom: Newsroom
) -> None:
    second, issue = builders.newsletter_row(sqlite_app.db, slug="second", name="Second"), newsroom.issue()
    signed_in(flask, sqlite_app, "Somebody")
    ann = signed_in(flask, sqlite_app, "Ann", role)
    _put_in_place(sqlite_app, "ann", role, {second: None})
    failed = {
        "feed": _failed(sqlite_app, "poll_feed", {"feed_id": newsroom.blog}),
        "draft": _failed(sqlite_app, "draft_issue", {"newsletter_id": newsroom.newsletter}),
        "mailing": _failed(sqlite_app, "start_mailing", {"issue_id": issue}),
        "letters": _failed(sqlite_app, "send_letters", {}),
        "gone": _failed(sqlite_app, "start_mailing", {"issue_id": 999}),
        "draft elsewhere": _failed(sqlite_app, "draft_issue", {"newsletter_id": second}),
        "mailing elsewhere": _failed(sqlite_app, "draft_planned", {"newsletter_id": second}),
    }
    offered = set(re.findall(r"/desk/jobs/(\d+)/retry", ann.see("/desk")))
    assert {name for name, job in failed.items() if str(job) in offered} == may
    answers = {name: ann.post(f"/desk/jobs/{job}/retry").status_code for name, job in failed.items()}
    assert {name for name, status in answers.items() if status == 303} == may
    assert {status for name, status in answers.items() if name not in may} <= {403}


def _put_in_place(app: App, name: str, role: Role, places: dict[int, Role | None]) -> None:
    with app.db.read() as session:
        user = accounts.user_id(session, f"{name}@podcast.example")
    assert user is not None
    roles.change_role(app.db, user, role, differing=places, now=app.clock(), by=None)


def _failed(app: App, task: str, payload: dict[str, object]) -> int:
    now = app.clock()
    with app.db.write() as session:
        queue.enqueue(session, task, payload, now=now)
        job = queue.claim(session, owner="w", now=now, lease=timedelta(minutes=1))
        assert job is not None
        queue.fail(session, job, error="A bug.", now=now, retry_at=None)
    return job.id


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
                asks_for_a_box = endpoint == "public.sign_up_for_several"
                status = 422 if asks_for_a_box else 404
                assert answer.status_code == status, "a forged link or no such newsletter, and no token was asked for"
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


def _endpoint(flask: Flask, url: str, method: str) -> str | None:
    try:
        return str(flask.url_map.bind("localhost").match(urlsplit(url).path, method=method)[0])
    except HTTPException:
        return None


def _beyond(endpoint: str, role: Role) -> bool:
    return endpoint in TAKES and TAKES[endpoint] not in role.rights
