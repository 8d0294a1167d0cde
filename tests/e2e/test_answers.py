"""Pages that only a sent form shows: refusals, conflicts, reports and what is done. Accessible like all others."""

from collections.abc import Sequence
from datetime import timedelta

from playwright.sync_api import Locator, Page, Response

from curator.audience import links
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.forms import form_of, make_stale, send
from tests.e2e.places import full_episode, own_show, talked_episode
from tests.e2e.scene import Scene, signed_up

CSV = b"email,name\nnew.reader@example.test,New Reader\nno address,Somebody\n@,Nobody\n"


def assert_good(
    page: Page, *, title: str, has_summary: bool = False, widths: Sequence[int] = (axe.WIDE, axe.NARROW)
) -> None:
    """Checks a page that a form was answered with. What differs little from another is looked at on a phone only."""
    page.get_by_role("heading", level=1, name=title).wait_for()
    assert page.locator("h1").count() == 1
    if has_summary:
        assert page.title().startswith("Error: ")
        page.wait_for_function("document.activeElement.classList.contains('summary')")
        assert all(page.locator(link.get_attribute("href") or "").count() for link in page.locator(".summary a").all())
    assert not (found := axe.faults(page, widths=widths)), found


def status_of(answers: list[Response]) -> int:
    """Returns the status of the last page that came; what came into a frame of it is no page."""
    pages = [answer for answer in answers if answer.request.is_navigation_request()]
    return [page for page in pages if page.frame.parent_frame is None][-1].status


def test_a_refused_sign_in(visitor: Page, answers: list[Response]) -> None:
    visitor.goto("/desk/sign-in")
    send(visitor.locator("form"), "Sign in", address="nobody@example.test", password="not the one")
    assert_good(visitor, title="Sign in", has_summary=True)
    assert status_of(answers) == 401


