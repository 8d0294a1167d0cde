"""Frozen settings, read once from `CURATOR_*` variables and checked before anything starts."""

import difflib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from curator.errors import InvalidError, SettingError

PREFIX = "CURATOR_"
N = TypeVar("N", int, float)
_DNS_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DKIM_PART = "._domainkey."
# With a plus and a token of 37 characters, 26 make the 64 that a local part may have (RFC 5321 4.5.3.1.1).
_BOUNCE_LOCAL = re.compile(r"(?=.{1,26}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_DNS_NAME = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})*")
_TRANSPORT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_TRANSPORT_NAME = 40

USUAL_TRANSPORT = "usual"
"""How the transport of CURATOR_SMTP_URL is called where an empty name would mean none."""


@dataclass(frozen=True)
class DkimKeyFile:
    """Where a private key lies that signs mail from a domain; the selector names it within that domain."""

    selector: str
    domain: str
    path: Path


@dataclass(frozen=True)
class TransportUrl:
    """A transport that newsletters may choose by name. Its URL may hold a password."""

    name: str
    url: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """What an operator decides. Units stand in the names; secrets are kept out of `repr`."""

    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    old_secret_keys: tuple[str, ...] = field(default=(), repr=False)
    public_url: str = "http://127.0.0.1:8000"
    bind_host: str = "127.0.0.1"
    bind_port: int = 8000
    smtp_url: str | None = field(default=None, repr=False)
    transports: tuple[TransportUrl, ...] = ()
    domain_rates: Mapping[str, float] = field(default_factory=dict)
    queue_url: str | None = field(default=None, repr=False)
    dkim_keys: tuple[DkimKeyFile, ...] = ()
    bounce_address: str | None = None
    bounce_maildir: Path | None = None
    # None: in the data folder. Where several machines serve pages it is a folder that all of them share.
    pictures_dir: Path | None = None
    # Where files of readers wait to be taken in; likewise.
    imports_dir: Path | None = None
    import_max_bytes: int = 2_000_000_000
    import_keep_days: int = 7
    trusted_proxies: int = 0
    allow_private_addresses: bool = False
    fetch_connect_s: float = 5.0
    fetch_read_s: float = 20.0
    fetch_total_s: float = 30.0
    fetch_max_bytes: int = 15_000_000
    polls: int = 8
    polls_per_host: int = 1
    worker_threads: int = 4
    senders: int = 1
    missed_slot_limit_hours: int = 24
    files_dir: Path | None = None
    download_link_days: int = 7
    keep_requests_days: int = 365
    # Domains of addresses that are thrown away, beside those that the house knows.
    disposable_domains: frozenset[str] = frozenset()
    # For how many months what names readers is kept; 0: for good.
    keep_events_months: int = 13
    keep_deliveries_months: int = 24
    keep_ended_months: int = 36
    keep_log_months: int = 24
    chromium: Path | None = None
    spamassassin: Path | None = None
    log_format: str = "text"
    is_demo: bool = False

    @property
    def is_https(self) -> bool:
        """Whether readers and editors reach this installation over TLS (decides the cookies' Secure flag)."""
        return self.public_url.startswith("https://")


