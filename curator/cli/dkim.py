"""`curator dkim ...`: make the keys that sign mail, and say what to publish."""

import click
import idna

import config
from curator.cli.output import as_json, print_json, the_app
from curator.errors import InvalidError
from curator.mailings import dkim_keys
from curator.mailings.dkim import SigningKey
from curator.mailings.dkim_keys import KeyKind
from curator.settings.keys import dkim_key_file, dkim_key_files

_FIRST_SELECTOR = {KeyKind.RSA: "curator", KeyKind.ED25519: "curator-ed"}


@click.group()
def dkim() -> None:
    """Keys that sign mail (DKIM)."""


@dkim.command("make")
@click.argument("domain")
@click.option("--selector", help="Name of the key within the domain (curator, or curator-ed for Ed25519).")
@click.option("--kind", type=click.Choice([str(kind) for kind in KeyKind]), default="rsa", help="rsa unless told.")
@as_json
def make(domain: str, selector: str | None, kind: str, as_json: bool) -> None:
    """Make a key for mail from DOMAIN.

    Prints the DNS record to publish; nothing is signed with the key yet.
    """
    key_kind = KeyKind(kind)
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
        named = dkim_key_file(f"{selector or _FIRST_SELECTOR[key_kind]}:{ascii_domain}", config.data_dir())
    except (InvalidError, idna.IDNAError, UnicodeError) as error:
        raise click.UsageError(f"{domain!r} is not a domain, or the selector is not a name: {error}") from error
    key = dkim_keys.make(named, key_kind)
    if as_json:
        print_json(_record(key) | {"file": str(named.path)})
        return
    click.echo(f"The private key is in {named.path}; keep it to yourself.\n\nPublish this record:\n")
    click.echo(_zone_line(key))
    click.echo("\nOnce it can be looked up, sign with it by adding this to CURATOR_DKIM_KEYS:\n")
    click.echo(f"{key.selector}:{key.domain}")


@dkim.command("show")
@as_json
def show(as_json: bool) -> None:
    """Show every key, its DNS record and its use."""
    app = the_app()
    signing = app.keyring.keys
    named = {(key.selector, key.domain) for key in signing}
    ready = [file for file in dkim_key_files(app.settings.data_dir) if (file.selector, file.domain) not in named]
    keys = [(key, True) for key in signing] + [(key, False) for key in dkim_keys.load(ready).keys]
    if as_json:
        print_json([_record(key) | {"signs": signs} for key, signs in keys])
        return
    if not keys:
        click.echo("There is no key yet: `curator dkim make DOMAIN` makes one.")
    for key, signs in keys:
        click.echo("; mail is signed with it" if signs else "; not in CURATOR_DKIM_KEYS: nothing is signed with it")
        click.echo(_zone_line(key))


def _record(key: SigningKey) -> dict[str, object]:
    return {
        "domain": key.domain,
        "selector": key.selector,
        "algorithm": key.algorithm,
        "name": key.dns_name,
        "type": "TXT",
        "strings": key.dns_strings,
    }


def _zone_line(key: SigningKey) -> str:
    """Returns the record as zone files write it; the pieces are one text (RFC 1035 5.1)."""
    pieces = "\n    ".join(f'"{piece}"' for piece in key.dns_strings)
    return f"{key.dns_name}. IN TXT (\n    {pieces} )"
