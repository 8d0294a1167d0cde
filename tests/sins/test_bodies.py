"""Bodies that are too large, too many, or not what they say: refused, and never a fault."""

from io import BytesIO

import pytest

from curator.web import MAX_FIELD_BYTES
from tests.sins.town import Town, address
from tests.web.conftest import Browser

PART = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"


def test_no_route_reads_a_form_larger_than_any_form_is(town: Town, mina: Browser) -> None:
    large = b"csrf_token=x&words=" + b"a" * (MAX_FIELD_BYTES + 1)
    for rule in town.rules(method="POST"):
        url = address(rule, {"slug": "ai-weekly", "item_id": town.mine.episodes[0]})
        answer = mina.client.post(url, data=large, content_type="application/x-www-form-urlencoded")
        wanted = (401, 415) if rule.endpoint.startswith("api.") else (400, 404, 413)
        assert answer.status_code in wanted, (rule.endpoint, answer.status_code)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"&".join(b"f%d=1" % n for n in range(60_000)), "application/x-www-form-urlencoded"),
        (b"--x\r\n" * 20_000, "multipart/form-data; boundary=x"),
        (PART * 2_000 + b"--x--", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 90_000, "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
        (b"\xff\xfe%zz=%\x00", "application/x-www-form-urlencoded; charset=utf-7"),
        (b'{"a":' * 5_000, "application/json"),
    ],
)
def test_odd_bodies_are_no_fault(town: Town, mina: Browser, body: bytes, kind: str) -> None:
    for path in ("/desk/feeds", "/desk/subscribers/imports", "/n/ai-weekly/sign-up", "/n/ai-weekly/tip", "/api/items"):
        answer = mina.client.post(path, data=body, content_type=kind)
        assert 400 <= answer.status_code < 500, (path, answer.status_code)


def test_a_file_that_is_called_out_of_its_folder_is_not_put_there(town: Town, mina: Browser) -> None:
    where = town.app.settings.data_dir
    before = {path.name for path in where.parent.iterdir()}
    for name in ("../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv", "x\0.csv", "a" * 5_000 + ".csv"):
        content = b"address\nada@readers.example\n"
        for path in ("/desk/subscribers/imports", "/desk/downloads/files", "/desk/newsletter/logo"):
            fields = {"csrf_token": mina.token(), "file": (BytesIO(content), name), "title": "x"}
            fields["newsletter"] = str(town.mine.newsletter)
            assert mina.client.post(path, data=fields).status_code < 500, (path, name)
    assert {path.name for path in where.parent.iterdir()} == before
    assert not list(where.rglob("*evil*"))
