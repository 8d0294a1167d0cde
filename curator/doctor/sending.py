"""The world's part: the mail relay, each newsletter, and the DNS records of each sender's domain."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from functools import partial

from curator.app import App
from curator.checklist.values import Checklist
from curator.doctor.asking import Asking
from curator.errors import TransportError
from curator.events import mailbox
from curator.events.imap import session as imap
from curator.events.mailbox import MailboxError
from curator.findings import Finding, Level
from curator.http.values import Looked, Outcome, Resolver
from curator.mailings import dns
from curator.mailings.dkim import SigningKey
from curator.mailings.pace import store as pace
from curator.mailings.pacing import day_limit, is_new_sender, kept_for_letters
from curator.mailings.return_path import ReturnPath
from curator.mailings.routes import Route
from curator.mailings.transports.port import TellsLater, look
from curator.newsletters.values import NewsletterSpec, domain_of
from curator.settings import Settings
from curator.settings.imap import ImapUrl
from curator.settings.transports import USUAL_TRANSPORT

# A look-up ends by itself after 3 s; what goes beyond this is a name server list that is dead to its last entry.
LONGEST_DNS_S = 5.0
LONGEST_RELAY_S = 10.0


def relays(app: App, *, is_live: bool) -> "dict[str, Asking[Finding]]":
    """Begins to look at every transport: connects, greets, signs in, and hands no message over.

    Each stands under what it is called. `is_live` says that readers count on the usual one.
    """
    asked = {_about(name): Asking(partial(_greeted, route)) for name, route in app.transports.items()}
    if "" not in app.transports:
        level = Level.WRONG if is_live else Level.LOOK
        todo = "Set CURATOR_SMTP_URL (like smtp+starttls://USER:PASSWORD@mail.example.org:587) and start Curator anew."
        none = Finding(level, _about(""), "None is set up, so nothing can leave.", todo)
        asked = {_about(""): Asking(lambda: none), **asked}
    return asked


def relay_is_late(about: str) -> Finding:
    """Returns what to say about a relay that has not answered in time."""
    what, setting = f"It has not let us in within {LONGEST_RELAY_S:g} s.", _setting(about != _about(""))
    return Finding(Level.WRONG, about, what, f"Check host and port in {setting}, and the firewall.")


def _greeted(route: Route) -> Finding:
    if isinstance(route.transport, TellsLater):
        return Finding(Level.OK, _about(route.name), route.transport.tells_later)
    try:
        look(route.transport)
        return Finding(Level.OK, _about(route.name), "It answers and lets us in. No mail was sent.")
    except TransportError as error:
        todo = f"Check {_setting(bool(route.name))}; the relay's log may say more."
        return Finding(Level.WRONG, _about(route.name), str(error), todo)


def _about(name: str) -> str:
    return f"mail relay {name}".rstrip()


def _setting(is_named: bool) -> str:
    return "CURATOR_TRANSPORTS" if is_named else "CURATOR_SMTP_URL"


def paces(app: App) -> list[Finding]:
    """Says of each transport with limits how fast mail may leave, and how much of today's has."""
    on = app.clock().astimezone(UTC).date()
    with app.db.read() as session:
        counts = {name: pace.count(session, name, on) for name in app.transports}
    return [
        _pace(route, day_limit(route.limits, on), counts[name])
        for name, route in app.transports.items()
        if not route.limits.has_none
    ]


def _pace(route: Route, limit: int | None, count: int) -> Finding:
    about, limits = f"pace of the {_about(route.name)}", route.limits
    rates = [] if limits.per_second is None else [f"{limits.per_second:g} messages a second"]
    rates += [f"{rate:g} a second to {domain}" for domain, rate in sorted(limits.domains.items())]
    words = [f"At most {', '.join(rates)}."] if rates else []
    if limits.has_day and limit is None:
        words.append(f"{count:,} have left today; its warm-up is over, so a day has no limit.")
    elif limit is not None:
        whose = ", as many as a sender so new may send" if is_new_sender(limits, limit) else ""
        kept = f", and {kept_for_letters(limits):,} more are kept for letters" if limits.per_day and not whose else ""
        words.append(f"{count:,} of today's {limit:,} have left{whose or kept}.")
    if limit is None or count < limit:
        return Finding(Level.OK, about, " ".join(words))
    todo = "What is over waits for tomorrow, or takes the spare of its newsletter; nothing need be done."
    return Finding(Level.LOOK, about, " ".join(words), todo)


def missing_transports(app: App, known: Sequence[NewsletterSpec], *, desk: str) -> list[Finding]:
    """Finds newsletters whose transport or spare the settings do not name."""
    findings = []
    for spec in known:
        wanted = {spec.transport, spec.spare_transport} - {"", USUAL_TRANSPORT} - set(app.transports)
        findings += [
            Finding(
                Level.WRONG,
                f"transport of {spec.name}",
                f"The settings name no transport {name!r}, so its mailings pause and its letters wait.",
                f"Put it back into CURATOR_TRANSPORTS, or choose another at {desk}/newsletter?newsletter={spec.id}.",
            )
            for name in sorted(wanted)
        ]
    return findings


def newsletters(checklists: Sequence[Checklist], *, desk: str) -> list[Finding]:
    """Says of each newsletter whether it is live, and what keeps it from being so."""
    if not checklists:
        return [Finding(Level.LOOK, "newsletter", "There is none yet.", f"Set one up at {desk}.")]
    return [_newsletter(each, desk=desk) for each in checklists]


