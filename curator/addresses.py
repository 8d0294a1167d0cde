"""What is an e-mail address, and when two spellings are one."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import email_validator

from curator.errors import InvalidError
from curator.languages import msgid

# Names for tests (RFC 2606 and 6761) are addresses like any other here, because demo and tests use them; that nobody
# answers there is for the mail relay to say. The validator offers this list for changing and has no argument for it.
email_validator.SPECIAL_USE_DOMAIN_NAMES[:] = [
    name for name in email_validator.SPECIAL_USE_DOMAIN_NAMES if name not in ("test", "invalid", "localhost")
]

# What the columns hold. RFC 5321 4.5.3.1 allows 64 + 1 + 255; the validator's own bound (254) lies below it.
MAX_CHARACTERS = 320

# What pasting leaves around an address: spaces, tabs, no-break and zero-width spaces, a byte order mark.
# Line breaks are not among them: an address with one is an attempt at header injection until proven otherwise.
_AROUND = " \t\u00a0\u200b\u2060\ufeff"

# Nearly every address of an import is plain, and a few domains hold most of them. A plain local part (RFC 5322's
# dot-atom, 64 characters by RFC 5321) is seen at a glance and the validator is asked once a domain: 100,000 addresses
# take under 1 s against 4 s. A test holds both ways to the same answer.
_PLAIN = re.compile(r"(?=[^@]{1,64}@)[a-zA-Z0-9_+-]+(?:\.[a-zA-Z0-9_+-]+)*@[a-zA-Z0-9.-]{1,100}")


# What the validator says of an address it says in English; other languages say this.
_NO_ADDRESS = msgid("This is not a mail address. One looks like name@example.org.")


@dataclass(frozen=True)
class Address:
    """An address as its owner writes it, and the key under which all of its spellings are one."""

    address: str
    key: str


def checked_address(text: str) -> Address:
    """Returns the address in `text`, or raises InvalidError("address") that says why it is none.

    The domain is read by IDNA 2008 and need not exist: nothing is looked up. Non-ASCII local parts (RFC 6531) are
    addresses too; a sender whose relay cannot carry one refuses that message.
    """
    stripped = text.strip(_AROUND)
    if _PLAIN.fullmatch(stripped):
        local, _, domain = stripped.rpartition("@")
        as_written, in_ascii = _domain(domain)
        return Address(f"{local}@{as_written}", f"{local.lower()}@{in_ascii}")
    if not stripped:
        raise InvalidError("address", msgid("The address is missing."))
    if len(stripped) > MAX_CHARACTERS:
        message = msgid("The address has %(characters)s characters; at most %(most)s are allowed.")
        raise InvalidError("address", message, characters=len(stripped), most=MAX_CHARACTERS)
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in stripped):
        raise InvalidError("address", msgid("The address holds a line break or another control character."))
    return _checked(stripped)


def _checked(text: str) -> Address:
    try:
        seen = email_validator.validate_email(text, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError as error:
        raise InvalidError("address", str(error), plainly=_NO_ADDRESS) from error
    key = f"{_folded(seen.local_part)}@{seen.ascii_domain.lower()}"
    if len(key) > MAX_CHARACTERS:
        message = msgid("The address is too long once it is written out (%(characters)s characters).")
        raise InvalidError("address", message, characters=len(key))
    return Address(seen.normalized, key)


@lru_cache(maxsize=10_000)
def _domain(domain: str) -> tuple[str, str]:
    checked = _checked(f"x@{domain}")
    return checked.address.removeprefix("x@"), checked.key.removeprefix("x@")


def address_key(text: str) -> str:
    """Returns the form of an address that is the same for all of its spellings; raises InvalidError("address").

    The local part is case-folded and in Unicode's form NFC, the domain is in IDNA's ASCII form. RFC 5321 lets a host
    tell `Ada@` from `ada@`, but no known one does, and mailing one person twice is the likelier harm.
    """
    return checked_address(text).key


def ascii_domain_form(address: str) -> str:
    """Returns a checked address with its domain in IDNA 2008's ASCII form, as an envelope or a To line needs it.

    The local part is left as it is; where it is not ASCII, the relay must offer SMTPUTF8 (RFC 6531).
    """
    checked = checked_address(address)
    return f"{checked.address.rpartition('@')[0]}@{checked.key.rpartition('@')[2]}"


def _folded(local: str) -> str:
    # Unicode's canonical caseless match (Unicode 3.13, D145) decomposes first; without that, folding twice is not
    # always folding once.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", local).casefold())