def load(environ: Mapping[str, str]) -> Settings:
    """Returns the settings in `environ`, or raises SettingError with one line that names the wrong one.

    Without CURATOR_SECRET_KEY the key file `secret.key` in the data folder is read (`curator init` makes it).
    """
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value != ""}
    _refuse_unknown(given)
    data_dir = Path(given.get("CURATOR_DATA_DIR", "var")).expanduser()
    host, port = _bind(given.get("CURATOR_BIND", "127.0.0.1:8000"))
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(given.get("CURATOR_DATABASE_URL"), data_dir),
        secret_key=_secret_key(given.get("CURATOR_SECRET_KEY"), data_dir),
        old_secret_keys=tuple(given.get("CURATOR_OLD_SECRET_KEYS", "").split()),
        public_url=_public_url(given.get("CURATOR_PUBLIC_URL"), host, port),
        bind_host=host,
        bind_port=port,
        smtp_url=_smtp_url(given.get("CURATOR_SMTP_URL")),
        transports=_transports(given.get("CURATOR_TRANSPORTS", "")),
        domain_rates=_domain_rates(given.get("CURATOR_DOMAIN_RATES", "")),
        queue_url=_queue_url(given.get("CURATOR_QUEUE_URL")),
        dkim_keys=_dkim_keys(given.get("CURATOR_DKIM_KEYS", ""), data_dir),
        bounce_address=_bounce_address(given.get("CURATOR_BOUNCE_ADDRESS")),
        bounce_maildir=_folder("CURATOR_BOUNCE_MAILDIR", given, such_as="/var/mail/bounces"),
        pictures_dir=_folder("CURATOR_PICTURES_DIR", given, such_as="/srv/curator/pictures"),
        imports_dir=_folder("CURATOR_IMPORTS_DIR", given, such_as="/srv/curator/imports"),
        import_max_bytes=_number(given, "CURATOR_IMPORT_MAX_BYTES", 2_000_000_000, low=100_000, high=100_000_000_000),
        import_keep_days=_number(given, "CURATOR_IMPORT_KEEP_DAYS", 7, low=1, high=365),
        trusted_proxies=_number(given, "CURATOR_TRUSTED_PROXIES", 0, low=0, high=10),
        allow_private_addresses=_flag(given, "CURATOR_ALLOW_PRIVATE_ADDRESSES"),
        fetch_connect_s=_number(given, "CURATOR_FETCH_CONNECT_S", 5.0, low=0.1, high=60),
        fetch_read_s=_number(given, "CURATOR_FETCH_READ_S", 20.0, low=0.1, high=120),
        fetch_total_s=_number(given, "CURATOR_FETCH_TOTAL_S", 30.0, low=0.1, high=600),
        fetch_max_bytes=_number(given, "CURATOR_FETCH_MAX_BYTES", 15_000_000, low=10_000, high=200_000_000),
        polls=_number(given, "CURATOR_POLLS", 8, low=1, high=64),
        polls_per_host=_number(given, "CURATOR_POLLS_PER_HOST", 1, low=1, high=8),
        worker_threads=_number(given, "CURATOR_WORKER_THREADS", 4, low=1, high=64),
        senders=_number(given, "CURATOR_SENDERS", 1, low=1, high=64),
        missed_slot_limit_hours=_number(given, "CURATOR_MISSED_SLOT_LIMIT_HOURS", 24, low=1, high=24 * 31),
        files_dir=_folder("CURATOR_FILES_DIR", given, such_as="/srv/curator/files"),
        download_link_days=_number(given, "CURATOR_DOWNLOAD_LINK_DAYS", 7, low=1, high=90),
        keep_requests_days=_number(given, "CURATOR_KEEP_REQUESTS_DAYS", 365, low=1, high=3650),
        disposable_domains=_domains(given, "CURATOR_DISPOSABLE_DOMAINS"),
        **_keeping(given),
        chromium=_program(given, "CURATOR_CHROMIUM"),
        spamassassin=_program(given, "CURATOR_SPAMASSASSIN"),
        log_format=_choice(given, "CURATOR_LOG_FORMAT", "text", ("text", "json")),
        is_demo=_flag(given, "CURATOR_DEMO"),
    )


def make_secret_key(data_dir: Path) -> Path:
    """Writes a new key file that only its owner may read, unless there is one, and returns its path.

    Raises SettingError for a folder that cannot be written.
    """
    path = data_dir / "secret.key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(48) + "\n")
    except OSError as error:
        raise SettingError("CURATOR_DATA_DIR", f"is {data_dir}, which cannot be used: {error.strerror}.") from error
    return path


def _write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, whole or not at all: a kill must not leave an empty key behind."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    new.touch(mode=0o600)
    new.write_text(text)
    new.rename(path)


