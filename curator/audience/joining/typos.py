"""Slips of the keyboard in an address's domain: gmial.com for gmail.com. Pure."""

# Where most readers' mailboxes are. A domain that lies a slip away from one of them and is none is asked about, once.
_MAILBOXES = (
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.co.in ymail.com hotmail.com "
    "hotmail.co.uk hotmail.fr hotmail.de outlook.com outlook.de outlook.fr live.com live.co.uk msn.com icloud.com "
    "me.com mac.com aol.com proton.me protonmail.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de "
    "freenet.de posteo.de mailbox.org orange.fr free.fr laposte.net libero.it btinternet.com comcast.net "
    "verizon.net fastmail.com hey.com zoho.com yandex.ru mail.ru qq.com 163.com naver.com"
)
_USUAL = _MAILBOXES.split()
_KNOWN = frozenset((*_USUAL, "mail.com", "email.com", "gmx.us", "ymail.co", "live.de", "live.fr", "rocketmail.com"))
# Shorter ones have neighbours that are somebody's domain: me.com, aol.com, gmx.de.
_SHORTEST = 8
_ENDINGS = {
    **dict.fromkeys(("con", "cmo", "ocm", "vom", "xom", "comm", "coml", "cim"), "com"),
    **dict.fromkeys(("nte", "ent", "nett"), "net"),
    **dict.fromkeys(("ogr", "orgg"), "org"),
}


def meant(address: str) -> str | None:
    """Returns the address that somebody probably meant to type; None where it is fine or nobody can tell."""
    local, _, domain = address.rpartition("@")
    typed = domain.lower()
    if typed in _KNOWN:
        return None
    near = next((usual for usual in _USUAL if len(usual) >= _SHORTEST and _is_a_slip(typed, usual)), None)
    if near is None:
        front, _, ending = typed.rpartition(".")
        near = f"{front}.{_ENDINGS[ending]}" if ending in _ENDINGS and front else None
    return None if near is None else f"{local}@{near}"


def _is_a_slip(typed: str, usual: str) -> bool:
    """Tells whether one letter too many, too few or wrong, or two that changed places, make the difference."""
    if typed == usual or abs(len(typed) - len(usual)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(usual)) and typed[start] == usual[start]:
        start += 1
    one, other = typed[start:], usual[start:]
    return one[1:] == other or one == other[1:] or one[1:] == other[1:] or (one[1::-1] + one[2:] == other)
