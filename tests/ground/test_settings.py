"""Settings: a wrong one stops the start with one line that names it."""

from pathlib import Path

import pytest

from curator.errors import SettingError
from curator.settings import load
from curator.settings.keys import DkimKeyFile, make_secret_key

_KEY = "k" * 40


def _environ(tmp_path: Path, **given: str) -> dict[str, str]:
    return {"CURATOR_SECRET_KEY": _KEY, "CURATOR_DATA_DIR": str(tmp_path)} | given


def test_defaults_are_one_sqlite_file_on_this_machine(tmp_path: Path) -> None:
    settings = load(_environ(tmp_path))
    assert settings.database_url == f"sqlite:///{tmp_path}/curator.sqlite3"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.smtp_url is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CURATOR_SECRET_KEY", "short", "has 5 characters"),
        ("CURATOR_BIND", "8000", "HOST:PORT"),
        ("CURATOR_BIND", "127.0.0.1:99999", "HOST:PORT"),
        ("CURATOR_DATABASE_URL", "mysql://x/y", "runs on sqlite and postgresql"),
        ("CURATOR_DATABASE_URL", "not a url", "is not a database URL"),
        ("CURATOR_DATABASE_URL", "postgresql://u@h:port/n", "is not a database URL"),
        ("CURATOR_PUBLIC_URL", "news.example.org", "must be like https://"),
        ("CURATOR_PUBLIC_URL", "https://example.org/news", "without a path"),
        ("CURATOR_SMTP_URL", "mail.example.org:25", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org:port", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?per_connection=0", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?perconnection=20", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?connections=51", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?connections=", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?20", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org/inbox", "must be like smtp"),
        ("CURATOR_SMTP_URL", "maildir://folder", "maildir:///FOLDER"),
        ("CURATOR_SMTP_URL", "maildir:///", "maildir:///FOLDER"),
        ("CURATOR_SMTP_URL", "maildir:///a%00b", "maildir:///FOLDER"),
        ("CURATOR_SMTP_URL", "ses://", "ses://REGION"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?per_second=0", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?per_second=many", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?per_second=nan", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?per_day=0", "must be like smtp"),
        ("CURATOR_SMTP_URL", "smtp://mail.example.org?warm_up=soon", "must be like smtp"),
        ("CURATOR_SMTP_URL", "maildir:///folder?per_connection=2", "must be like smtp"),
        ("CURATOR_TRANSPORTS", "smtp://mail.example.org", "its first transport has no name"),
        ("CURATOR_TRANSPORTS", "bulk=smtp://a.example Second=smtp://b.example", "its second transport has no name"),
        ("CURATOR_TRANSPORTS", "bulk=smtp://a.example bulk=smtp://b.example", "'bulk' stands there twice"),
        ("CURATOR_TRANSPORTS", "usual=smtp://a.example", "'usual' means the one of CURATOR_SMTP_URL"),
        ("CURATOR_TRANSPORTS", "bulk=mail.example.org:25", "the URL of 'bulk' must be like smtp"),
        ("CURATOR_DOMAIN_RATES", "gmail.com", "is not like gmail.com=20"),
        ("CURATOR_DOMAIN_RATES", "gmail.com=fast", "is not like gmail.com=20"),
        ("CURATOR_DOMAIN_RATES", "gmail.com=1 Gmail.com=2", "stands there twice"),
        ("CURATOR_QUEUE_URL", "rabbit.example.org", "must be like amqp://"),
        ("CURATOR_QUEUE_URL", "redis://rabbit.example.org/0", "must be like amqp://"),
        ("CURATOR_QUEUE_URL", "amqp://rabbit.example.org:port/", "must be like amqp://"),
        ("CURATOR_QUEUE_URL", "amqp://rabbit.example.org/a/b", "must be like amqp://"),
        ("CURATOR_QUEUE_URL", "amqp://rabbit.example.org/a?b=c", "must be like amqp://"),
        ("CURATOR_SENDERS", "0", "must be from 1 to 64"),
        ("CURATOR_DKIM_KEYS", "podcast.example", "is not like curator:podcast.example"),
        ("CURATOR_DKIM_KEYS", "s1:localhost", "is not like curator:podcast.example"),
        ("CURATOR_DKIM_KEYS", "s1:pódcast.example", "is not like curator"),
        ("CURATOR_DKIM_KEYS", "s1:podcast.example ../x:podcast.example", "is not like curator"),
        ("CURATOR_BOUNCE_ADDRESS", "bounces", "must be like bounces@podcast.example"),
        ("CURATOR_BOUNCE_ADDRESS", "a+b@podcast.example", "must be like bounces@podcast.example"),
        ("CURATOR_BOUNCE_ADDRESS", f"{'a' * 27}@podcast.example", "at most 26"),
        ("CURATOR_BOUNCE_ADDRESS", "a@b.example\r\nX: y", "must be like"),
        ("CURATOR_BOUNCE_MAILDIR", "mail/bounces", "must be a whole path"),
        ("CURATOR_BOUNCE_MAILBOX", "imaps://mail.podcast.example/INBOX", "must be like imaps://"),
        ("CURATOR_BOUNCE_MAILBOX", "pop3://a:b@mail.podcast.example/", "must be like imaps://"),
        ("CURATOR_BOUNCE_MAILBOX", "imaps://a:b@mail.podcast.example:port/", "must be like imaps://"),
        ("CURATOR_BOUNCE_MAILBOX", "imap://a:b@mail.podcast.example/?tls=none", "must be like imaps://"),
        ("CURATOR_BOUNCE_MAILBOX", "imaps://a:b@mail.podcast.example/a%22b", "must be like imaps://"),
        ("CURATOR_BOUNCE_MAILBOX", "imaps://a:b%0D%0Ac@mail.podcast.example/", "must be like imaps://"),
        ("CURATOR_CHROMIUM", "chromium", "must be the whole path of a program"),
        ("CURATOR_SPAMASSASSIN", "/nowhere/spamassassin", "must be the whole path of a program"),
        ("CURATOR_WORKER_THREADS", "many", "must be a number"),
        ("CURATOR_WORKER_THREADS", "0", "must be from 1 to 64"),
        ("CURATOR_ALLOW_PRIVATE_ADDRESSES", "maybe", "one of: no, yes"),
        ("CURATOR_SMPT_URL", "x", "did you mean CURATOR_SMTP_URL?"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(SettingError) as caught:
        load(_environ(tmp_path, **{name: value}))
    assert str(caught.value).startswith(name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.org",
        "smtps://user:p%40ss@mail.example.org:465?per_connection=20&connections=4",
        "maildir:///var/spool/news%20letter",
        "ses://eu-west-1?configuration_set=news",
        "smtp://mail.example.org?per_second=14&per_day=50000&warm_up=2026-12-01&per_connection=20",
        "ses://eu-west-1?per_second=0.5",
        "maildir:///var/spool/news?per_day=1",
    ],
)
def test_every_way_out_is_named_by_a_url(tmp_path: Path, url: str) -> None:
    assert load(_environ(tmp_path, CURATOR_SMTP_URL=url)).smtp_url == url


def test_transports_have_names_and_domains_have_rates(tmp_path: Path) -> None:
    given = _environ(
        tmp_path,
        CURATOR_TRANSPORTS="bulk=smtps://u:hunter22@a.example  eu-2=ses://eu-west-1",
        CURATOR_DOMAIN_RATES="Gmail.com=20 yahoo.com=0.5",
    )
    settings = load(given)
    assert [(each.name, each.url) for each in settings.transports] == [
        ("bulk", "smtps://u:hunter22@a.example"),
        ("eu-2", "ses://eu-west-1"),
    ]
    assert settings.domain_rates == {"gmail.com": 20.0, "yahoo.com": 0.5}
    assert "hunter22" not in repr(settings)


@pytest.mark.parametrize("value", ["bulk=mail://u:hunter22@a.example", "smtp://u:hunter22@a.example", "B=x:hunter22"])
def test_a_wrong_transport_is_refused_without_its_password(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingError) as caught:
        load(_environ(tmp_path, CURATOR_TRANSPORTS=value))
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["amqp://u:p%40ss@rabbit.example.org", "amqps://u@rabbit.example.org:5671/news", "amqp://127.0.0.1//"],
)
def test_a_broker_is_named_by_a_url(tmp_path: Path, url: str) -> None:
    assert load(_environ(tmp_path, CURATOR_QUEUE_URL=url)).queue_url == url


