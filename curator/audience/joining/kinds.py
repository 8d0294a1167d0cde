"""Addresses that are hardly one person's: those of a role, and those that are thrown away. Pure."""

from collections.abc import Collection
from enum import StrEnum

# RFC 2142's mailboxes of services, and what firms call the mailbox that several people read.
_ROLES = (
    "abuse admin administrator all billing bounce bounces careers contact daemon donotreply everyone feedback "
    "finance help hello helpdesk hostmaster hr info it jobs kontakt legal list list-request mail mailer-daemon "
    "majordomo marketing media news newsletter no-reply nobody noc noreply office operations ops orders "
    "postmaster press privacy registrar remove root sales security service spam staff subscribe support sysadmin "
    "team tech undisclosed-recipients unsubscribe usenet uucp webmaster www"
)
ROLES = frozenset(_ROLES.split())
# The best known of them; an installation adds its own by a file (CURATOR_DISPOSABLE_DOMAINS).
_DISPOSABLE = (
    "10minutemail.com 10minutemail.net 20minutemail.com 33mail.com anonbox.net burnermail.io discard.email "
    "dispostable.com dropmail.me emailondeck.com fakeinbox.com fakemail.net getairmail.com getnada.com grr.la "
    "guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.info guerrillamail.net guerrillamail.org "
    "inboxkitten.com incognitomail.org jetable.org mail-temp.com mailcatch.com maildrop.cc mailexpire.com "
    "mailinator.com mailinator.net mailnesia.com mailpoof.com mailsac.com minuteinbox.com mintemail.com moakt.com "
    "mohmal.com mytemp.email nada.email pokemail.net sharklasers.com spam4.me spambox.us spamgourmet.com "
    "temp-mail.io temp-mail.org tempail.com tempinbox.com tempmail.dev tempmail.net tempmailo.com tempr.email "
    "throwawaymail.com trash-mail.com trashmail.com trashmail.de trashmail.net wegwerfmail.de yopmail.com "
    "yopmail.fr"
)
DISPOSABLE = frozenset(_DISPOSABLE.split())


class AddressKind(StrEnum):
    """What an address is, as far as its spelling tells."""

    ROLE = "role"
    DISPOSABLE = "disposable"


def kind_of(address_key: str, *, disposable: Collection[str] = DISPOSABLE) -> AddressKind | None:
    """Returns what kind an address (by its key) is of, None for one like any other; a domain's parts are it too."""
    local, _, domain = address_key.rpartition("@")
    labels = domain.split(".")
    if any(".".join(labels[start:]) in disposable for start in range(len(labels) - 1)):
        return AddressKind.DISPOSABLE
    return AddressKind.ROLE if local.partition("+")[0] in ROLES else None
