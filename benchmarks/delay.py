"""A proxy that lets every byte wait: each direction of a connection by half of the round trip it plays."""

import asyncio
from collections.abc import Callable
from multiprocessing.connection import Connection


class _Late(asyncio.Protocol):
    """One side of a connection: what comes in leaves on the other side, later and in order."""

    def __init__(self, wait_s: float) -> None:
        self.other: _Late | None = None
        self.transport: asyncio.Transport | None = None
        self._wait_s = wait_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, raw: bytes) -> None:
        self._later(lambda: self._pass_on(raw))

    def connection_lost(self, _error: Exception | None) -> None:
        self._later(self._end)

    def _later(self, act: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(self._wait_s, act)

    def _pass_on(self, raw: bytes) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(raw)

    def _end(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


def serve(target_port: int, round_trip_s: float, told: Connection) -> None:
    """Serves for ever on a free port of the loopback address, which it tells; a connection itself takes no wait."""
    asyncio.run(_serve(target_port, round_trip_s / 2, told))


async def _serve(target_port: int, wait_s: float, told: Connection) -> None:
    loop = asyncio.get_running_loop()

    async def joined(inner: _Late) -> None:
        _, outer = await loop.create_connection(lambda: _Late(wait_s), "127.0.0.1", target_port)
        inner.other, outer.other = outer, inner

    pending: set[asyncio.Task[None]] = set()

    class Accepted(_Late):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            task = loop.create_task(joined(self))
            pending.add(task)
            task.add_done_callback(pending.discard)

    server = await loop.create_server(lambda: Accepted(wait_s), "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()