def test_a_wrong_broker_url_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as caught:
        load(_environ(tmp_path, CURATOR_QUEUE_URL="redis://user:hunter22@host"))
    assert "hunter22" not in str(caught.value)


def test_a_wrong_smtp_url_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as caught:
        load(_environ(tmp_path, CURATOR_SMTP_URL="mail://user:hunter22@host"))
    assert "hunter22" not in str(caught.value)


def test_secrets_are_not_in_the_representation(tmp_path: Path) -> None:
    given = _environ(
        tmp_path,
        CURATOR_SMTP_URL="smtp://u:hunter22@h:25",
        CURATOR_DATABASE_URL="postgresql://u:pw77@h/n",
        CURATOR_QUEUE_URL="amqp://u:carrot@h/v",
    )
    shown = repr(load(given))
    assert not any(secret in shown for secret in (_KEY, "hunter22", "pw77", "carrot"))


def test_without_a_key_the_key_file_is_read(tmp_path: Path) -> None:
    path = make_secret_key(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load({"CURATOR_DATA_DIR": str(tmp_path)}).secret_key == path.read_text().strip()


def test_making_a_key_twice_keeps_the_first(tmp_path: Path) -> None:
    first = make_secret_key(tmp_path).read_text()
    assert make_secret_key(tmp_path).read_text() == first


def test_without_key_and_file_the_way_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="curator init"):
        load({"CURATOR_DATA_DIR": str(tmp_path)})


