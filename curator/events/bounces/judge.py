"""What a status (RFC 3463) and a server's words come to: hard or soft, and the reason. Pure.

Words go before the status where they say anything: many hosts answer 5.1.1 to whom they have on a list, or 5.7.1 where
nobody lives. What speaks of us (spam, policy, authentication) is never held against an address.
"""

import re

from curator.events.bounces.values import Kind, Reason

_WHO = r"(?:user|mailbox|mail box|recipient|address|account|person|member|subscriber)"
_NOT_THERE = (
    r"(?:unknown|not (?:be )?found|invalid|illegal|incorrect|not (?:be )?(?:known|recogni[sz]ed|valid)"
    r"|does ?n[o']t exist|not exist(?:ing)?|does not exist|is ?n[o']t (?:valid|known)"
    r"|no longer (?:exists|valid|in use))"
)
_PLACE = r"(?:host|domain|server|site|name ?server)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# In the order in which they are believed.
_SAID: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (
        Reason.MAILBOX_FULL,
        _any(
            r"quota|mail ?box (?:\S{1,80} ){0,3}(?:is )?full|mail ?box full|inbox (?:is )?full|out of storage",
            r"insufficient (?:system |disk )?(?:storage|space)|no space left|too much mail data",
            r"(?:storage|mailbox size|disk space) (?:limit|exceed)",
            r"exceed\w* (?:\w{1,20} ){0,2}(?:storage|mailbox size)",
            r"full mailbox|bo[iî]te (?:\S{1,20} )?pleine|postfach (?:ist )?voll|buz[oó]n lleno",
            r"casella (?:\S{1,20} )?piena",
        ),
    ),
    (
        Reason.SIZE,
        _any(
            r"(?:message|mail|file) (?:size|length|is too (?:large|big|long)|too (?:large|big|long))",
            r"size (?:limit|exceed)|exceed\w* (?:\w{1,20} ){0,3}(?:message )?(?:size|length)|too large",
            r"larger than the",
        ),
    ),
    (
        Reason.BLOCKED,
        _any(
            r"\bspam|junk|block(?:ed|ing|s)?\b|block ?list|black ?list|black ?hole|dnsbl|\brbl\b|reputation|bann?ed",
            r"polic(?:y|ies)\b|authenti|unauthenti|\bspf\b|dkim|dmarc|sender[ -]id|virus|malware|infected|phish",
            r"reverse dns|\brdns\b|\bptr\b|relay(?:ing)?\b|rate limit|frequency|throttl|too many (?!hops)",
            r"sender (?:address |domain )?(?:rejected|verif|denied|refused|is not)|(?:unroutable|invalid|bad) sender",
            r"from address|mail ?from\b|client host|connections? not accepted|your (?:ip|host|server|domain|network)",
            r"ip address (?:is )?(?:block|list|ban|reject)|bad (?:ip|helo|reverse)|\bhelo\b|\behlo\b",
            r"(?<!not )listed (?:in|at|on|by)|permission|suspicious",
            r"not (?:allowed|permitted|authori[sz]ed)|prohibited|unsolicited|bulk (?:mail|e-?mail)|security|abus",
            r"gr[ae]y ?list|spamhaus|recipient preferences|responsible address|refused by|restricted",
            r"unauthori[sz]ed|content (?:filter|restrict)|filtered",
        ),
    ),
    (
        Reason.USER_UNKNOWN,
        _any(
            rf"\b{_NOT_THERE} (?:or \w{{1,20}} )?(?:local )?{_WHO}",
            rf"\b(?:no such|nonexist\w*|non-exist\w*) (?:local )?{_WHO}",
            rf"\b{_WHO}\b[^.;]{{0,40}}\b{_NOT_THERE}",
            rf"\bno (?:valid )?{_WHO} (?:here |exists )?(?:by|with|of) (?:that|this) |not our customer",
            r"not listed in (?:\S{1,20} ){0,3}(?:directory|address book)",
            r"not a (?:known|valid) (?:user|recipient|mailbox)",
            r"couldn't be found|recipn?ot(?:found)|recipientnotfound|adr\.\w{0,20}notfound|user doesn't have",
            r"doesn't have an? \S{1,80} account|address(?:ee)? (?:is )?no longer|not (?:our|a) customer",
            rf"\b(?:not|n't|cannot|unable to) (?:find|locate) (?:\w{{1,20}} ){{0,3}}{_WHO}\b",
            r"\bbad (?:recipient|mailbox)",
            rf"\b{_WHO} (?:\S{{1,80}} )?(?:has moved|has left|no longer)",
            r"no longer (?:on (?:this )?server|works? (?:here|at|for))",
            r"not a (?:registered|local) user|(?:user|mailbox) unavailable|unknown in (?:\w{1,20} ){0,2}table",
            r"not (?:in|on) (?:my|our) database",
            r"destinata?ire (?:inconnu|invalide|inexistant)|utilisateur inconnu|adresse (?:\S{1,20} )?inconnue",
            r"usuario (?:desconocido|no existe)|utente sconosciuto|usu[aá]rio desconhecido",
            r"(?:benutzer|empf[aä]nger) unbekannt",
            r"(?:adressat|пользователь|ящик|адрес\S{0,3}) не (?:найден|существует)",
            r"不存在|見つかりません",
        ),
    ),
    (
        Reason.DOMAIN,
        _any(
            rf"\b{_PLACE}(?: or domain)?(?: name)? (?:is )?(?:\S{{1,80}} )?(?:unknown|not found|lookup"
            r"|does ?n[o']t exist"
            rf"|does not exist|is not hosted|invalid)|\b(?:unknown|no such|illegal|invalid|bad) (?:mail )?{_PLACE}",
            r"nxdomain|unroute?able (?:address|mail|domain)|mail exchanger|null mx|does not accept (?:e-?)?mail",
            r"\bno mx\b",
            r"name (?:service|server) error|dns (?:lookup|error)|not be resolved|unable to resolve|bad destination",
            r"host ?name lookup|(?:name|domain|host) resolution|dns failure",
            r"(?:find|resolve|look ?up) (?:the |your )?(?:host|domain)",
            r"no smtp service|domain is not reachable",
            r"domain (?:is )?not found|(?:\w+\.){1,5}\w+ does not exist",
        ),
    ),
    (
        Reason.UNREACHED,
        _any(
            r"timed? ?out|timeout|connection (?:refused|reset|closed|lost|failed|dropped)|lost connection|retry time",
            r"no route|unreachable|too many hops|\bloop|expired|too long|not be (?:contacted|connected)|not connect",
            r"\d attempts|try (?:again )?later|temporar|deferred|undeliverable for|has been in the queue",
            r"for \d+ (?:day|hour)",
            r"did not accept our requests to connect",
        ),
    ),
    (
        Reason.CONTENT,
        _any(
            r"duplicate header|header (?:error|field)|headers? too|\bmime\b|attachment|8-?bit|conversion",
            r"malformed|bare lf",
            r"content (?:rejected|error|not)|syntax of the message|line too long",
        ),
    ),
)
# What a program on the way could not do says nothing of an address, whatever status it was dressed in.
_PROGRAM = _any(
    r"procmail|could ?n[o']t create|cannot create|i/o error|exit (?:code|status)|command (?:died|failed)|pipe to"
)
_ACCESS = _any(r"recipient address rejected: ?access denied")
_AT_RCPT = _any(r"(?:in reply to|after|>>>) ?(?:the )?rcpt|recipient address rejected|does not like recipient")
_AT_DATA = _any(r"(?:in reply to|after|>>>) ?(?:the )?(?:end of )?data\b")
# "550 <a@b.example>: user unknown" answers a command that named the address.
_NAMED = re.compile(r"\b5\d\d[ -](?:5\.\d\.\d )?<[^<>\s]{1,254}>(?::|\.\.\.) ")
_AGAIN = _any(r"found, try again|again later|temporar|servfail")
# Yahoo's words for it, whenever it says them.
_HAS_NO = _any(r"user doesn't have an? ")
# Words of who looked into a directory, and of no filter.
_DIRECTORY = _any(
    r"name is not recogni[sz]ed|recipn?ot|notfound",
    r"(?:address|user|recipient|mailbox)\b.{0,20}(?: not|n't) (?:be )?found",
    r"does ?n[o']t exist|does not exist|not listed in|no such (?:user|mailbox)|見つかりません|existiert nicht",
    r"n'existe pas|no existe",
)
_ADDRESS = re.compile(r"[^\s<>]{1,254}@[^\s<>]{1,254}")
# Postfix writes more behind it unless the table of its users is all that it looked at.
_REJECTED = _any(r"(?:recipient|address) (?:address )?rejected[.: ]*$")
_URL = re.compile(r"\bhttps?://(?!www\.spamhaus)\S{1,500}", re.IGNORECASE)
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])")
_STATUS = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_DONE = {"delivered", "relayed", "expanded", "deliverable"}

