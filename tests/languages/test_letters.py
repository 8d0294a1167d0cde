"""Letters speak their newsletter's language, and an Arabic one runs from right to left."""

from datetime import UTC, datetime

import pytest

from curator.issues.render import Renderer
from curator.letters.values import LetterText
from curator.mailings import letter_words
from curator.newsletters.values import NewsletterSpec
from tests.issues.checks.facts import newsletter
from tests.issues.conftest import TEMPLATES
from tests.issues.reading import Page

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


def _confirm(language: str) -> LetterText:
    spec: NewsletterSpec = newsletter(language=language, name="AI Weekly")
    return letter_words.confirm(
        spec, asked_at=AT, confirm_url="https://x.example/c/1", deny_url="https://x.example/d/1"
    )


def test_a_letter_speaks_the_newsletters_language() -> None:
    german = _confirm("de-CH")
    assert german.subject == "Bitte bestätigen: AI Weekly"
    assert german.paragraphs[1].startswith("Der Knopf gilt 7 Tage lang.")
    assert _confirm("fi").subject == "Confirm: AI Weekly"
    assert _confirm("fi").language == "en"


@pytest.mark.parametrize("language", ["en", "de", "ar", "he"])
def test_a_letters_html_says_which_way_it_runs(language: str) -> None:
    html = Renderer(TEMPLATES).letter(_confirm(language)).html
    page = Page(html)
    said = "en" if language == "he" else language
    assert page.attributes("html", "lang") == [said]
    assert page.attributes("html", "dir") == ["rtl" if language == "ar" else "auto"]
    assert ("text-align:right" in html) is (language == "ar")
