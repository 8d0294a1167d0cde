"""Keys: the installation's secret, and the private keys that sign mail."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from curator.errors import InvalidError, SettingError
from curator.files import put_whole
from curator.settings.reading import DNS_NAME

_DKIM_PART = "._domainkey."


@dataclass(frozen=True)
class DkimKeyFile:
    """Where a private key lies that signs mail from a domain; the selector names it within that domain."""

    selector: str
    domain: str
    path: Path


def make_secret_key(data_dir: Path) -> Path:
    """Writes a new key file that only its owner may read, unless there is one, and returns its path.

    Raises SettingError for a folder that cannot be written.
    """
    path = data_dir / "secret.key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            put_whole(path, f"{secrets.token_urlsafe(48)}\n".encode(), mode=0o600)
    except OSError as error:
        raise SettingError("CURATOR_DATA_DIR", f"is {data_dir}, which cannot be used: {error.strerror}.") from error
    return path


def secret_key(value: str | None, data_dir: Path) -> str:
    """Returns the installation\'s secret: the value, else the key file; raises SettingError where it is too short."""
    path = data_dir / "secret.key"
    key = value or (path.read_text().strip() if path.exists() else "")
    if not key:
        raise SettingError("CURATOR_SECRET_KEY", f"is not set and {path} does not exist; `curator init` makes one.")
    if len(key) < 32:
        raise SettingError("CURATOR_SECRET_KEY", f"has {len(key)} characters; at least 32 are needed.")
    return key


def dkim_key_file(text: str, data_dir: Path) -> DkimKeyFile:
    """Returns what SELECTOR:DOMAIN or SELECTOR:DOMAIN:FILE names; without FILE the one that `curator dkim make` makes.

    Raises InvalidError.
    """
    selector, _, rest = text.partition(":")
    domain, _, path = rest.partition(":")
    selector, domain = selector.lower(), domain.lower().rstrip(".")
    if not DNS_NAME.fullmatch(selector) or not DNS_NAME.fullmatch(domain) or "." not in domain:
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


def dkim_keys(value: str, data_dir: Path) -> tuple[DkimKeyFile, ...]:
    """Reads SELECTOR:DOMAIN[:FILE], parted by blanks; raises SettingError."""
    try:
        return tuple(dkim_key_file(each, data_dir) for each in value.split())
    except InvalidError as error:
        raise SettingError("CURATOR_DKIM_KEYS", f"names a key that cannot be: {error.reason}.") from error
