"""Signatures as an independent verifier (dkimpy) has them, which fail as soon as anything that matters is changed."""

import email
from functools import cache
from pathlib import Path

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import InvalidError, RenderError, SettingError, StateError
from curator.mailings import dkim_keys
from curator.mailings.dkim import Keyring, Signer, SigningKey, parse_key
from curator.mailings.dkim_keys import KeyKind
from curator.settings.keys import DkimKeyFile

HEAD = (
    b'From: "The AI Podcast" <news@podcast.example>\r\nTo: "Ada Lovelace" <ada@example.org>\r\n'
    b"Subject: What we heard\r\n  this week\r\nDate: Mon, 16 Nov 2026 09:00:00 +0000\r\n"
    b"Message-ID: <m1.s2.abc@podcast.example>\r\nList-Id: <ai-weekly.podcast.example>\r\n"
    b"List-Unsubscribe: <https://news.example/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nList-Post: NO\r\n"
    b"Feedback-ID: issue-1:ai-weekly:newsletter:podcastexample\r\nPrecedence: bulk\r\nContent-Language: en\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="=_part"\r\n'
)
BODY = b"--=_part\r\nContent-Type: text/plain\r\n\r\nHello\r\n.\r\n  world \r\n--=_part--\r\n"
MESSAGE = HEAD + b"\r\n" + BODY


@cache
def pem(kind: str) -> bytes:
    made = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
        "small": lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 - it is to be refused
    }[kind]()
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key(kind: str = "rsa", *, domain: str = "podcast.example", selector: str | None = None) -> SigningKey:
    return parse_key(pem(kind), domain=domain, selector=selector or f"s-{kind}")


def signed(content: bytes = MESSAGE, *kinds: str) -> bytes:
    return Signer(tuple(map(key, kinds or ("rsa",)))).sign(content)


def verifies(message: bytes, number: int = 0) -> bool:
    """Whether the `number`-th signature holds, with the records that our keys print."""
    records = {f"{each.dns_name}.": "".join(each.dns_strings).encode() for each in (key("rsa"), key("ed25519"))}

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:
        return records.get(name.decode())

    try:
        return bool(dkimpy.DKIM(message).verify(idx=number, dnsfunc=look_up))
    except (dkimpy.DKIMException, ValueError):
        return False


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_signed_message_verifies(kind: str) -> None:
    message = signed(MESSAGE, kind)
    assert verifies(message)
    assert message.endswith(MESSAGE)


def test_both_signatures_of_a_message_verify_each_by_itself() -> None:
    message = signed(MESSAGE, "rsa", "ed25519")
    assert [verifies(message, number) for number in range(2)] == [True, True]


def test_both_one_click_headers_and_all_that_is_shown_are_under_the_signature() -> None:
    value = email.message_from_bytes(signed())["DKIM-Signature"]
    tags = dict(tag.strip().split("=", 1) for tag in value.split(";"))
    names = "".join(tags["h"].split()).split(":")
    assert {name: names.count(name) for name in names} == {
        "from": 2,
        "to": 2,
        "subject": 2,
        "date": 2,
        "message-id": 1,
        # Not there, and nobody may add one.
        "reply-to": 1,
        "list-id": 1,
        "list-unsubscribe": 2,
        "list-unsubscribe-post": 2,
        "list-post": 1,
        "mime-version": 1,
        "content-type": 1,
        "content-language": 1,
        "feedback-id": 1,
    }
    assert (tags["c"], tags["d"], tags["a"]) == ("relaxed/simple", "podcast.example", "rsa-sha256")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: List-Unsubscribe=One-Clicks"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"/u/AAAA", b"/u/BAAA"),
        (b"Hello", b"Hallo"),
        (b"  world ", b" world "),
        (b"--=_part--\r\n", b"--=_part--\r\nmore\r\n"),
        (b"What we heard", b"What we hear"),
        (b"ada@example.org", b"bob@example.org"),
        (b"\r\nFeedback-ID: issue-1", b"\r\nFeedback-ID: issue-2"),
        (b'boundary="=_part"', b'boundary="=_port"'),
        (b"\r\nFrom:", b"\r\nFrom: <evil@example.com>\r\nFrom:"),
        (b"\r\nTo:", b"\r\nTo: <other@example.com>\r\nTo:"),
        (b"\r\nDate:", b"\r\nReply-To: <evil@example.com>\r\nDate:"),
        (b"\r\nSubject:", b"\r\nSubject: Win\r\nSubject:"),
        (b"\r\nList-Id:", b"\r\nList-Unsubscribe: <https://evil.example>\r\nList-Id:"),
        (b"\r\nList-Id:", b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nList-Id:"),
        (b"d=podcast.example", b"d=example.com"),
        (b"s=s-rsa", b"s=s-ed25519"),
    ],
)
def test_tampering_fails(old: bytes, new: bytes) -> None:
    message = signed()
    assert message.count(old) >= 1
    assert not verifies(message.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"DKIM-Signature:", b"Received: from us by them\r\nDKIM-Signature:"),
        (b"Subject: What we heard\r\n  this week", b"subject:  What  we heard this\tweek "),
        (b"Precedence: bulk\r\n", b""),
    ],
)
def test_what_relays_do_on_the_way_breaks_nothing(old: bytes, new: bytes) -> None:
    message = signed()
    assert message.count(old) == 1
    assert verifies(message.replace(old, new))


