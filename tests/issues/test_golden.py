"""The mails that a person has looked at; a change of one is looked at too: pytest tests/issues --update-golden."""

import pytest

from curator.issues.render import Renderer
from curator.issues.values import Rendered
from tests.issues import goldens
from tests.issues.conftest import GOLDEN


@pytest.mark.parametrize("name", goldens.DOCUMENTS)
def test_a_golden_mail_is_what_a_person_looked_at(renderer: Renderer, is_updating: bool, name: str) -> None:
    _hold(name, renderer.render(goldens.DOCUMENTS[name]), is_updating=is_updating)


def test_the_golden_letter_is_what_a_person_looked_at(renderer: Renderer, is_updating: bool) -> None:
    _hold("letter", renderer.letter(goldens.letter()), is_updating=is_updating)


def test_every_golden_file_is_of_a_document() -> None:
    kept = {path.stem for path in GOLDEN.iterdir()}
    assert kept == goldens.DOCUMENTS.keys() | {"letter", "trend", "list"}, "trend and list have tests of their own"


def _hold(name: str, rendered: Rendered, *, is_updating: bool) -> None:
    for kind, content in (("html", rendered.html), ("txt", rendered.text)):
        path = GOLDEN / f"{name}.{kind}"
        if is_updating:
            path.write_text(content, encoding="utf-8", newline="\n")
        assert content == path.read_text(encoding="utf-8"), f"{path.name} differs; look at it, then --update-golden"
