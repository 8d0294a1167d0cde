"""The address that a person at the desk signs in with, and the name that the desk calls them by.

The audience has its own rules beside these: the two rooms stand side by side and may not look at each other.
"""

import unicodedata
from dataclasses import dataclass

import email_validator

from curator.errors import InvalidError

MAX_CHARACTERS = 320
MAX_NAME_CHARACTERS = 200

# Names for tests (RFC 2606 and 6761) are addresses like any other here, because demo and tests use them. The validator
# offers this list for changing and has no argument for it.
email_validator.SPECIAL_USE_DOMAIN_NAMES[:] = [
    name for name in email_validator.SPECIAL_USE_DOMAIN_NAMES if name not in ("test", "invalid", "localhost")
]


@dataclass(frozen=True)
class UserAddress:
    """An address as it is shown, and the key under which all of its spellings are one."""

    address: str
    key: str


def checked_address(text: str) -> UserAddress:
    """Returns the address in `text`, or raises InvalidError("address") that says why it is none."""
    stripped = text.strip(" \t\u00a0")
    if not stripped:
        raise InvalidError("address", "The address is missing.")
    if len(stripped) > MAX_CHARACTERS:
        raise InvalidError("address", f"The address has {len(stripped)} characters; at most {MAX_CHARACTERS} go.")
    if not stripped.isprintable():
        raise InvalidError("address", "The address holds a line break or another control character.")
    try:
        seen = email_validator.validate_email(stripped, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError as error:
        raise InvalidError("address", str(error)) from error
    local = unicodedata.normalize("NFC", unicodedata.normalize("NFD", seen.local_part).casefold())
    key = f"{local}@{seen.ascii_domain.lower()}"
    if len(key) > MAX_CHARACTERS:
        raise InvalidError("address", f"The address is too long once it is written out ({len(key)} characters).")
    return UserAddress(seen.normalized, key)


def cleaned_name(text: str) -> str:
    """Returns a name in one line, without control characters, of at most 200 characters."""
    spaced = " ".join(text.split())
    return "".join(character for character in spaced if character.isprintable())[:MAX_NAME_CHARACTERS].strip()