def _newsletter(found: Checklist, *, desk: str) -> Finding:
    about = f"newsletter {found.name}"
    if found.live_at is None:
        left = f"Left to do: {', '.join(found.left)}." if found.left else "Every step is done: it may go live."
        what = f"In test mode: only people at the desk get its mail. {left}"
        return Finding(Level.LOOK, about, what, f"See {desk}/setup?newsletter={found.newsletter_id}")
    if not found.postal_address.strip():
        what = "It is live, but bears no postal address, which the law of many countries asks for."
        return Finding(Level.WRONG, about, what, f"Fill it in at {desk}/newsletter?newsletter={found.newsletter_id}.")
    return Finding(Level.OK, about, f"Live since {found.live_at:%Y-%m-%d}, sent from {found.sender_address}.")


def bounces(settings: Settings) -> list[Finding]:
    """Says whether the mailboxes of bounces can be read, and what is missing; nothing where none is set up."""
    named = {settings.reply_mailbox: "CURATOR_REPLY_MAILBOX", settings.bounce_mailbox: "CURATOR_BOUNCE_MAILBOX"}
    there = [_over_imap(url, setting) for url, setting in named.items() if url is not None]
    if settings.bounce_mailbox is not None and settings.bounce_maildir is None:
        return there
    return there + _in_folder(settings)


def _over_imap(url: ImapUrl, setting: str) -> Finding:
    about = "answers over IMAP" if setting == "CURATOR_REPLY_MAILBOX" else "bounces over IMAP"
    try:
        with imap.visit(url) as folder:
            waiting = len(folder.new_names())
    except MailboxError as error:
        todo = f"See {setting}, and whether its server answers from here and has the user and the folder."
        return Finding(Level.WRONG, about, str(error), todo)
    return Finding(Level.OK, about, f"{url.folder} on {url.host} can be read; {waiting:,} wait there.")


def _in_folder(settings: Settings) -> list[Finding]:
    folder, about = settings.bounce_maildir, "bounces"
    if folder is None:
        if settings.bounce_address is None:
            return []
        what = f"They come back to {settings.bounce_address}, and nobody reads them."
        return [
            Finding(Level.LOOK, about, what, "Set CURATOR_BOUNCE_MAILDIR to the folder that they are delivered to.")
        ]
    try:
        mailbox.require_usable(folder)
    except MailboxError as error:
        todo = (
            "Have the mail server deliver there, on a machine with a clock, and let Curator's user read and write it."
        )
        return [Finding(Level.WRONG, about, str(error), todo)]
    return [Finding(Level.OK, about, f"Their mailbox can be read; {len(mailbox.new_names(folder))} of them are new.")]


def check(app: App, sender_address: str) -> list[Finding]:
    """Looks up everything that mail from this address needs in the DNS; takes some seconds at most."""
    domain = domain_of(sender_address)
    findings = records(app, domain).findings()
    return findings if app.return_path else [*findings, dns.return_path(None, domain)]


def records(app: App, domain: str, selectors: Iterable[str] = ()) -> "Records":
    """Begins the look-ups of a sender's domain, those of the keys that Curator signs with among them."""
    signer = app.keyring.signer_for(domain)
    keys = () if signer is None else signer.keys
    return Records(app.resolver, domain, selectors, keys=keys, return_path=app.return_path)


class Records:
    """The look-ups that one sender's domain takes, all begun at once.

    Where bounces come back to another domain, that one's SPF is what receivers ask for, and its MX what bounces need.
    """

    def __init__(
        self,
        resolver: Resolver,
        domain: str,
        selectors: Iterable[str],
        *,
        keys: Sequence[SigningKey] = (),
        return_path: ReturnPath | None = None,
    ) -> None:
        self._domain = domain
        self._return_path = return_path
        self._return_domain = domain if return_path is None else return_path.domain
        self._mx = {each: Asking(partial(resolver.mx, each)) for each in dict.fromkeys((domain, self._return_domain))}
        self._spf = Asking(partial(resolver.txt, self._return_domain))
        self._own = [(key, Asking(partial(resolver.txt, key.dns_name))) for key in keys]
        self._dmarc = [(name, Asking(partial(resolver.txt, name))) for name in dns.dmarc_names(domain)]
        self._dkim = {each: Asking(partial(resolver.txt, dns.dkim_name(domain, each))) for each in selectors}

    def findings(self) -> list[Finding]:
        """Returns what the records are worth."""
        domain = self._domain
        keys = [
            dns.own_dkim(key.domain, key.selector, key.dns_text, _looked(key.dns_name, asking))
            for key, asking in self._own
        ]
        keys += [
            dns.dkim(domain, selector, _looked(dns.dkim_name(domain, selector), asking))
            for selector, asking in self._dkim.items()
        ]
        looked = [_looked(name, asking) for name, asking in self._dmarc]
        return [
            dns.spf(self._return_domain, _looked(self._return_domain, self._spf)),
            *(keys or [dns.dkim_unknown(domain)]),
            dns.dmarc(domain, looked, return_domain=self._return_domain),
            *(dns.mx(each, _looked(each, asking)) for each, asking in self._mx.items()),
            *([dns.return_path(self._return_path.address, domain)] if self._return_path else []),
        ]


def _looked(name: str, asking: "Asking[Looked]") -> Looked:
    answer = asking.answer(within_s=LONGEST_DNS_S)
    return answer or Looked(name, Outcome.LATE, words=f"No name server answered within {LONGEST_DNS_S:g} s.")
