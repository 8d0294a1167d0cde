"""The proof of a mail: one message, made and signed as for a reader, and what is read off it."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

from curator.issues.proof import Proof
from curator.issues.values import UNSUBSCRIBE_SLOT, Link, Placement, link_slot
from curator.mailings.dkim import Keyring
from curator.mailings.proof.message import MessageProver
from curator.newsletters.values import NewsletterSpec
from curator.tokens import Keys
from tests.mailings.test_dkim import key, verifies
from tests.mailings.test_mime import ATTACK, NAMES, NEWSLETTER

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
KEYS = Keys.from_secret("k" * 40)
HTML = f'<a href="{link_slot(1)}">x</a><a href="{link_slot(0)}"></a><a href="{UNSUBSCRIBE_SLOT}">Leave</a>'


def _proof(
    newsletter: NewsletterSpec = NEWSLETTER,
    *,
    subject: str = "What a vector index forgets",
    html: str = HTML,
    public_url: str = "https://news.example",
    keyring: Keyring | None = None,
) -> Proof:
    prover = MessageProver(KEYS, public_url, keyring or Keyring())
    links = [Link(1, "https://example.org/x", Placement.TEXT)]
    return prover(
        newsletter, number=41, subject=subject, html=html, text=f"Hello {UNSUBSCRIBE_SLOT}", links=links, at=NOW
    )


def test_the_proof_has_the_headers_of_every_message_and_no_others() -> None:
    for subject in ("What a vector index forgets", ATTACK, "Überschall " * 20, "a\u2028Bcc: x@example.org"):
        proof = _proof(subject=subject)
        assert proof.error == ""
        assert [name for name, _ in proof.headers] == NAMES
        parsed = email.message_from_bytes(proof.message, policy=email.policy.compat32)
        assert parsed.keys() == NAMES


def test_the_way_out_stands_on_one_line_however_long_the_public_address_is() -> None:
    proof = _proof(public_url=f"https://{'news.' * 20}example")
    given = dict(proof.headers)
    assert given["List-Unsubscribe"].startswith("<https://news.news.")
    assert len(given["List-Unsubscribe"]) > 100
    assert "\n" not in given["List-Unsubscribe"]
    assert given["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_each_signature_is_read_with_what_it_covers_and_verifies() -> None:
    proof = _proof(keyring=Keyring((key("rsa"), key("ed25519"))))
    assert len(proof.signed) == 2
    for number, names in enumerate(proof.signed):
        assert {"from", "subject", "list-unsubscribe", "list-unsubscribe-post"} <= set(names)
        assert verifies(proof.message, number)


def test_a_message_that_nobody_signs_has_no_signatures() -> None:
    assert _proof().signed == ()


def test_the_size_is_that_of_the_html_with_a_readers_own_links() -> None:
    proof = _proof()
    parsed = email.message_from_bytes(proof.message, policy=email.policy.default)
    html = parsed.get_body(("html",))
    assert html is not None
    assert proof.html_bytes == len(html.get_content().rstrip("\n").encode())
    assert "slot.invalid" not in html.get_content()


def test_what_cannot_be_sent_says_why_instead() -> None:
    assert "not one that mail can come from" in _proof(replace(NEWSLETTER, sender_address="nobody")).error
    assert "without its value" in _proof(html="https://unsubscribe.slot.invalid").error