def test_two_passwords_that_differ(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/account")
    send(form_of(desk, "/desk/account"), "Set the password", password="one long sentence", again="another one")
    assert_good(desk, title="Mina Adeyemi", has_summary=True)
    assert status_of(answers) == 422


def test_a_feed_with_no_address(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/feeds")
    send(form_of(desk, "/desk/feeds"), "Add the feed", url="not an address")
    assert_good(desk, title="Feeds", has_summary=True)
    assert status_of(answers) == 422


def test_a_reader_with_no_address(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/subscribers")
    send(desk.locator("form", has=desk.locator("[name=address]")), "Add", address="nobody")
    assert_good(desk, title="Subscribers", has_summary=True)
    assert status_of(answers) == 422


def test_an_address_that_cannot_be_suppressed(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/subscribers")
    send(
        desk.locator("form", has=desk.locator("[name=note]")), "Never mail it", suppress_address="nobody", note="asked"
    )
    assert_good(desk, title="Subscribers", has_summary=True, widths=(axe.NARROW,))
    assert status_of(answers) == 422


def test_a_file_that_is_empty(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/subscribers/imports")
    send(form_of(desk, "/desk/subscribers/imports"), "Bring it")
    assert_good(desk, title="Imports and exports", has_summary=True, widths=(axe.NARROW,))
    assert status_of(answers) == 422


def test_a_newsletter_without_anything(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/newsletter/new")
    form = form_of(desk, "/desk/newsletter/new")
    send(form, "Set it up", **{"name": "", "sender_address": "nobody", "every_n_weeks": "0", "section-budget-0": "-1"})
    assert_good(desk, title="New newsletter", has_summary=True)
    assert status_of(answers) == 422


def test_a_moment_that_is_over(desk: Page, scene: Scene, answers: list[Response]) -> None:
    desk.goto(f"/desk/issues/{scene.approved}/send")
    send(form_of(desk, f"/desk/issues/{scene.approved}/schedule"), "Schedule", at="2020-01-01T07:00")
    assert_good(desk, title="Issue", has_summary=True)
    assert status_of(answers) == 422


def test_a_text_without_words(desk: Page, scene: Scene, answers: list[Response]) -> None:
    desk.goto(f"/desk/issues/{scene.draft}")
    send(form_of(desk, f"/desk/issues/{scene.draft}/text"), "Add the text", body="  ")
    assert_good(desk, title="Issue", has_summary=True)
    assert status_of(answers) == 422


def test_a_link_that_leads_nowhere(desk: Page, scene: Scene, answers: list[Response]) -> None:
    _without_the_boards_script(desk)
    desk.goto(f"/desk/issues/{scene.draft}")
    block = desk.locator("form.block", has=desk.locator("[name=link]")).first
    block.locator("summary", has_text="Title and link").click()
    send(block, "Save", link="javascript:alert(1)")
    assert_good(desk, title="Not saved yet", has_summary=True)
    assert status_of(answers) == 422


def test_a_block_that_somebody_else_saved(desk: Page, scene: Scene, answers: list[Response]) -> None:
    _without_the_boards_script(desk)
    desk.goto(f"/desk/issues/{scene.draft}")
    block = desk.locator("form.block", has=desk.locator("[name=blurb]")).first
    make_stale(block)
    send(block, "Save", blurb="Words that must not be lost.")
    assert_good(desk, title="was saved by someone else first")
    assert desk.get_by_label("Blurb: yours, not saved yet").input_value() == "Words that must not be lost."
    assert status_of(answers) == 409


def test_a_subject_that_somebody_else_saved(desk: Page, scene: Scene, answers: list[Response]) -> None:
    _without_the_boards_script(desk)
    desk.goto(f"/desk/issues/{scene.draft}")
    settings = form_of(desk, f"/desk/issues/{scene.draft}/settings")
    make_stale(settings)
    send(settings, "Save", subject="A subject that must not be lost", preheader="Nor this")
    assert_good(desk, title="Subject and preheader were saved by someone else first")
    assert status_of(answers) == 409


def test_what_was_done_is_said(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/feeds")
    desk.get_by_role("button", name="Ask now").first.click()
    desk.get_by_role("main").get_by_role("status").first.wait_for()
    assert_good(desk, title="Feeds")
    assert status_of(answers) == 200


def test_a_page_that_is_not_there(desk: Page, visitor: Page, answers: list[Response]) -> None:
    for page, url in ((desk, "/desk/issues/999999"), (desk, "/desk/nothing"), (visitor, "/nothing")):
        page.goto(url)
        assert status_of(answers) == 404
        assert_good(page, title="there")


def test_an_address_that_takes_only_a_press(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/sign-out")
    assert_good(desk, title="This address does not do that")
    assert status_of(answers) == 405


def test_a_form_that_cannot_be_trusted_keeps_the_words(desk: Page, scene: Scene, answers: list[Response]) -> None:
    desk.goto(f"/desk/issues/{scene.draft}")
    form = form_of(desk, f"/desk/issues/{scene.draft}/text")
    form.locator("[name=csrf_token]").evaluate("field => { field.value = 'another'; }")
    send(form, "Add the text", body="Written on a train.")
    assert_good(desk, title="This form could not be trusted")
    assert desk.get_by_label("Text").input_value() == "Written on a train."
    assert status_of(answers) == 400


def test_whoever_was_signed_out_meanwhile_keeps_the_words(desk: Page, scene: Scene, answers: list[Response]) -> None:
    desk.goto(f"/desk/issues/{scene.draft}")
    desk.context.clear_cookies()
    send(form_of(desk, f"/desk/issues/{scene.draft}/text"), "Add the text", body="Written on a train.")
    desk.get_by_label("Text").wait_for()
    assert desk.get_by_label("Text").input_value() == "Written on a train."
    assert not (found := axe.faults(desk)), found
    assert status_of(answers) in (400, 401)


def test_what_only_an_owner_may_do(open_browser: Open, scene: Scene, states: dict[int, str]) -> None:
    page = open_browser(scene.server, storage_state=states[scene.editor])
    answer = page.goto("/desk/newsletter")
    assert answer is not None
    assert answer.status == 403
    assert_good(page, title="This is not yours to do")


def test_a_sign_up_with_no_address(visitor: Page, scene: Scene, answers: list[Response]) -> None:
    visitor.goto(f"/n/{scene.slug}")
    send(form_of(visitor, f"/n/{scene.slug}/sign-up"), "Sign up", address="nobody")
    assert_good(visitor, title="Held Out Weekly", has_summary=True)
    assert status_of(answers) == 422


def test_a_sign_up_that_is_confirmed(visitor: Page, scene: Scene) -> None:
    visitor.goto(f"/c/{signed_up(scene, 'confirms').token}")
    visitor.get_by_role("button", name="Yes, send it to me").click()
    assert_good(visitor, title="You are in")
    visitor.reload()
    assert_good(visitor, title="You get it already")


def test_a_new_link_for_whoever_comes_too_late(visitor: Page, scene: Scene) -> None:
    visitor.goto(f"/c/{signed_up(scene, 'comes-late', ago=timedelta(days=8)).token}")
    visitor.get_by_role("button", name="Send me a new link").click()
    assert_good(visitor, title="A new link is on its way")


def test_somebody_who_never_signed_up(visitor: Page, scene: Scene) -> None:
    visitor.goto(f"/d/{signed_up(scene, 'denies').token}")
    visitor.get_by_role("button", name="I never signed up").click()
    assert_good(visitor, title="You hear nothing more")


def test_preferences_that_are_saved(visitor: Page, scene: Scene) -> None:
    visitor.goto(f"/p/{links.preferences_token(scene.server.app.keys, signed_up(scene, 'prefers').subscriber)}")
    visitor.get_by_role("button", name="Save").click()
    visitor.get_by_role("status").wait_for()
    assert_good(visitor, title="Your newsletters")


def test_a_reader_who_leaves_and_comes_back(visitor: Page, scene: Scene) -> None:
    token = links.unsubscribe_token(scene.server.app.keys, scene.newsletter, scene.subscriber)
    visitor.goto(f"/u/{token}")
    visitor.get_by_role("button", name="Unsubscribe").click()
    assert_good(visitor, title="You are unsubscribed")
    visitor.get_by_role("button", name="Undo").click()
    assert_good(visitor, title="You get it again")


def test_an_invitation_without_an_address(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/people")
    send(form_of(desk, "/desk/people"), "Send the invitation", address="nobody")
    assert_good(desk, title="People", has_summary=True)
    assert status_of(answers) == 422


_OPML = (
    b'<opml version="2.0"><body><outline text="AI"><outline text="Ideas" xmlUrl="https://ideas.example.test/feed"/>'
    b'<outline text="A page" type="link" url="https://ideas.example.test/"/></outline></body></opml>'
)


def test_a_list_of_feeds_looked_through(desk: Page) -> None:
    desk.goto("/desk/feeds/opml")
    desk.locator("#file").set_input_files({"name": "mine.opml", "mimeType": "text/xml", "buffer": _OPML})
    send(form_of(desk, "/desk/feeds/opml"), "Look through it")
    desk.get_by_role("heading", name="1 feed would be added").wait_for()
    assert_good(desk, title="Lists of feeds")


def test_a_file_that_is_no_list_of_feeds(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/feeds/opml")
    desk.locator("#file").set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": CSV})
    send(form_of(desk, "/desk/feeds/opml"), "Look through it")
    assert_good(desk, title="Lists of feeds", has_summary=True)
    assert status_of(answers) == 422


def test_a_page_by_hand_with_no_address(desk: Page, answers: list[Response]) -> None:
    desk.goto("/desk/items/add")
    send(form_of(desk, "/desk/items/add"), "Save the page", url="not an address", title="Kept")
    assert_good(desk, title="Add a page", has_summary=True)
    assert status_of(answers) == 422


def test_a_link_of_a_show_that_leads_nowhere(desk: Page, scene: Scene, answers: list[Response]) -> None:
    form = _form_at(desk, own_show(scene))
    send(form, "Save the links", **{"link-url-0": "javascript:alert(1)"})
    assert_good(desk, title="Held Out", has_summary=True)
    assert status_of(answers) == 422


def test_links_that_somebody_else_saved(desk: Page, scene: Scene, answers: list[Response]) -> None:
    form = _form_at(desk, own_show(scene))
    make_stale(form)
    send(form, "Save the links", **{"link-url-0": "https://podcasts.apple.com/show/2"})
    assert_good(desk, title="The listening links of Held Out were saved by someone else first")
    assert status_of(answers) == 409


def test_an_episode_with_a_guest_without_a_name(desk: Page, scene: Scene, answers: list[Response]) -> None:
    form = _form_at(desk, f"/desk/shows/episodes/{full_episode(scene)}")
    send(form, "Save the episode", **{"guest-name-0": "", "artwork_url": "javascript:alert(1)"})
    assert_good(desk, title="The test set that leaked", has_summary=True)
    assert status_of(answers) == 422


def test_an_episode_that_somebody_else_saved(desk: Page, scene: Scene, answers: list[Response]) -> None:
    form = _form_at(desk, f"/desk/shows/episodes/{full_episode(scene)}")
    make_stale(form)
    send(form, "Save the episode", summary="Words that must not be lost.", topics="Loss")
    assert_good(desk, title="was saved by someone else first")
    assert status_of(answers) == 409


def test_a_transcript_that_is_none(desk: Page, scene: Scene, answers: list[Response]) -> None:
    url = f"/desk/episodes/{talked_episode(scene)}/transcript"
    desk.goto(url)
    desk.locator("#file").set_input_files({"name": "talk.pdf", "mimeType": "text/plain", "buffer": b"%PDF-1.7"})
    send(form_of(desk, url), "Take it")
    assert_good(desk, title="The test set that leaked", has_summary=True)
    assert status_of(answers) == 422


def test_a_speaker_without_a_name(desk: Page, scene: Scene, answers: list[Response]) -> None:
    url = f"/desk/episodes/{talked_episode(scene)}/transcript"
    desk.goto(url)
    send(form_of(desk, f"{url}/speaker"), "Rename", name=" ")
    assert_good(desk, title="The test set that leaked", has_summary=True)
    assert status_of(answers) == 422


def test_a_quote_of_what_was_not_said(desk: Page, scene: Scene, answers: list[Response]) -> None:
    form = _form_at(desk, f"/desk/episodes/{talked_episode(scene)}/excerpts?first=2&last=3", "/excerpts")
    send(form, "Take it", **{"words-1": "It was never measured."})
    assert_good(desk, title="Passages worth quoting", has_summary=True)
    assert status_of(answers) == 422


def _form_at(desk: Page, url: str, ending: str = "") -> Locator:
    desk.goto(url)
    return desk.locator(f"form[action$='{ending or url}']").first


def test_a_new_token(desk: Page) -> None:
    desk.goto("/desk/account/tokens")
    send(form_of(desk, "/desk/account/tokens"), "Make a token", name="Phone shortcut")
    desk.get_by_role("heading", name="Here is your token.").wait_for()
    assert_good(desk, title="API tokens")


def _without_the_boards_script(page: Page) -> None:
    """With it the words are answered in place, which test_desk_board.py looks at."""
    for name in ("words", "board"):
        page.route(f"**/{name}.js*", lambda route: route.abort())
