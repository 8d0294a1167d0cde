"""The real resolver: asks the machine's name servers, and says in words how that went."""

from collections.abc import Sequence

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from curator.http.values import Looked, Outcome

# A healthy name server answers in a tenth of a second, a far one after a lost packet in two.
LONGEST_S = 3.0

# The first that fits: the last three are what all others are made of.
_ENDS: dict[type[Exception], tuple[Outcome, str]] = {
    dns.resolver.NXDOMAIN: (Outcome.NO_NAME, "There is no name {name}."),
    dns.resolver.NoAnswer: (Outcome.NO_RECORD, "{name} has no {kind} record."),
    dns.resolver.LifetimeTimeout: (Outcome.LATE, "No name server answered within {longest_s:g} s."),
    dns.resolver.NoResolverConfiguration: (Outcome.NO_NETWORK, "This machine knows no name server."),
    dns.resolver.NoNameservers: (Outcome.FAILED, "The name servers cannot tell anything about {name}."),
    dns.exception.DNSException: (Outcome.FAILED, "{name} cannot be asked for."),
    OSError: (Outcome.FAILED, "{name} cannot be asked for."),
    UnicodeError: (Outcome.FAILED, "{name} cannot be asked for."),
}


class DnsResolver:
    """Asks over UDP, and over TCP where an answer is too long for that.

    `servers` (address and port) stand in for those that the machine is set up with.
    """

    def __init__(self, *, longest_s: float = LONGEST_S, servers: Sequence[tuple[str, int]] = ()) -> None:
        self._longest_s = longest_s
        self._servers = tuple(servers)

    def txt(self, name: str) -> Looked:
        """Returns the TXT records of a name, in no order."""
        found = self._asked(name, dns.rdatatype.TXT)
        return found if isinstance(found, Looked) else _looked(name, [_text(record) for record in found])

    def mx(self, name: str) -> Looked:
        """Returns the hosts that take mail for a name, most wanted first; "." stands for a host that takes none."""
        found = self._asked(name, dns.rdatatype.MX)
        if isinstance(found, Looked):
            return found
        hosts = sorted((record for record in found if isinstance(record, MX)), key=lambda record: record.preference)
        return _looked(name, [record.exchange.to_text(omit_final_dot=True) or "." for record in hosts])

    def _asked(self, name: str, kind: dns.rdatatype.RdataType) -> "dns.resolver.Answer | Looked":
        try:
            return self._resolver().resolve(name, kind, lifetime=self._longest_s, search=False)
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            outcome, words = next(found for cause, found in _ENDS.items() if isinstance(error, cause))
            if isinstance(error, dns.resolver.NoNameservers) and _is_offline(error):
                outcome, words = Outcome.NO_NETWORK, "No name server can be reached: this machine seems offline."
            return Looked(name, outcome, words=words.format(name=name, kind=kind.name, longest_s=self._longest_s))

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = [address for address, _ in self._servers]
            resolver.nameserver_ports = dict(self._servers)
        return resolver


def _looked(name: str, records: Sequence[str]) -> Looked:
    return Looked(name, Outcome.FOUND, tuple(records))


def _text(record: object) -> str:
    assert isinstance(record, TXT)
    # One record may come in pieces of 255 bytes; readers of SPF and DKIM join them without a space (RFC 7208 3.3).
    return b"".join(record.strings).decode("utf-8", "replace")


def _is_offline(error: dns.resolver.NoNameservers) -> bool:
    """Tells a machine without a network from name servers that answer with an error."""
    causes = [cause for _, _, _, cause, _ in error.kwargs.get("errors", ())]
    return bool(causes) and all(isinstance(cause, OSError) for cause in causes)
