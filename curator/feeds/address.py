"""What somebody typed or pasted as a feed's address, made into one."""

from curator.errors import InvalidError
from curator.http.urls import absolute_url


def feed_address(given: str) -> str:
    """Returns the http(s) address that is meant: `feed:` and podcast schemes are taken off, a bare host gets https.

    Raises InvalidError (field "url") for what is no address.
    """
    text = given.strip().partition("#")[0]
    for prefix in ("feed://", "pcast://", "itpc://"):
        if text.lower().startswith(prefix):
            text = "https://" + text[len(prefix) :]
    text = text[len("feed:") :] if text.lower().startswith("feed:") else text
    if text and "://" not in text and "." in text.partition("/")[0]:
        text = "https://" + text
    address = absolute_url(text)
    if address is None:
        raise InvalidError("url", "This is no web address of a feed: it must be like https://example.org/feed.xml.")
    return address