_BY_STATUS = {
    "1.1": Reason.USER_UNKNOWN,
    "1.2": Reason.DOMAIN,
    "1.3": Reason.USER_UNKNOWN,
    "1.6": Reason.USER_UNKNOWN,
    "1.10": Reason.USER_UNKNOWN,
    "2.2": Reason.MAILBOX_FULL,
    "2.3": Reason.SIZE,
    "3.4": Reason.SIZE,
    "4.4": Reason.DOMAIN,
    "1.7": Reason.BLOCKED,
    "1.8": Reason.BLOCKED,
}
_BY_SUBJECT = {"4": Reason.UNREACHED, "6": Reason.CONTENT, "7": Reason.BLOCKED}
_DEAD = (Reason.USER_UNKNOWN, Reason.DOMAIN)


def judged(action: str, status: str, words: str, *, told: str = "") -> tuple[Kind, Reason]:
    """Returns what became of a message for one recipient. `action` is that of RFC 3464, "" where none is named.

    `told` is what the mail tells a person, where it may say at which command the host refused.
    """
    if action == "delayed":
        return Kind.NONE, Reason.LATE
    if action in _DONE:
        return Kind.NONE, Reason.DELIVERED
    reason = _reason(status, words, told)
    # "4.1.1 user unknown" that was tried for days and then given up is no address that waits for better times.
    is_given_up = status == "4.1.1" and reason is Reason.USER_UNKNOWN
    # A name server that gave no answer is another matter than one that knows no such name.
    is_passing = reason is Reason.DOMAIN and bool(_AGAIN.search(words))
    is_hard = reason in _DEAD and not is_passing and (is_given_up or is_permanent(status, words))
    return (Kind.HARD if is_hard else Kind.SOFT), reason