@pytest.mark.parametrize(
    "content",
    [
        HEAD,
        HEAD + b"\r\n",
        HEAD + b"\r\n\r\n\r\n",
        MESSAGE + b"\r\n\r\n",
        MESSAGE.removesuffix(b"\r\n"),
        MESSAGE.replace(b"\r\n", b"\n"),
        MESSAGE.replace(b"Hello\r\n", b"Hello\rthere\n"),
        HEAD.replace(b"To: ", "To: Zoë ".encode()) + b"\r\n\xff\r\n",
    ],
    ids=["no body", "empty body", "blank body", "blank end", "no last line end", "bare LF", "mixed", "bytes"],
)
def test_any_body_and_any_line_ends_verify_as_they_leave(content: bytes) -> None:
    message = signed(content, "rsa", "ed25519")
    assert verifies(message)
    assert verifies(message, 1)
    assert message.count(b"\n") == message.count(b"\r\n") == message.count(b"\r")


VALUES = st.text(st.sampled_from("ab \t:;=é<>@"), max_size=30).map(lambda text: f"x{text}".encode())
BODIES = st.lists(st.sampled_from([b"a", b" ", b"\t", b".", b"\r\n", b"\n", b"\r", b"\x00", b"\xe9"])).map(b"".join)


@settings(deadline=None, max_examples=60)
@given(VALUES, VALUES, BODIES)
def test_whatever_is_signed_verifies(subject: bytes, to: bytes, body: bytes) -> None:
    content = b"From: a@podcast.example\r\nTo: %b\r\nSubject:%b\r\n\r\n" % (to, subject)
    assert verifies(signed(content + body, "ed25519"))


@pytest.mark.parametrize("kinds", [("rsa",), ("rsa", "ed25519")])
def test_a_signature_is_folded_within_78_columns(kinds: tuple[str, ...]) -> None:
    head = signed(MESSAGE, *kinds).partition(b"From:")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert email.message_from_bytes(head + b"\r\n").keys() == ["DKIM-Signature"] * len(kinds)


def test_the_same_message_is_signed_the_same_way() -> None:
    assert signed(MESSAGE, "rsa", "ed25519") == signed(MESSAGE, "rsa", "ed25519")


def test_a_message_from_nobody_cannot_be_signed() -> None:
    with pytest.raises(RenderError, match="From"):
        signed(MESSAGE.replace(b"From:", b"Form:"))


def test_a_domain_is_signed_with_its_own_keys_or_those_above_it() -> None:
    own, above = key(domain="news.podcast.example"), key("ed25519")
    ring = Keyring((own, above))
    assert ring.signer_for("News.Podcast.example") == Signer((own,))
    assert ring.signer_for("mail.podcast.example") == Signer((above,))
    assert ring.signer_for("example") is None
    assert ring.signer_for("notpodcast.example") is None


def test_the_record_comes_in_strings_that_dns_can_carry() -> None:
    strings = key().dns_strings
    assert [len(each) <= 255 for each in strings] == [True, True]
    assert strings[0].startswith("v=DKIM1; k=rsa; p=MII")
    assert key("ed25519").dns_strings[0].startswith("v=DKIM1; k=ed25519; p=")
    assert len(key("ed25519").dns_strings) == 1


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (lambda: b"", "holds no private key"),
        (lambda: b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no private key"),
        (lambda: pem("rsa")[:-200], "holds no private key"),
        (lambda: pem("ec"), "of a kind that DKIM does not know"),
        (lambda: pem("small"), "1024 bits; 2048 to 4096 are needed"),
        (
            lambda: serialization.load_pem_private_key(pem("ed25519"), None).private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"x"),
            ),
            "is locked with a password",
        ),
    ],
)
def test_a_key_that_cannot_be_used_stops_the_start_with_one_line(tmp_path: Path, raw, reason: str) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(raw())
    with pytest.raises(SettingError) as caught:
        dkim_keys.load([DkimKeyFile("s1", "podcast.example", path)])
    assert str(caught.value).startswith(f"CURATOR_DKIM_KEYS names {path}, which ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read: No such file"):
        dkim_keys.load([DkimKeyFile("s1", "podcast.example", tmp_path / "none.pem")])


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_key_that_was_made_signs_and_only_its_owner_reads_it(tmp_path: Path, kind: KeyKind) -> None:
    named = DkimKeyFile("s1", "podcast.example", tmp_path / "dkim" / "key.pem")
    made = dkim_keys.make(named, kind)
    (loaded,) = dkim_keys.load([named]).keys
    assert loaded.dns_text == made.dns_text
    assert named.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StateError, match="another selector"):
        dkim_keys.make(named, kind)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_key_is_never_shown(kind: str) -> None:
    held = key(kind)
    assert repr(held) == f"SigningKey(domain='podcast.example', selector='s-{kind}', algorithm='{kind}-sha256')"
    assert repr(Keyring((held,))) == f"Keyring(keys=({held!r},))"
    with pytest.raises(InvalidError) as caught:
        parse_key(pem(kind)[:-40], domain="podcast.example", selector="s1")
    assert caught.value.__cause__ is None
    assert pem(kind).splitlines()[1].decode() not in str(caught.value)
