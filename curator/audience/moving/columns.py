"""What the columns of a file most likely hold, by their headings; an editor has the last word."""

from collections.abc import Mapping, Sequence

from curator.audience.moving.values import Column
from curator.audience.moving.vendors import Vendor, word

# The first of these that a file has is its address, so `address` is a postal one where there is an `email` beside it.
ADDRESS_HEADINGS = (
    "email",
    "emailaddress",
    "mail",
    "mailaddress",
    "subscriberemail",
    "useremailaddress",
    "contactemail",
    "emailadresse",
    "mailadresse",
    "courriel",
    "address",
)
_KNOWN: Mapping[str, Column] = {
    heading: column
    for column, headings in (
        (Column.NAME, "name fullname displayname subscribername username"),
        (Column.FIRST_NAME, "firstname givenname forename fname first vorname prenom"),
        (Column.LAST_NAME, "lastname surname familyname lname last nachname nom"),
        (Column.STATUS, "status state subscriptionstatus subscriberstatus memberstatus"),
        (Column.OPTED_OUT, "unsubscribed optedout optout emailoptout"),
        (Column.LEFT_AT, "unsubscribedat unsubscribedate leftat cancelledat unsubtime"),
        (Column.BOUNCED_AT, "bouncedat cleantime"),
        (Column.TAGS, "tags tag labels"),
        (Column.INTERESTS, "interests interest topics groups"),
        (Column.ATTRIBUTES, "attributes attribs"),
        (
            Column.JOINED_AT,
            """createdat created createddate creationdate joinedat joined signedupat signupdate subscribedat
            subscribedon subscriptiondate dateadded optintime subscribed""",
        ),
        (Column.CONFIRMED_AT, "confirmedat confirmationdate confirmtime consentdate optinconfirmedat"),
        (Column.BASIS, "consentbasis basis consent legalbasis lawfulbasis"),
        (Column.SOURCE, "source signupsource acquisitionsource"),
    )
    for heading in headings.split()
}
# Taken from one column only: a second one of the kind is left out until somebody says otherwise.
_ONCE = frozenset(set(Column) - {Column.TAGS, Column.INTERESTS, Column.IGNORE})


def keyed(headings: Sequence[str]) -> tuple[str, ...]:
    """Returns headings that are each there once: a second "Name" is "Name (2)", and one without words its number."""
    found: list[str] = []
    counts: dict[str, int] = {}
    for number, heading in enumerate(headings, 1):
        name = heading or f"column {number}"
        counts[name] = counts.get(name, 0) + 1
        found.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return tuple(found)


def address_heading(headings: Sequence[str]) -> str | None:
    """Returns the heading of the addresses, None where there is none."""
    by_word = {word(heading): heading for heading in reversed(headings)}
    return next((by_word[known] for known in ADDRESS_HEADINGS if known in by_word), None)


def guessed(headings: Sequence[str], vendor: Vendor, *, address: str) -> dict[str, Column]:
    """Returns what each column holds as far as its heading tells; what nobody knows is ignored."""
    taken = {Column.ADDRESS}
    found: dict[str, Column] = {}
    for heading in headings:
        if heading == address:
            found[heading] = Column.ADDRESS
            continue
        column = vendor.columns.get(word(heading), _KNOWN.get(word(heading), Column.IGNORE))
        found[heading] = Column.IGNORE if column in taken and column in _ONCE else column
        taken.add(column)
    return found