def test_a_dkim_key_lies_where_it_is_made_unless_a_file_is_named(tmp_path: Path) -> None:
    keys = load(_environ(tmp_path, CURATOR_DKIM_KEYS="S1:Podcast.Example. a.b:x.org:/etc/key:1.pem")).dkim_keys
    assert keys == (
        DkimKeyFile("s1", "podcast.example", tmp_path / "dkim" / "s1._domainkey.podcast.example.pem"),
        DkimKeyFile("a.b", "x.org", Path("/etc/key:1.pem")),
    )


def test_pictures_lie_in_the_data_folder_unless_another_is_named(tmp_path: Path) -> None:
    assert load(_environ(tmp_path)).pictures_dir is None
    assert load(_environ(tmp_path, CURATOR_PICTURES_DIR="/srv/shared")).pictures_dir == Path("/srv/shared")
    with pytest.raises(SettingError, match="whole path"):
        load(_environ(tmp_path, CURATOR_PICTURES_DIR="shared"))


def test_bounces_have_an_address_and_a_folder_or_none(tmp_path: Path) -> None:
    assert (load(_environ(tmp_path)).bounce_address, load(_environ(tmp_path)).bounce_maildir) == (None, None)
    given = {"CURATOR_BOUNCE_ADDRESS": "Bounces@Podcast.example", "CURATOR_BOUNCE_MAILDIR": "/var/mail/bounces"}
    found = load(_environ(tmp_path, **given))
    assert (found.bounce_address, found.bounce_maildir) == ("bounces@podcast.example", Path("/var/mail/bounces"))


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{_KEY}\n")
    (tmp_path / "url").write_text("postgresql://curator:pass@db.example/curator\n")
    environ = {"CURATOR_SECRET_KEY_FILE": str(tmp_path / "key"), "CURATOR_DATABASE_URL_FILE": str(tmp_path / "url")}
    settings = load(environ | {"CURATOR_DATA_DIR": str(tmp_path)})
    assert settings.secret_key == _KEY
    assert settings.database_url == "postgresql://curator:pass@db.example/curator"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"CURATOR_SMTP_URL_FILE": "/nowhere/url"}, "cannot be read"),
        ({"CURATOR_SECRET_KEY_FILE": "/nowhere/key"}, "is set beside CURATOR_SECRET_KEY"),
        ({"CURATOR_METRICS_TOKEN_FILE": "/dev/null"}, "is empty"),
        ({"CURATOR_BIND_FILE": "/dev/null"}, "is not a setting"),
    ],
)
def test_a_secret_that_cannot_be_read_is_named(tmp_path: Path, given: dict[str, str], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        load(_environ(tmp_path, **given))


def test_a_mailbox_elsewhere_is_named_by_its_url(tmp_path: Path) -> None:
    def named(url: str) -> tuple[object, ...]:
        found = load(_environ(tmp_path) | {"CURATOR_BOUNCE_MAILBOX": url}).bounce_mailbox
        assert found is not None
        assert "p@ss" not in repr(found)
        return found.host, found.port, found.user, found.password, found.folder, found.tls

    assert named("imaps://b%40x.example:p%40ss@mail.x.example") == (
        *("mail.x.example", 993, "b@x.example", "p@ss", "INBOX", "implicit"),
    )
    assert named("imap://b:p%40ss@mail.x.example/Bounces") == (
        "mail.x.example",
        143,
        "b",
        "p@ss",
        "Bounces",
        "starttls",
    )
    assert named("imap://b:p%40ss@127.0.0.1:1143/?tls=none")[-1] == "none"
