"""Reads single settings: numbers, choices, folders, programs, lists of domains. A wrong one is named in one line."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from curator.errors import SettingError

N = TypeVar("N", int, float)
_SHORTEST_SECRET = 16
_DNS_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DNS_NAME = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})*")


def from_files(given: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Returns what is given, with the content of NAME_FILE as NAME for each of these names.

    So secrets come from where systemd or a container puts them, and never stand in an environment. Raises SettingError
    for a file that cannot be read, and where both are given.
    """
    read = dict(given)
    for name in names:
        path = read.pop(f"{name}_FILE", None)
        if path is None:
            continue
        if name in given:
            raise SettingError(f"{name}_FILE", f"is set beside {name}; keep one of them.")
        try:
            read[name] = Path(path).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"{name}_FILE", f"is {path!r}, a file that cannot be read as text.") from error
        if not read[name]:
            raise SettingError(f"{name}_FILE", f"is {path!r}, a file that is empty.")
    return read


def folder(name: str, given: Mapping[str, str], *, such_as: str) -> Path | None:
    """Returns a whole path, None where none is given; `such_as` is told where it is not whole."""
    if name not in given:
        return None
    path = Path(given[name]).expanduser()
    if not path.is_absolute():
        raise SettingError(name, f"is {given[name]!r}; it must be a whole path, such as {such_as}.")
    return path


def domains(given: Mapping[str, str], name: str) -> frozenset[str]:
    """Returns the domains in a file, one a line in any case; empty lines and what stands behind a # are left out."""
    if name not in given:
        return frozenset()
    try:
        text = Path(given[name]).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(name, f"is {given[name]!r}, a file that cannot be read as text.") from error
    lines = (line.partition("#")[0].strip().lower().rstrip(".") for line in text.splitlines())
    found = [line for line in lines if line]
    wrong = next((line for line in found if not DNS_NAME.fullmatch(line) or "." not in line), None)
    if wrong is not None:
        raise SettingError(name, f"names a file in which {wrong[:80]!r} stands; write one domain a line.")
    return frozenset(found)


def program(given: Mapping[str, str], name: str) -> Path | None:
    """Returns the path of a program that is there, None where none is given."""
    value = given.get(name)
    if value is None:
        return None
    path = Path(value).expanduser()
    if not path.is_absolute() or not path.is_file():
        raise SettingError(name, f"is {value!r}; it must be the whole path of a program on this machine.")
    return path


def number(given: Mapping[str, str], name: str, default: N, *, low: N, high: N) -> N:
    """Returns a number from `low` to `high`, of the kind of `default`."""
    if name not in given:
        return default
    try:
        found = type(default)(given[name])
    except ValueError as error:
        raise SettingError(name, f"is {given[name]!r}; it must be a number.") from error
    if not low <= found <= high:
        raise SettingError(name, f"is {found}; it must be from {low} to {high}.")
    return found


def flag(given: Mapping[str, str], name: str) -> bool:
    """Tells whether a setting says yes; without one it says no."""
    return choice(given, name, "no", ("no", "yes")) == "yes"


def choice(given: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    """Returns one of the choices."""
    value = given.get(name, default)
    if value not in choices:
        raise SettingError(name, f"is {value!r}; it must be one of: {', '.join(choices)}.")
    return value


def web_address(given: Mapping[str, str], name: str) -> str | None:
    """Returns an address of the web, None where none is given. A wrong one is not quoted: it may be a key."""
    value = given.get(name)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise SettingError(name, "must be an address such as https://watch.example.org/ping/1.")
    return value


def mailboxes(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Returns mail addresses, parted by blanks or commas."""
    found = tuple(given.get(name, "").replace(",", " ").split())
    for number, each in enumerate(found, start=1):
        local, _, domain = each.rpartition("@")
        if not local or not local.isascii() or not DNS_NAME.fullmatch(domain.lower()) or "." not in domain:
            raise SettingError(name, f"is wrong: number {number} in it is no mail address.")
    return found


def secret(given: Mapping[str, str], name: str) -> str | None:
    """Returns words that nobody guesses, None where none are given."""
    value = given.get(name)
    if value is not None and (len(value) < _SHORTEST_SECRET or not value.isascii() or " " in value):
        raise SettingError(name, f"must have at least {_SHORTEST_SECRET} letters and digits.")
    return value
