"""What the browser tests share: one Chromium and one demo for each parallel worker, and guarded pages."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from tests.e2e import chromium, servers
from tests.e2e.guard import Guard
from tests.e2e.scene import Scene, set_scene, stand_again
from tests.e2e.servers import Server

# Beside other tests on two cores a page may take seconds; one that takes this long does not come.
PATIENCE_MS = 60_000
# What a page comes to show comes as late: left alone, `expect` gives up after five seconds, whatever a page may take.
expect.set_options(timeout=PATIENCE_MS)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without it the browser tests fail and say so: they are never skipped."""
    path = chromium.binary(os.environ)  # noqa: TID251 - CHROMIUM is the tests' own variable
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(chromium.OPTIONS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def the_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with servers.demo(tmp_path_factory.mktemp("scene")) as server:
        yield set_scene(server)


@pytest.fixture
def scene(the_scene: Scene) -> Scene:
    """A demo with something in every state, for tests that look and change nothing that others look at."""
    stand_again(the_scene)
    return the_scene


@pytest.fixture(scope="session")
def newborn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation just made: no newsletter, no feeds, nobody to sign in."""
    with servers.new_installation(tmp_path_factory.mktemp("newborn")) as server:
        yield server


@pytest.fixture
def fresh_demo(tmp_path: Path) -> Iterator[Server]:
    """A demo of the test's own, as a newcomer starts it."""
    with servers.demo(tmp_path) as server:
        yield server


@pytest.fixture
def answers() -> list[Response]:
    """Every answer that came to a window of this test, in their order."""
    return []


@pytest.fixture
def open_browser(browser: Browser, answers: list[Response]) -> Iterator[Open]:
    """Opens a browser window of its own on a server; at the end nothing may have gone wrong in any of them."""
    guards: list[Guard] = []
    contexts = []

    def opened(server: Server, **options: Any) -> Page:
        context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 900}, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        guards.append(Guard(context, server.url))
        context.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright takes no built-in
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    faults = [fault for guard in guards for fault in guard.faults]
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def states(browser: Browser, the_scene: Scene) -> dict[int, Any]:
    """The cookies of each person who is signed in to the scene."""
    return {user: _signed_in(browser, the_scene.server, user) for user in (the_scene.owner, the_scene.editor)}


@pytest.fixture
def desk(open_browser: Open, scene: Scene, states: dict[int, Any]) -> Page:
    """A window in which the scene's owner is signed in."""
    return open_browser(scene.server, storage_state=states[scene.owner])


@pytest.fixture
def visitor(open_browser: Open, scene: Scene) -> Page:
    """A window in which nobody is signed in."""
    return open_browser(scene.server)


def _signed_in(browser: Browser, server: Server, user: int) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.sign_in_link(user))
    page.get_by_role("button", name="Sign in as").click()
    page.get_by_role("heading", level=1, name="Desk").wait_for()
    state = context.storage_state()
    context.close()
    return state