KNOWN = (
    "CURATOR_DATA_DIR",
    "CURATOR_DATABASE_URL",
    "CURATOR_SECRET_KEY",
    "CURATOR_OLD_SECRET_KEYS",
    "CURATOR_PUBLIC_URL",
    "CURATOR_BIND",
    "CURATOR_SMTP_URL",
    "CURATOR_TRANSPORTS",
    "CURATOR_DOMAIN_RATES",
    "CURATOR_QUEUE_URL",
    "CURATOR_DKIM_KEYS",
    "CURATOR_BOUNCE_ADDRESS",
    "CURATOR_BOUNCE_MAILDIR",
    "CURATOR_PICTURES_DIR",
    "CURATOR_IMPORTS_DIR",
    "CURATOR_IMPORT_MAX_BYTES",
    "CURATOR_IMPORT_KEEP_DAYS",
    "CURATOR_TRUSTED_PROXIES",
    "CURATOR_ALLOW_PRIVATE_ADDRESSES",
    "CURATOR_FETCH_CONNECT_S",
    "CURATOR_FETCH_READ_S",
    "CURATOR_FETCH_TOTAL_S",
    "CURATOR_FETCH_MAX_BYTES",
    "CURATOR_POLLS",
    "CURATOR_POLLS_PER_HOST",
    "CURATOR_WORKER_THREADS",
    "CURATOR_SENDERS",
    "CURATOR_MISSED_SLOT_LIMIT_HOURS",
    "CURATOR_DISPOSABLE_DOMAINS",
    "CURATOR_FILES_DIR",
    "CURATOR_DOWNLOAD_LINK_DAYS",
    "CURATOR_KEEP_REQUESTS_DAYS",
    "CURATOR_KEEP_EVENTS_MONTHS",
    "CURATOR_KEEP_DELIVERIES_MONTHS",
    "CURATOR_KEEP_ENDED_MONTHS",
    "CURATOR_KEEP_LOG_MONTHS",
    "CURATOR_CHROMIUM",
    "CURATOR_SPAMASSASSIN",
    "CURATOR_LOG_FORMAT",
    "CURATOR_DEMO",
)


def _refuse_unknown(given: Mapping[str, str]) -> None:
    for name in sorted(given):
        if name not in KNOWN:
            near = difflib.get_close_matches(name, KNOWN, n=1)
            raise SettingError(
                name, f"is not a setting{f'; did you mean {near[0]}?' if near else ' (README lists them).'}"
            )


