"""The exports of other newsletter tools: how each is told by its columns, and what its columns and words mean."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from curator.audience.moving.values import Column, Standing

ANY = "csv"
"""Any file with a column of addresses, of no tool that is known."""


@dataclass(frozen=True)
class Vendor:
    """A tool. One of its `signatures` (sets of headings, as `word` makes them) tells its export from others.

    `words` are what its status says where that differs from everybody else's; `files` are parts of the names of its
    files that say how everybody in them stands; `hint` is what has to be known of it.
    """

    key: str
    name: str
    signatures: Sequence[frozenset[str]]
    columns: Mapping[str, Column]
    words: Mapping[str, Standing] = field(default_factory=dict)
    files: Sequence[tuple[str, Standing]] = ()
    hint: str = ""


def word(heading: str) -> str:
    """Returns a heading as it reads without case, spaces and punctuation: "E-Mail Address" is emailaddress."""
    return "".join(filter(str.isalnum, heading.casefold()))


def _signatures(*lines: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(line.split()) for line in lines)


_LISTMONK = Vendor(
    "listmonk",
    "listmonk",
    _signatures("uuid email attributes status", "email name attributes"),
    {"attributes": Column.ATTRIBUTES, "updatedat": Column.IGNORE, "lists": Column.IGNORE},
    hint="listmonk's export does not say who left a single list: export one list with its confirmed subscribers only,"
    " and its unsubscribed ones as a file of their own.",
)
_MAILCHIMP = Vendor(
    "mailchimp",
    "Mailchimp",
    _signatures("emailaddress leid euid", "emailaddress memberrating", "email memberrating", "emailaddress optintime"),
    {
        "optintime": Column.JOINED_AT,
        "confirmtime": Column.CONFIRMED_AT,
        "unsubtime": Column.LEFT_AT,
        "cleantime": Column.BOUNCED_AT,
        "lastchanged": Column.IGNORE,
        "address": Column.IGNORE,
        "notes": Column.IGNORE,
    },
    words={"non_subscribed": Standing.ASIDE, "transactional": Standing.ASIDE},
    files=(
        ("nonsubscribed", Standing.ASIDE),
        ("unsubscribed", Standing.ENDED),
        ("cleaned", Standing.BOUNCED),
        ("archived", Standing.ASIDE),
        ("subscribed", Standing.ACTIVE),
    ),
    hint="Give the zip as it came: the files for subscribed, unsubscribed and cleaned members are told apart by their"
    " names. Groups are columns under their own names; say which of them are interests.",
)
_SUBSTACK = Vendor(
    "substack",
    "Substack",
    _signatures("email emaildisabled", "email activesubscription", "email stripeplan"),
    {
        "emaildisabled": Column.OPTED_OUT,
        "activesubscription": Column.IGNORE,
        "plan": Column.IGNORE,
        "startdate": Column.JOINED_AT,
        "type": Column.IGNORE,
    },
    hint="Whoever pays there does not pay here: only the free newsletter moves.",
)
_BUTTONDOWN = Vendor(
    "buttondown",
    "Buttondown",
    _signatures(
        "emailaddress creationdate", "email creationdate", "email subscribertype", "emailaddress type tags metadata"
    ),
    {
        "type": Column.STATUS,
        "subscribertype": Column.STATUS,
        "creationdate": Column.JOINED_AT,
        "unsubscriptiondate": Column.LEFT_AT,
        "metadata": Column.ATTRIBUTES,
        "notes": Column.IGNORE,
    },
    # A former payer who reads on for free, and one whose card failed: both are mailed there.
    words={"churned": Standing.ACTIVE, "removed": Standing.ENDED, "inactive": Standing.UNCONFIRMED},
)
_GHOST = Vendor(
    "ghost",
    "Ghost",
    _signatures("email subscribedtoemails", "email complimentaryplan stripecustomerid"),
    {
        "subscribedtoemails": Column.STATUS,
        "complimentaryplan": Column.IGNORE,
        "labels": Column.TAGS,
        "tiers": Column.IGNORE,
        "products": Column.IGNORE,
        "note": Column.IGNORE,
        "deletedat": Column.LEFT_AT,
    },
)
_KIT = Vendor(
    "kit",
    "Kit (ConvertKit)",
    _signatures(
        "email firstname status createdat",
        "email firstname state createdat",
        "emailaddress firstname status createdat",
        "emailaddress firstname state createdat",
        "emailaddress firstname createdat tags",
        "email firstname createdat tags",
    ),
    {"state": Column.STATUS, "cancelledat": Column.LEFT_AT},
    # Kit calls whoever has yet to confirm inactive.
    words={"inactive": Standing.UNCONFIRMED},
    files=(
        ("unconfirmed", Standing.UNCONFIRMED),
        ("cancelled", Standing.ENDED),
        ("unsubscribed", Standing.ENDED),
        ("bounced", Standing.BOUNCED),
        ("complained", Standing.COMPLAINED),
    ),
    hint="Kit exports one state at a time. Bring each file, and say which state it is where no column does.",
)
_BEEHIIV = Vendor(
    "beehiiv",
    "beehiiv",
    _signatures(
        "email status subscriptiontier",
        "email status tier",
        "email status createdat utmsource",
        "email status created utmsource",
        "email status subscribedat utmsource",
        "email status referralcode",
    ),
    {
        "created": Column.JOINED_AT,
        "acquisitionsource": Column.SOURCE,
        "utmsource": Column.SOURCE,
        "unsubscribedat": Column.LEFT_AT,
        "unsubscribedon": Column.LEFT_AT,
    },
    # beehiiv calls whoever left inactive, and an address that it could not verify invalid.
    words={"inactive": Standing.ENDED},
)
_CURATED = Vendor(
    "curated",
    "Curated",
    _signatures(
        "email status source subscribedat",
        "email status source subscribed",
        "email status source signedupat",
        "email status source signedup",
        "email status source datesubscribed",
        "emailaddress status source subscribedat",
        "emailaddress status source subscribed",
    ),
    {"subscribed": Column.JOINED_AT, "signedup": Column.JOINED_AT, "datesubscribed": Column.JOINED_AT},
    hint="Curated's statuses are Active, Unsubscribed, Spam, Bounced and Pending Confirmation.",
)
_CURATOR = Vendor(
    "curator",
    "Curator",
    _signatures("email newsletter status consentbasis", "email hash reason"),
    {
        "newsletter": Column.NEWSLETTER,
        "suppressed": Column.SUPPRESSED,
        "reason": Column.SUPPRESSED,
        "hash": Column.HASH,
        "since": Column.IGNORE,
        "note": Column.IGNORE,
    },
    hint="Only rows of the newsletter with this one's short name are taken; ignore the column to take all.",
)
_ANY = Vendor(ANY, "another tool, or a list of one's own", (), {})

VENDORS: Mapping[str, Vendor] = {
    each.key: each
    for each in (
        _ANY,
        _LISTMONK,
        _MAILCHIMP,
        _SUBSTACK,
        _BUTTONDOWN,
        _GHOST,
        _KIT,
        _BEEHIIV,
        _CURATED,
        _CURATOR,
    )
}


def detected(headings: Collection[str]) -> Vendor:
    """Returns the tool whose export has these headings: the one with the longest signature among them."""
    words = {word(heading) for heading in headings}
    best, length = _ANY, 0
    for vendor in VENDORS.values():
        longest = max((len(each) for each in vendor.signatures if each <= words), default=0)
        if longest > length:
            best, length = vendor, longest
    return best


def standing_of_file(vendor: Vendor, name: str) -> Standing | None:
    """Returns how everybody in a file stands by its name; None where the name does not say."""
    plain = name.rpartition("/")[2].casefold()
    return next((standing for part, standing in vendor.files if part in plain), None)
