"""The demo's DNS: its newsletter's domain is made up, so its records are too. Nobody in the world is asked."""

from curator.http.memory_resolver import MemoryResolver

DOMAIN = "heldout.example.test"


def resolver() -> MemoryResolver:
    """Returns a DNS in which nearly everything is in place: the policy of the domain is still to be written."""
    made_up = MemoryResolver()
    made_up.put(DOMAIN, txt="v=spf1 ip4:127.0.0.1 -all", mx=f"mail.{DOMAIN}")
    return made_up
