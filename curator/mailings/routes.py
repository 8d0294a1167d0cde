"""The ways out by name: which one a newsletter's mail takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from curator.errors import TransportError
from curator.mailings.pacing import NO_LIMITS, Limits
from curator.mailings.transports.port import Session as RelaySession
from curator.mailings.transports.port import Transport
from curator.settings.transports import USUAL_TRANSPORT

NO_RELAY = (
    "No mail relay is set up. Set CURATOR_SMTP_URL (like smtp+starttls://USER:PASSWORD@mail.example.org:587), "
    "restart Curator and resume the mailing."
)


@dataclass(frozen=True)
class Route:
    """A transport under its name, "" being the usual one, with what it may send."""

    name: str
    transport: Transport
    limits: Limits = NO_LIMITS


@dataclass(frozen=True)
class NoTransport:
    """Stands in for a transport that is not in the settings, so that a mailing pauses and says what to do."""

    reason: str = NO_RELAY

    def connect(self) -> RelaySession:
        """Raises TransportError."""
        raise TransportError(self.reason)


def route_of(routes: Mapping[str, Route], name: str) -> Route:
    """Returns the route of that name; one that is missing refuses every connection and says why."""
    found = routes.get(name)
    return found or Route(name, NoTransport(f"{missing(name)} Then resume the mailing." if name else NO_RELAY))


def spare_of(routes: Mapping[str, Route], name: str) -> Route | None:
    """Returns the route that a newsletter's spare names, None when it names none."""
    return route_of(routes, "" if name == USUAL_TRANSPORT else name) if name else None


def missing(name: str) -> str:
    """Returns what to say about a name that no transport in the settings has."""
    return (
        f"The settings name no transport {name!r} any more. Put it back into CURATOR_TRANSPORTS and restart Curator, "
        "or choose another one for the newsletter."
    )
