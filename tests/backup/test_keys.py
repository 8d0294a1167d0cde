"""A new secret key ends sign-ins and nothing else: what was signed or encrypted before goes on working."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from curator.accounts import sealed as second_factors
from curator.app import App, build
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import Suppression
from curator.audience.values import SuppressionReason
from curator.backup import keys as bundles
from curator.backup.keys import fit
from curator.cli import curator
from curator.settings import load
from curator.settings.keys import filed_keys
from curator.tokens import Keys, Purpose, Veil, sign, sign_caseless, verify, verify_caseless
from curator.webhooks import sealed as webhooks
from tests.cli.conftest import install

__all__ = ["install"]

OLD, NEWER, NEWEST = "o" * 40, "n" * 40, "m" * 40
BEFORE, AFTER = Keys.from_secret(OLD), Keys.from_secret(NEWEST, older=(OLD, NEWER))


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_link_of_every_purpose_outlives_two_rotations(purpose: Purpose) -> None:
    assert verify(AFTER, purpose, sign(BEFORE, purpose, b"reader 7")) == b"reader 7"
    assert verify_caseless(AFTER, purpose, sign_caseless(BEFORE, purpose, b"reader 7").upper()) == b"reader 7"


def test_what_was_encrypted_is_read_after_two_rotations() -> None:
    assert second_factors.unseal(AFTER, second_factors.seal(BEFORE, "a secret")) == "a secret"
    assert webhooks.unseal(AFTER, webhooks.seal(BEFORE, "a secret")) == "a secret"


def test_whoever_was_erased_under_an_old_key_is_known_under_a_new_one(app: App) -> None:
    with app.db.write() as session:
        mark = Veil(Keys.from_secret(OLD)).mark("eve@example.org")
        session.add(Suppression(address_key=mark, reason=SuppressionReason.ERASED, note="", at=app.clock()))
    app.db.wear(Veil(AFTER))
    with app.db.read() as session:
        assert suppressed.why(session, "eve@example.org") is SuppressionReason.ERASED
        assert suppressed.among(session, ["eve@example.org", "ada@example.org"]) == {"eve@example.org"}


def test_a_backup_fits_the_keys_that_go_on_from_its_own() -> None:
    one, two, three = (bundles.fingerprints(each) for each in ((OLD,), (OLD, NEWER), (NEWER, OLD)))
    assert fit(one, two)
    assert not fit(two, one)
    assert not fit(one, three)


def test_a_rotation_by_command_keeps_the_keys_before(install: object, tmp_path: Path) -> None:
    install(tmp_path)  # type: ignore[operator]  # lays an installation there
    environ = {"CURATOR_DATA_DIR": str(tmp_path), "CURATOR_LOG_FORMAT": "json"}
    before = build(load(environ))
    link = sign(before.keys, Purpose.UNSUBSCRIBE, b"reader 7")
    (first,) = filed_keys(tmp_path)
    for number in (2, 3):
        done = CliRunner().invoke(curator, ["keys", "rotate"], env=environ)
        assert (done.exit_code, f"has {number} keys now" in done.output) == (0, True)
    after = build(load(environ))
    assert filed_keys(tmp_path)[0] == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert after.keys.current == 2
    assert verify(after.keys, Purpose.UNSUBSCRIBE, link) == b"reader 7"
    assert sign(after.keys, Purpose.UNSUBSCRIBE, b"reader 7") != link
    for each in (before, after):
        each.db.close()


def test_a_key_in_a_setting_is_rotated_by_hand(tmp_path: Path) -> None:
    environ = {"CURATOR_DATA_DIR": str(tmp_path), "CURATOR_SECRET_KEY": OLD}
    refused = CliRunner().invoke(curator, ["keys", "rotate"], env=environ)
    assert "CURATOR_OLD_SECRET_KEYS" in str(refused.exception)
    rotated = load({**environ, "CURATOR_SECRET_KEY": NEWER, "CURATOR_OLD_SECRET_KEYS": OLD})
    assert (rotated.old_secret_keys, rotated.secret_key) == ((OLD,), NEWER)