def _database_url(value: str | None, data_dir: Path) -> str:
    if value is None:
        return f"sqlite:///{data_dir / 'curator.sqlite3'}"
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        # ValueError: a port that is no number. Neither is chained: its words quote what may be a password.
        raise SettingError(
            "CURATOR_DATABASE_URL", "is not a database URL (sqlite:///FILE or postgresql://USER@HOST/NAME)."
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingError(
            "CURATOR_DATABASE_URL", f"names {url.get_backend_name()}; Curator runs on sqlite and postgresql."
        )
    return value


def _secret_key(value: str | None, data_dir: Path) -> str:
    path = data_dir / "secret.key"
    key = value or (path.read_text().strip() if path.exists() else "")
    if not key:
        raise SettingError("CURATOR_SECRET_KEY", f"is not set and {path} does not exist; `curator init` makes one.")
    if len(key) < 32:
        raise SettingError("CURATOR_SECRET_KEY", f"has {len(key)} characters; at least 32 are needed.")
    return key


def _bind(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingError("CURATOR_BIND", f"is {value!r}; it must be HOST:PORT, such as 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def _public_url(value: str | None, host: str, port: int) -> str:
    if value is None:
        return f"http://{host}:{port}"
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingError("CURATOR_PUBLIC_URL", f"is {value!r}; it must be like https://news.example.org.")
    if parts.path.strip("/"):
        raise SettingError("CURATOR_PUBLIC_URL", f"is {value!r}; Curator needs a host of its own, without a path.")
    return value.rstrip("/")


def _smtp_url(value: str | None) -> str | None:
    if value is not None and not _is_transport(value):
        raise SettingError("CURATOR_SMTP_URL", f"{_TRANSPORT_FORM}.")
    return value


_TRANSPORT_FORM = (
    "must be like smtp+starttls://USER:PASSWORD@mail.example.org:587?per_connection=100 "
    "(or smtp://, smtps://, maildir:///FOLDER, ses://REGION)"
)


def _transports(value: str) -> tuple[TransportUrl, ...]:
    """Reads NAME=URL, parted by blanks. A wrong one is told by its name: its URL may hold a password."""
    found: list[TransportUrl] = []
    for number, each in enumerate(value.split(), start=1):
        name, is_named, url = each.partition("=")
        if not is_named or not _TRANSPORT_NAME.fullmatch(name) or len(name) > _LONGEST_TRANSPORT_NAME:
            what = f"{_ordinal(number)} transport has no name of lower-case letters and digits: write bulk=smtps://..."
            raise SettingError("CURATOR_TRANSPORTS", f"is wrong: its {what}")
        if name == USUAL_TRANSPORT or name in {one.name for one in found}:
            why = "means the one of CURATOR_SMTP_URL" if name == USUAL_TRANSPORT else "stands there twice"
            raise SettingError("CURATOR_TRANSPORTS", f"is wrong: the name {name!r} {why}. Choose another.")
        if not _is_transport(url):
            raise SettingError("CURATOR_TRANSPORTS", f"is wrong: the URL of {name!r} {_TRANSPORT_FORM}.")
        found.append(TransportUrl(name, url))
    return tuple(found)


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _is_transport(url: str) -> bool:
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        return _names_transport(parts, query)
    except ValueError:
        return False


def _is_count(text: str, *, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most


def _is_rate(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text) is not None and 0.001 <= float(text) <= 100_000


def _is_date(text: str) -> bool:
    return date.fromisoformat(text) is not None


# What may stand behind the ? of a transport's URL, and what tells whether it is right.
_LIMITS: Mapping[str, Callable[[str], bool]] = {
    "per_second": _is_rate,
    "per_day": lambda text: _is_count(text, most=1_000_000_000),
    "warm_up": _is_date,
}
_SMTP_WORDS = {
    "per_connection": lambda text: _is_count(text, most=100_000),
    "connections": lambda text: _is_count(text, most=50),
    **_LIMITS,
}
_SES_WORDS = {"configuration_set": lambda _text: True, **_LIMITS}


def _names_transport(parts: SplitResult, query: Mapping[str, str]) -> bool:
    """Tells whether the parts of a URL name a transport; ValueError says no too."""
    match parts.scheme:
        case "smtp" | "smtps" | "smtp+starttls":
            is_place = bool(parts.hostname) and parts.port != 0 and parts.path in ("", "/")
            return is_place and _are_right(query, _SMTP_WORDS)
        case "maildir":
            is_place = not parts.netloc and len(parts.path) > 1 and "\0" not in unquote(parts.path)
            return is_place and _are_right(query, _LIMITS)
        case "ses":
            return bool(parts.hostname) and parts.port is None and _are_right(query, _SES_WORDS)
    return False


def _are_right(query: Mapping[str, str], words: Mapping[str, Callable[[str], bool]]) -> bool:
    return all(word in words and words[word](value) for word, value in query.items())


def _domain_rates(value: str) -> dict[str, float]:
    """Reads DOMAIN=RATE, parted by blanks: messages a second."""
    rates: dict[str, float] = {}
    for each in value.split():
        domain, _, rate = each.lower().partition("=")
        if not _DNS_NAME.fullmatch(domain) or "." not in domain or not _is_rate(rate) or domain in rates:
            what = f"{each!r} is not like gmail.com=20 (messages a second), or stands there twice"
            raise SettingError("CURATOR_DOMAIN_RATES", f"is wrong: {what}.")
        rates[domain] = float(rate)
    return rates


def _queue_url(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    # RabbitMQ's first virtual host is named "/", hence the two slashes that end many of these URLs.
    if not is_good or parts.query or parts.fragment or ("/" in parts.path[1:] and parts.path != "//"):
        # Not the value itself: it holds a password.
        raise SettingError(
            "CURATOR_QUEUE_URL", "must be like amqp://USER:PASSWORD@rabbit.example.org/VHOST (or amqps://)."
        )
    return value


def dkim_key_file(text: str, data_dir: Path) -> DkimKeyFile:
    """Returns what SELECTOR:DOMAIN or SELECTOR:DOMAIN:FILE names; without FILE the one that `curator dkim make` makes.

    Raises InvalidError.
    """
    selector, _, rest = text.partition(":")
    domain, _, path = rest.partition(":")
    selector, domain = selector.lower(), domain.lower().rstrip(".")
    if not _DNS_NAME.fullmatch(selector) or not _DNS_NAME.fullmatch(domain) or "." not in domain:
        raise InvalidError("key", f"{text!r} is not like curator:podcast.example or curator:podcast.example:/FILE.pem")
    usual = dkim_dir(data_dir) / f"{selector}{_DKIM_PART}{domain}.pem"
    return DkimKeyFile(selector, domain, Path(path).expanduser() if path else usual)


def dkim_key_files(data_dir: Path) -> list[DkimKeyFile]:
    """Returns the keys that `curator dkim make` has made, by name."""
    names = sorted(path.stem for path in dkim_dir(data_dir).glob(f"*{_DKIM_PART}*.pem"))
    return [dkim_key_file(name.replace(_DKIM_PART, ":"), data_dir) for name in names]


def dkim_dir(data_dir: Path) -> Path:
    """Returns where keys lie, each named as its DNS record is, so that nobody has to ask which one belongs where."""
    return data_dir / "dkim"


def _dkim_keys(value: str, data_dir: Path) -> tuple[DkimKeyFile, ...]:
    try:
        return tuple(dkim_key_file(each, data_dir) for each in value.split())
    except InvalidError as error:
        raise SettingError("CURATOR_DKIM_KEYS", f"names a key that cannot be: {error.reason}.") from error


def _bounce_address(value: str | None) -> str | None:
    if value is None:
        return None
    local, _, domain = value.lower().rpartition("@")
    if not _BOUNCE_LOCAL.fullmatch(local) or not _DNS_NAME.fullmatch(domain) or "." not in domain:
        raise SettingError(
            "CURATOR_BOUNCE_ADDRESS",
            "must be like bounces@podcast.example: at most 26 letters, digits and . _ - before the @.",
        )
    return f"{local}@{domain}"


def _folder(name: str, given: Mapping[str, str], *, such_as: str) -> Path | None:
    if name not in given:
        return None
    path = Path(given[name]).expanduser()
    if not path.is_absolute():
        raise SettingError(name, f"is {given[name]!r}; it must be a whole path, such as {such_as}.")
    return path


def _domains(given: Mapping[str, str], name: str) -> frozenset[str]:
    """Returns the domains in a file, one a line in any case; empty lines and what stands behind a # are left out."""
    if name not in given:
        return frozenset()
    try:
        text = Path(given[name]).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(name, f"is {given[name]!r}, a file that cannot be read as text.") from error
    lines = (line.partition("#")[0].strip().lower().rstrip(".") for line in text.splitlines())
    found = [line for line in lines if line]
    wrong = next((line for line in found if not _DNS_NAME.fullmatch(line) or "." not in line), None)
    if wrong is not None:
        raise SettingError(name, f"names a file in which {wrong[:80]!r} stands; write one domain a line.")
    return frozenset(found)


def _program(given: Mapping[str, str], name: str) -> Path | None:
    value = given.get(name)
    if value is None:
        return None
    path = Path(value).expanduser()
    if not path.is_absolute() or not path.is_file():
        raise SettingError(name, f"is {value!r}; it must be the whole path of a program on this machine.")
    return path


def _number(given: Mapping[str, str], name: str, default: N, *, low: N, high: N) -> N:
    if name not in given:
        return default
    try:
        number = type(default)(given[name])
    except ValueError as error:
        raise SettingError(name, f"is {given[name]!r}; it must be a number.") from error
    if not low <= number <= high:
        raise SettingError(name, f"is {number}; it must be from {low} to {high}.")
    return number


def _keeping(given: Mapping[str, str]) -> dict[str, int]:
    usual = {"events": 13, "deliveries": 24, "ended": 36, "log": 24}
    return {
        f"keep_{kind}_months": _number(given, f"CURATOR_KEEP_{kind.upper()}_MONTHS", months, low=0, high=1200)
        for kind, months in usual.items()
    }


def _flag(given: Mapping[str, str], name: str) -> bool:
    return _choice(given, name, "no", ("no", "yes")) == "yes"


def _choice(given: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = given.get(name, default)
    if value not in choices:
        raise SettingError(name, f"is {value!r}; it must be one of: {', '.join(choices)}.")
    return value
