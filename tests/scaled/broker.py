"""A RabbitMQ of the tests' own: a child process on the loopback address, with its data in a folder that goes away."""

import os
import socket
import subprocess
import time
from pathlib import Path

import amqp

# Debian's wrapper beside it insists on the service's own user and folders; this one does as it is told.
_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
# Erlang's register of nodes. A node would start one that stays; ours goes when the test does.
_EPMD = Path("/usr/bin/epmd")
_START_S = 90.0
_CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{port}
loopback_users.guest = true
log.file = false
log.console = true
log.console.level = warning
# Small, so that a node's start does not wait for the disk of a busy machine.
disk_free_limit.absolute = 50MB
"""


class Broker:
    """One node. It may be stopped and started again, with what it kept or without."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._dist_port, self._epmd_port = _free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None
        self._register: subprocess.Popen[bytes] | None = None
        self._epoch = 0

    @property
    def url(self) -> str:
        """Returns where its clients find it."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    def start(self) -> None:
        """Starts the node, unless it lives, and waits until it takes connections."""
        if self._process is not None:
            return
        assert _SERVER.exists(), "RabbitMQ is missing: `make test-scaled` installs it as root on Debian."
        if self._register is None:
            command = [_EPMD, "-address", "127.0.0.1", "-port", str(self._epmd_port)]
            self._register = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._process = self._spawn()
        deadline = time.monotonic() + _START_S
        while not self._answers():
            assert self._process.poll() is None, f"RabbitMQ did not start; see {self._folder / 'console.log'}"
            assert time.monotonic() < deadline, "RabbitMQ did not answer in time."
            time.sleep(0.2)

    def kill(self, *, is_wiped: bool = False) -> None:
        """Ends the node as a power cut would; `is_wiped` loses what it kept."""
        if self._process is not None:
            # The script and the Erlang machine that it runs: a session of their own.
            os.killpg(self._process.pid, 9)
            self._process.wait()
            self._process = None
        self._epoch += is_wiped

    def close(self) -> None:
        """Ends the node and its register."""
        self.kill()
        if self._register is not None:
            self._register.kill()
            self._register.wait()

    def purge(self, queue: str) -> int:
        """Loses every hint that waits in a queue; returns how many. A broker that was wiped may not have it yet."""
        with self._connection() as connection:
            try:
                return int(connection.channel().queue_purge(queue) or 0)
            except amqp.NotFound:
                return 0

    def _connection(self) -> amqp.Connection:
        return amqp.Connection(f"127.0.0.1:{self._port}", userid="guest", password="guest", connect_timeout=3)

    def _answers(self) -> bool:
        try:
            with self._connection() as connection:
                return bool(connection.connected)
        except (OSError, amqp.AMQPError):
            return False

    def _spawn(self) -> "subprocess.Popen[bytes]":
        home = self._folder / f"node-{self._epoch}"
        home.mkdir(parents=True, exist_ok=True)
        config = home / "rabbitmq.conf"
        config.write_text(_CONFIG.format(port=self._port))
        environ = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": f"curator-{self._port}@localhost",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "none.config"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "none.env"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "none.plugins"),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
        }
        with (self._folder / "console.log").open("ab") as log:
            return subprocess.Popen(
                [_SERVER],
                env=environ,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _free_ports(count: int) -> list[int]:
    """Returns ports that were free a moment ago; held together, so that they differ."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
