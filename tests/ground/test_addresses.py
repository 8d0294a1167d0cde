"""Addresses: what is one, what is none and why, and when two spellings are one."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curator import addresses as address
from curator.addresses import Address, address_key, ascii_domain_form, checked_address
from curator.errors import InvalidError
from curator.names import cleaned_name


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        (" ada@example.org\u00a0", "ada@example.org"),
        ("\ufeffada@example.org", "ada@example.org"),
        ("ada@stra\u00dfe.example", "ada@xn--strae-oqa.example"),
        ("ada@STRASSE.example", "ada@strasse.example"),
        ("J\u00d6RG@example.org", "jo\u0308rg@example.org"),
        ("ada@\uff45xample.org", "ada@example.org"),
        ("ada@EXAMPLE\u3002org", "ada@example.org"),
    ],
)
def test_two_spellings_of_an_address_are_one(spelling: str, other: str) -> None:
    assert address_key(spelling) == address_key(other)


def test_the_domain_is_read_by_idna_2008_which_keeps_sharp_s_apart() -> None:
    assert address_key("ada@stra\u00dfe.example") != address_key("ada@strasse.example")


def test_an_address_is_kept_as_its_owner_writes_it() -> None:
    checked = checked_address(" Ada.Lovelace+news@EXAMPLE.org")
    assert (checked.address, checked.key) == ("Ada.Lovelace+news@example.org", "ada.lovelace+news@example.org")


@pytest.mark.parametrize("domain", ["example.test", "reader.example", "demo.localhost", "slot.invalid"])
def test_names_for_tests_are_addresses(domain: str) -> None:
    assert checked_address(f"reader@{domain}").key == f"reader@{domain}"


def test_a_local_part_in_another_script_is_an_address() -> None:
    checked = checked_address("日本@例え.jp")
    assert (checked.address, checked.key) == ("日本@例え.jp", "日本@xn--r8jz45g.jp")
    assert ascii_domain_form(checked.address) == "日本@xn--r8jz45g.jp"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing"),
        (" \t", "missing"),
        ("ada", "@-sign"),
        ("ada@", "after the @-sign"),
        ("@example.org", "before the @-sign"),
        ("ada@localhost", "period"),
        ("ada@192.0.2.1", "top-level domain"),
        ("ada@[192.0.2.1]", "bracketed IP"),
        ("ada@@example.org", "@"),
        ("a..da@example.org", "two periods"),
        ("Ada <ada@example.org>", "angle brackets"),
        ("ada@example.org, eve@example.org", "invalid characters"),
        ("ada lovelace@example.org", "SPACE"),
        ("ada@example.org\n", "line break"),
        ("ada@example.org\r\nBcc: eve@example.org", "line break"),
        ("ada\x00@example.org", "control character"),
        ("ada\u2028@example.org", "line break"),
        ("ada\ud800@example.org", "control character"),
        ("ada\u202e@example.org", "unsafe"),
        ("a" * 65 + "@example.org", "too long"),
        ("a" * 400, "400 characters"),
        ("ada@" + "b." * 140 + "org", "too long"),
        ("ada@xn--a.example", "@-sign"),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidError, match=why) as refused:
        checked_address(text)
    assert refused.value.field == "address"


_LOCALS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
_DOMAINS = st.sampled_from(["example.org", "EXAMPLE.test", "stra\u00dfe.example", "例え.jp", "\u0130.example"])


@given(_LOCALS, _DOMAINS)
@example("\u1fb3\u0345", "example.org")
@example("\ufb03", "example.org")
@example("\u0130\u01f0\u1e9e", "example.org")
def test_the_key_of_a_key_is_the_key(local: str, domain: str) -> None:
    try:
        key = address_key(f"{local}@{domain}")
    except InvalidError:
        return
    assert address_key(key) == key
    assert len(key) <= 320
    assert unicodedata.is_normalized("NFC", key)


@given(
    st.text("aZ09_+-.", min_size=1, max_size=70),
    st.lists(st.text("aZ09-", min_size=1, max_size=66), min_size=1, max_size=4).map(".".join)
    | st.sampled_from(["xn--strae-oqa.example", "XN--r8jz45g.jp", "xn--a.example", "demo.localhost", "a.onion"]),
)
def test_the_quick_way_for_plain_addresses_gives_what_the_validator_gives(local: str, domain: str) -> None:
    def outcome(way: Callable[[str], Address]) -> Address | str:
        try:
            return way(f"{local}@{domain}")
        except InvalidError as error:
            return error.reason

    assert outcome(checked_address) == outcome(address._checked)


@given(st.text(max_size=400))
def test_any_text_is_an_address_or_refused_and_nothing_else(text: str) -> None:
    try:
        checked = checked_address(text)
    except InvalidError:
        return
    assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in checked.address + checked.key)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Ada\r\n Lovelace\x00 ", "Ada Lovelace"),
        ("Ada\u2028Bcc: eve", "Ada Bcc: eve"),
        ("\u202eadA", "adA"),
        ("ا\u200dب 👩\u200d🚀", "ا\u200dب 👩\u200d🚀"),
        ("x" * 500, "x" * 200),
    ],
)
def test_a_name_becomes_one_harmless_line(text: str, name: str) -> None:
    assert cleaned_name(text) == name


@given(st.text(max_size=500))
def test_cleaning_a_name_twice_is_cleaning_it_once(text: str) -> None:
    assert cleaned_name(cleaned_name(text)) == cleaned_name(text)
