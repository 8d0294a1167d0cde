"""Keys: the installation's secret, and the private keys that sign mail."""

import secrets
from collections.abc import Mapping, Sequence
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

    @property
    def file_name(self) -> str:
        """What the key's file is called where no setting names another."""
        return f"{self.selector}{_DKIM_PART}{self.domain}.pem"


def make_secret_key(data_dir: Path) -> Path:
    """Writes a new key file that only its owner may read, unless there is one, and returns its path.

    Raises SettingError for a folder that cannot be written.
    """
    path = key_file(data_dir)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            put_keys(data_dir, [new_key()])
    except OSError as error:
        raise SettingError("CURATOR_DATA_DIR", f"is {data_dir}, which cannot be used: {error.strerror}.") from error
    return path


def secret_key(value: str | None, data_dir: Path) -> str:
    """Returns the installation's secret: the value, else the key file's last; raises SettingError for a short one."""
    filed = filed_keys(data_dir)
    key = value or (filed[-1] if filed else "")
    if not key:
        path = key_file(data_dir)
        raise SettingError("CURATOR_SECRET_KEY", f"is not set and {path} does not exist; `curator init` makes one.")
    if len(key) < 32:
        raise SettingError("CURATOR_SECRET_KEY", f"has {len(key)} characters; at least 32 are needed.")
    return key


def old_secret_keys(given: Mapping[str, str], data_dir: Path) -> tuple[str, ...]:
    """Returns the keys that sign no more, oldest first: those of the setting, then those of the key file.

    Where a setting gives the key that signs, the file counts for nothing.
    """
    set_ones = given.get("CURATOR_OLD_SECRET_KEYS", "").split()
    filed = [] if given.get("CURATOR_SECRET_KEY") else filed_keys(data_dir)[:-1]
    return (*set_ones, *filed)


def filed_keys(data_dir: Path) -> list[str]:
    """Returns the keys of the key file, oldest first; the last one signs. None where there is no file."""
    path = key_file(data_dir)
    return path.read_text().split() if path.exists() else []


def put_keys(data_dir: Path, keys: Sequence[str]) -> None:
    """Writes the key file anew, whole or not at all, fit for its owner's eyes. Raises OSError."""
    put_whole(key_file(data_dir), "".join(f"{key}\n" for key in keys).encode(), mode=0o600)


def new_key() -> str:
    """Returns a key by chance."""
    return secrets.token_urlsafe(48)


def key_file(data_dir: Path) -> Path:
    """Returns where the key file lies."""
    return data_dir / "secret.key"


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
