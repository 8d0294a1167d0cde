"""The errors that Curator raises on purpose, with their facts as attributes."""

from collections.abc import Mapping
from datetime import timedelta


class CuratorError(Exception):
    """The root of every error that is raised on purpose; `str()` of it is a sentence for a person.

    `retry_in` says whether trying again can help: None means it cannot until somebody changes something.
    """

    retry_in: timedelta | None = None


def filled(message: str, values: Mapping[str, str | int]) -> str:
    """Returns a message with its values in it, as English writes them."""
    if not values:
        return message
    return message % {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}


class SettingError(CuratorError):
    """A setting cannot be used, so the start stops."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name
        self.reason = reason


class NotFoundError(CuratorError):
    """The thing that was asked for is not there (any more)."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"There is no {kind} {key}.")
        self.kind = kind
        self.key = key


class InvalidError(CuratorError):
    """What a person gave cannot be taken; `field` names the form field or option, `reason` says why, in English.

    What readers are to see in their own language is a message of the catalogs with its values: `message` and `values`.
    `plainly` is a message for languages that have no words for this one, as where another library gave the reason.
    """

    def __init__(self, field: str, message: str, *, plainly: str = "", **values: str | int) -> None:
        self.reason = filled(message, values)
        super().__init__(self.reason)
        self.field = field
        self.message = message
        self.plainly = plainly
        self.values = values


class ConflictError(CuratorError):
    """Somebody changed the thing first: `expected` is the version that the caller had seen."""

    def __init__(self, kind: str, key: object, *, expected: int, actual: int) -> None:
        super().__init__(f"The {kind} was changed by someone else meanwhile (version {actual}, you had {expected}).")
        self.kind = kind
        self.key = key
        self.expected = expected
        self.actual = actual


class StateError(CuratorError):
    """The thing is not in a state that allows this step; `message` and `values` as in InvalidError."""

    def __init__(self, message: str, **values: str | int) -> None:
        super().__init__(filled(message, values))
        self.message = message
        self.values = values


class FetchError(CuratorError):
    """A URL could not be fetched."""

    def __init__(self, url: str, reason: str, *, retry_in: timedelta | None = None) -> None:
        super().__init__(reason)
        self.url = url
        self.reason = reason
        self.retry_in = retry_in


class ParseError(CuratorError):
    """A document that was fetched or uploaded cannot be understood."""


class RenderError(CuratorError):
    """An issue's template or its MJML does not compile; `line` counts from 1 where it is known."""

    def __init__(self, reason: str, *, template: str = "", line: int | None = None) -> None:
        where = f" ({template}{f', line {line}' if line else ''})" if template else ""
        super().__init__(f"{reason}{where}")
        self.reason = reason
        self.template = template
        self.line = line


class TooLargeError(RenderError):
    """A mail is larger than Gmail shows whole; `is_compact` tells that it is laid out compactly already."""

    def __init__(self, reason: str, *, is_compact: bool) -> None:
        super().__init__(reason)
        self.is_compact = is_compact


class TransportError(CuratorError):
    """The mail relay as a whole fails; no reader's address is at fault.

    `retry_in` is set for trouble that passes (a refused or lost connection) and None for what a person must mend.
    `is_of_message`: it was said of one message, so another may well be taken.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int | None = None,
        retry_in: timedelta | None = None,
        is_of_message: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.retry_in = retry_in
        self.is_of_message = is_of_message


class TokenError(CuratorError):
    """A signed token is forged, damaged, expired or made for another purpose."""


class StorageError(CuratorError):
    """The database cannot be used just now: it is locked, full, or away. What was to be written is not."""

    retry_in = timedelta(seconds=15)


class TooSlowError(CuratorError):
    """A query was ended because it took longer than somebody may wait for it."""


class AlreadyRunningError(CuratorError):
    """Another `curator run` works on this database."""
