"""Whether a program may listen on a port, asked before anything starts."""

import errno
import socket


def refusal(host: str, port: int) -> str | None:
    """Returns why nothing can listen there ("another program is using it"), None when something can.

    The web server shares its port between workers (SO_REUSEPORT), so a second one would start without an error and
    take half of the requests: this asks without sharing.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except PermissionError:
        return "this user may not use it"
    except socket.gaierror:
        return "this machine has no such address"
    except OSError as error:
        return "another program is using it" if error.errno == errno.EADDRINUSE else (error.strerror or "it failed")
    return None