def is_permanent(status: str, words: str) -> bool:
    """Tells whether a failure will still hold tomorrow; where no number says so, it is one that was given up."""
    if status:
        return status.startswith("5")
    found = _STATUS.search(words) or _CODE.search(words)
    return found is None or found.group(1) == "5"


def says(words: str) -> Reason:
    """Returns what words alone say; OTHER where that is nothing."""
    plain = " ".join(_URL.sub(" ", _ADDRESS.sub(" ", words)).split())
    if _ACCESS.search(plain):
        return Reason.USER_UNKNOWN
    said = next((reason for reason, pattern in _SAID if pattern.search(plain)), Reason.OTHER)
    return Reason.USER_UNKNOWN if said is Reason.OTHER and _REJECTED.search(plain) else said


def _reason(status: str, words: str, told: str) -> Reason:
    if _PROGRAM.search(words):
        return Reason.OTHER
    said = says(words)
    numbers = [status.partition(".")[2]] if status else []
    numbers += [f"{each.group(2)}.{each.group(3)}" for each in _STATUS.finditer(words)]
    if said is Reason.USER_UNKNOWN and any(each.startswith("7.") for each in numbers):
        return Reason.BLOCKED
    if said is Reason.USER_UNKNOWN and _is_weak(numbers, words, f"{words} {told}"):
        return Reason.OTHER
    if said not in (Reason.OTHER, Reason.UNREACHED):
        return said
    named = [found for each in numbers if (found := _by_status(each)) is not None]
    # What two machines say differs now and then: then what spares the address is believed.
    spared = [each for each in named if each not in _DEAD]
    return next(iter([*spared, *named]), said)


def _is_weak(numbers: list[str], words: str, told: str) -> bool:
    """Tells whether words speak of an unknown user and nothing bears them out.

    A host that refuses a recipient says so at RCPT. Filters of some mailbox providers take the recipient, look at the
    message, and then answer "user unknown" to what they do not like.
    """
    # RFC 3463: of X.2.0 the mailbox exists.
    if any(each not in ("0.0", "1.0", "2.0", "3.0", "5.0") for each in numbers):
        return False
    words, told = " ".join(words.split()), " ".join(told.split())
    if _AT_RCPT.search(told):
        return False
    if _HAS_NO.search(words):
        return False
    return bool(_AT_DATA.search(told)) or not (_DIRECTORY.search(words) or _NAMED.search(words))


def _by_status(number: str) -> Reason | None:
    return _BY_STATUS.get(number) or _BY_SUBJECT.get(number.partition(".")[0])
