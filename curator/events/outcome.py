"""What a relay's refusal says about an address. Pure.

Only an address that is dead is suppressed at once (RFC 3463: 5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10). A full mailbox may be
emptied, and a refusal over spam, policy or authentication is about us.
"""

import re

_STATUS = re.compile(r"\b5\.(\d{1,3})\.(\d{1,3})\b")
_DEAD = frozenset({("1", "1"), ("1", "2"), ("1", "3"), ("1", "6"), ("1", "10")})
# "Something about the address" and "something": the words have to say it.
_UNDEFINED = frozenset({("0", "0"), ("1", "0")})
_BARE_CODES = (550, 551, 553)
_WHO = r"(?:user|mailbox|recipient|address|account|person|member|subscriber)"
_DEAD_WORDS = re.compile(
    rf"\b(?:unknown|no such|invalid|non-?existent) (?:local )?{_WHO}\b"
    rf"|\b{_WHO} (?:is )?(?:unknown|not found|invalid|does ?n[o']t exist|not known)\b"
    rf"|\bno {_WHO} (?:here )?by that name\b|\b{_WHO} .{{0,40}}does not exist\b",
    re.IGNORECASE,
)
# "Recipient address rejected: user unknown in our block list" is about us all the same.
_ADDRESS = re.compile(r"\S+@\S+")
_ABOUT_US = re.compile(r"spam|block|black ?list|polic|reputation|authenti|spf|dkim|dmarc|banned|relay", re.IGNORECASE)


def is_dead(code: int, words: str) -> bool:
    """Tells whether a refusal says that the address is not there and never will be."""
    status = _STATUS.search(words)
    if status is not None and status.groups() not in _UNDEFINED:
        return status.groups() in _DEAD
    return code in _BARE_CODES and bool(_DEAD_WORDS.search(words)) and not _ABOUT_US.search(words)


def is_about_us(words: str) -> bool:
    """Tells whether a refusal speaks of spam, policy or authentication, which no address can help."""
    return bool(_ABOUT_US.search(_ADDRESS.sub("", words)))


def is_reported_dead(status: str, code: int, words: str) -> bool:
    """Tells the same of a report (RFC 3464), whose status and words come from two machines and may differ.

    Every status that says something must say it, and no word may be about us: some hosts answer 5.1.x to whom they
    have on a list.
    """
    named = [each for each in _STATUS.findall(f"{status} {words}") if each not in _UNDEFINED]
    if not named:
        return is_dead(code, words)
    # Without the addresses: somebody may have theirs at a host whose name is one of those words.
    return all(each in _DEAD for each in named) and not _ABOUT_US.search(_ADDRESS.sub("", words))
