"""What both resolvers promise: the real one against a name server on this machine, and its in-memory twin."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from curator.http.memory_resolver import MemoryResolver
from curator.http.resolver import DnsResolver
from curator.http.values import Outcome, Resolver

# The kernel refuses to send there, so that a machine without a network is had without leaving this one.
_NOWHERE = ("255.255.255.255", 53)


@dataclass
class NameServer:
    """Answers DNS over UDP on a port of its own."""

    zone: dict[str, list[str]] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    too_long: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self.place = ("127.0.0.1", self._udp.getsockname()[1])
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._tcp.bind(self.place)
        self._tcp.listen()
        self._threads = [threading.Thread(target=serve) for serve in (self._serve_udp, self._serve_tcp)]

    def put(self, name: str, record: str = "") -> None:
        """Adds a record such as `TXT "v=spf1 -all"`; without one the name exists and is empty."""
        self.zone.setdefault(name, []).extend([record] if record else [])

    def _serve_udp(self) -> None:
        while True:
            asked, whom = self._udp.recvfrom(4096)
            if not asked:
                return
            answer = self._answer(asked)
            if answer is not None and str(answer.question[0].name).rstrip(".") in self.too_long:
                answer.answer.clear()
                answer.flags |= dns.flags.TC
            if answer is not None:
                self._udp.sendto(answer.to_wire(), whom)

    def _serve_tcp(self) -> None:
        while True:
            connection, _ = self._tcp.accept()
            with connection:
                head = connection.recv(2)
                if not head:
                    return
                answer = self._answer(connection.recv(int.from_bytes(head, "big")))
                assert answer is not None
                wire = answer.to_wire()
                connection.sendall(len(wire).to_bytes(2, "big") + wire)

    def _answer(self, asked: bytes) -> dns.message.QueryMessage | None:
        query = dns.message.from_wire(asked)
        name, kind = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
        text = str(name).rstrip(".").lower()
        answer = dns.message.make_response(query)
        assert isinstance(answer, dns.message.QueryMessage)
        if text in self.silent:
            return None
        if text in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif text not in self.zone:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            fitting = [record.partition(" ")[2] for record in self.zone[text] if record.startswith(f"{kind} ")]
            if fitting:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *fitting))
        return answer

    def __enter__(self) -> "NameServer":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.place)
        socket.create_connection(self.place).close()
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()


@dataclass(frozen=True)
class World:
    """A resolver with the names that it asks about."""

    resolver: Resolver
    put_txt: Callable[[str, str], None]
    put_mx: Callable[[str, int, str], None]
    put_nothing: Callable[[str], None]
    fail: Callable[[str], None]
    silence: Callable[[str], None]


@pytest.fixture(params=["real", "twin"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "twin":
        twin = MemoryResolver()
        yield World(
            twin,
            put_txt=lambda name, text: twin.put(name, txt=text),
            put_mx=lambda name, _, host: twin.put(name, mx=host),
            put_nothing=twin.put,
            fail=lambda name: twin.fail(Outcome.FAILED, name),
            silence=lambda name: twin.fail(Outcome.LATE, name),
        )
        return
    with NameServer() as server:
        yield World(
            DnsResolver(longest_s=0.4, servers=[server.place]),
            put_txt=lambda name, text: server.put(name, f'TXT "{text}"'),
            put_mx=lambda name, wish, host: server.put(name, f"MX {wish} {host}."),
            put_nothing=server.put,
            fail=server.failing.add,
            silence=server.silent.add,
        )


def test_every_txt_record_of_a_name_is_found_in_any_case(world: World) -> None:
    world.put_txt("podcast.example", "v=spf1 -all")
    world.put_txt("podcast.example", "something else")
    looked = world.resolver.txt("podcast.example")
    assert (looked.outcome, set(looked.records)) == (Outcome.FOUND, {"v=spf1 -all", "something else"})
    assert world.resolver.txt("PODCAST.example").outcome is Outcome.FOUND


def test_the_hosts_that_take_mail_come_in_the_order_in_which_they_are_wanted(world: World) -> None:
    world.put_mx("podcast.example", 10, "first.example")
    world.put_mx("podcast.example", 20, "second.example")
    assert world.resolver.mx("podcast.example").records == ("first.example", "second.example")


def test_a_name_that_is_not_there_is_told_from_one_without_such_a_record(world: World) -> None:
    world.put_nothing("podcast.example")
    assert world.resolver.txt("podcast.example").outcome is Outcome.NO_RECORD
    looked = world.resolver.mx("nowhere.example")
    assert (looked.outcome, looked.records) == (Outcome.NO_NAME, ())
    assert "nowhere.example" in looked.words


def test_what_nobody_answers_is_no_answer(world: World) -> None:
    world.fail("podcast.example")
    world.silence("slow.example")
    outcomes = [world.resolver.txt(name).outcome for name in ("podcast.example", "slow.example")]
    assert outcomes == [Outcome.FAILED, Outcome.LATE]
    assert not any(outcome.is_answer for outcome in outcomes)


def test_the_real_one_joins_the_pieces_of_a_record_and_sorts_hosts() -> None:
    with NameServer() as server:
        server.put("key.example", 'TXT "v=DKIM1; p=MIIB" "IjAN"')
        server.put("key.example", "MX 20 second.example.")
        server.put("key.example", "MX 10 first.example.")
        server.put("none.example", "MX 0 .")
        resolver = DnsResolver(longest_s=2, servers=[server.place])
        assert resolver.txt("key.example").records == ("v=DKIM1; p=MIIBIjAN",)
        assert resolver.mx("key.example").records == ("first.example", "second.example")
        assert resolver.mx("none.example").records == (".",)


def test_the_real_one_asks_again_over_tcp_for_what_is_too_long() -> None:
    with NameServer(too_long={"long.example"}) as server:
        server.put("long.example", 'TXT "v=spf1 -all"')
        assert DnsResolver(longest_s=2, servers=[server.place]).txt("long.example").records == ("v=spf1 -all",)


def test_the_real_one_says_that_it_is_offline_or_that_a_name_is_none() -> None:
    offline = DnsResolver(longest_s=2, servers=[_NOWHERE]).txt("podcast.example")
    assert (offline.outcome, offline.words) == (
        Outcome.NO_NETWORK,
        "No name server can be reached: this machine seems offline.",
    )
    no_name = DnsResolver(servers=[_NOWHERE]).txt(f"{'x' * 64}.example")
    assert (no_name.outcome, "cannot be asked for" in no_name.words) == (Outcome.FAILED, True)
