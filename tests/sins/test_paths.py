"""Path traversal: no part of an address leads out of the folder that its route serves."""

import pytest

from curator.downloads.folder import FolderFiles
from tests.sins.town import Town

OUT = (
    "../secret.key",
    "../../etc/passwd",
    "..%2fsecret.key",
    "%2e%2e/secret.key",
    "%2e%2e%2fsecret.key",
    "..%252fsecret.key",
    "....//secret.key",
    "..\\secret.key",
    "..%5csecret.key",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "secret.key%00.jpg",
    "file:%2f%2f%2fetc%2fpasswd",
    "~root",
    "curator.css/../../../secret.key",
    "..;/secret.key",
)
SECRET = b"a secret that no route serves"


@pytest.mark.parametrize("out", OUT)
def test_no_address_leads_out_of_its_folder(town: Town, out: str) -> None:
    where = town.app.settings.data_dir
    for folder in (where, where / "pictures", where / "files"):
        folder.mkdir(exist_ok=True)
    (where / "secret.key").write_bytes(SECRET)
    client = town.flask.test_client()
    for base in (
        *("/static/", "/pictures/", "/chart/", "/look/", "/get/", "/l/", "/n/", "/n/ai-weekly/issues/", "/s/", "/u/"),
        *("/n/ai-weekly/issues/year/", f"/e/{town.mine.episodes[0]}/transcript.", "/files/", "/p/", "/"),
    ):
        answer = client.get(base + out)
        assert answer.status_code in (301, 303, 308, 400, 404), (base, answer.status_code)
        assert SECRET not in answer.data, base
        assert b"root:" not in answer.data, base
        assert not answer.headers.get("Location", "/").startswith(("//", "http://evil")), base


@pytest.mark.parametrize("name", ["../secret.key", "/etc/passwd", "..", ".", "", "a/b", "a\\b", "a" * 32 + ".pdf\n"])
def test_no_file_is_read_by_a_name_that_is_none(town: Town, name: str) -> None:
    where = town.app.settings.data_dir / "files"
    where.mkdir(exist_ok=True)
    (where.parent / "secret.key").write_bytes(SECRET)
    assert FolderFiles(where).get(name) is None
