"""Which way a mailing takes now: its newsletter's transport, or the spare once that has had its day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from curator.db import Session
from curator.mailings.pace import store
from curator.mailings.pacer import Pacer
from curator.mailings.routes import Route, route_of, spare_of
from curator.mailings.transports.port import Transport
from curator.newsletters import store as newsletters
from curator.newsletters.hours import send_window
from curator.newsletters.values import NewsletterSpec


@dataclass(frozen=True)
class Way:
    """The transport that a mailing takes now, and what it may send."""

    transport: Transport
    pacer: Pacer


def way_of(
    session: Session,
    routes: Mapping[str, Route],
    mailing_id: int,
    *,
    now: datetime,
    rest: Callable[[float], None],
) -> Way:
    """Returns the way that a mailing takes now: its newsletter's transport, or the spare when that has had its day.

    A name that is not in the settings gives a transport that refuses and says so; it is never replaced in silence.
    Raises NotFoundError.
    """
    newsletter = newsletters.newsletter(session, store.newsletter_id(session, mailing_id))
    spare = spare_of(routes, newsletter.spare_transport)
    pacer = _pacer(route := route_of(routes, newsletter.transport), newsletter, rest=rest, is_last=spare is None)
    if spare is None or pacer.has_room_today(session, now=now):
        return Way(route.transport, pacer)
    instead = _pacer(spare, newsletter, rest=rest, is_last=True)
    if instead.has_room_today(session, now=now):
        return Way(spare.transport, instead)
    return Way(route.transport, _pacer(route, newsletter, rest=rest, is_last=True))


def _pacer(route: Route, newsletter: NewsletterSpec, *, rest: Callable[[float], None], is_last: bool) -> Pacer:
    return Pacer(
        transport=route.name,
        limits=route.limits,
        hours=send_window(newsletter.send_from, newsletter.send_until, zone=newsletter.cadence.zone),
        is_last=is_last,
        has_spare=bool(newsletter.spare_transport),
        rest=rest,
    )
