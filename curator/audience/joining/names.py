"""Names that are advertisements: what bots type where a name is asked for. Pure."""

import re

# "Free pharma visit", a market's address, a phone number: a form's name is the one text that a stranger could have us
# send to somebody else. A person who is called like that loses a greeting, so the words are few.
_SPAM = re.compile(
    r"https?:|www\.|\b[a-z0-9-]{2,}\.(com|net|org|info|biz|ru|cn|top|xyz|site|online|shop|club|icu|link|click|io|me|co)\b"
    r"|[@#<>{}\[\]|=\\^~*_$€£]|/{2}|[0-9]{5,}"
    r"|\b(viagra|cialis|pharma\w*|casino|poker|jackpot|bitcoin|btc|crypto\w*|ethereum|forex|payday|porn\w*|xxx|sexy?"
    r"|escort|dating|hookup|onlyfans|telegram|whatsapp|t\.me|bit\.ly|seo|backlinks?|click here|visit|winner|prize"
    r"|giveaway|bonus|discount|cheap|loans|investment|profit|earn(ed|ing)?|withdraw\w*|transfer(red)?|unsubscribe)\b",
    re.IGNORECASE,
)
# The longest names of people have about as many words; an advertisement is a sentence.
_MOST_WORDS = 9
_MOST_CHARACTERS = 80


def is_advertisement(name: str) -> bool:
    """Tells whether a name is rather something that somebody wants to have sent around."""
    text = name.strip()
    return len(text) > _MOST_CHARACTERS or len(text.split()) > _MOST_WORDS or _SPAM.search(text) is not None
