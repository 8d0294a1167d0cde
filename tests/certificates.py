"""Throwaway certificates, made anew for each run: no private key lies in the repository."""

import ssl
from functools import cache

import trustme


def server_context(name: str) -> ssl.SSLContext:
    """What a test server shows that calls itself `name` (a host name or an IP address)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority().issue_cert(name).configure_cert(context)
    return context


def trusting_context() -> ssl.SSLContext:
    """What a client uses that trusts these certificates and no others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _authority().configure_trust(context)
    return context


@cache
def _authority() -> trustme.CA:
    return trustme.CA()
