"""Staying signed in: a token for each browser, which ends at once with its row."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from curator.accounts import admit, browsers, stay, store
from curator.accounts.sign_ins import store as sign_ins
from curator.accounts.values import Means, Role, SignInRefused, Visit
from curator.db import Database
from curator.errors import NotFoundError

PHONE = Visit("198.51.100.0/24", "Safari on iPhone")


def _ada(database: Database, now: datetime) -> int:
    return admit.create_user(database, "ada@example.test", name="Ada", role=Role.EDITOR, now=now)


def _begin(database: Database, user_id: int, now: datetime) -> str:
    with database.read() as session:
        editor = store.editor(session, user_id)
    assert editor is not None
    return stay.begin(database, editor, Means.LINK, visit=PHONE, now=now)


def test_a_token_says_who_is_signed_in_until_it_ends(database: Database, now: datetime) -> None:
    ada = _ada(database, now)
    one, two = _begin(database, ada, now), _begin(database, ada, now)
    seats = [stay.follow(database, token, now=now) for token in (one, two)]
    assert [seat and seat.editor.id for seat in seats] == [ada, ada]
    assert seats[0] is not None
    stay.end(database, ada, seats[0].sign_in_id, now=now)
    assert stay.follow(database, one, now=now) is None
    assert stay.follow(database, two, now=now) is not None
    with pytest.raises(NotFoundError):
        stay.end(database, ada, seats[0].sign_in_id, now=now)


def test_nobody_ends_somebody_elses_sign_in(database: Database, now: datetime) -> None:
    ada, ben = _ada(database, now), admit.create_user(database, "b@example.test", name="B", role=Role.OWNER, now=now)
    token = _begin(database, ada, now)
    seat = stay.follow(database, token, now=now)
    assert seat is not None
    with pytest.raises(NotFoundError):
        stay.end(database, ben, seat.sign_in_id, now=now)
    assert stay.follow(database, token, now=now)


def test_all_others_end_and_this_one_goes_on(database: Database, now: datetime) -> None:
    ada = _ada(database, now)
    tokens = [_begin(database, ada, now) for _ in range(3)]
    mine = stay.follow(database, tokens[1], now=now)
    assert mine is not None
    assert stay.end_others(database, ada, but=mine.sign_in_id, now=now, by=ada) == 2
    assert [stay.follow(database, token, now=now) is not None for token in tokens] == [False, True, False]


def test_a_new_password_and_a_lost_place_end_all_of_them(database: Database, now: datetime) -> None:
    admit.create_user(database, "b@example.test", name="B", role=Role.OWNER, now=now)
    ada = _ada(database, now)
    token = _begin(database, ada, now)
    admit.set_password(database, ada, "a calm editorial desk", now=now)
    assert stay.follow(database, token, now=now) is None
    token = _begin(database, ada, now)
    admit.deactivate(database, ada, now=now, by=None)
    assert stay.follow(database, token, now=now) is None
    admit.reactivate(database, ada, now=now, by=None)
    assert stay.follow(database, token, now=now) is None


def test_the_last_use_is_noted_once_a_minute_and_two_weeks_without_one_end_it(
    database: Database, now: datetime
) -> None:
    ada = _ada(database, now)
    token = _begin(database, ada, now)
    for later, seen in ((30, 0), (61, 61), (100, 61), (130, 130)):
        assert stay.follow(database, token, now=now + timedelta(seconds=later))
        with database.read() as session:
            (row,) = sign_ins.running(session, ada, since=now - stay.LASTS_FOR)
        assert row.seen_at == now + timedelta(seconds=seen)
        assert (row.means, row.visit, row.created_at) == (Means.LINK, PHONE, now)
    last = now + timedelta(seconds=130)
    assert stay.follow(database, token, now=last + stay.LASTS_FOR) is None


def test_the_database_holds_no_token_and_what_is_none_is_nobodys(database: Database, now: datetime) -> None:
    token = _begin(database, _ada(database, now), now)
    with database.read() as session:
        assert token not in str(session.execute(text("select * from sign_in")).all())
    for other in ("", "1:0", token[:-1], token + "x", "\0", "é" * 3000, "\ud800"):
        assert stay.follow(database, other, now=now) is None


def test_tries_are_kept_for_a_season_and_only_for_people_here(database: Database, now: datetime) -> None:
    ada = _ada(database, now)
    for address in ("ada@example.test", "nobody@example.test"):
        with pytest.raises(SignInRefused):
            admit.sign_in(database, address, "not this one", network="x", now=now, visit=PHONE)
    with database.read() as session:
        assert session.scalar(text("select count(*) from sign_in_try")) == 1
        (row,) = sign_ins.tries(session, ada, since=now)
    assert (row.at, row.means, row.is_let_in, row.visit) == (now, Means.PASSWORD, False, PHONE)
    with database.write() as session:
        assert sign_ins.prune_tries(session, before=now) == 0
        assert sign_ins.prune_tries(session, before=now + timedelta(seconds=1)) == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) AppleWebKit/605 Version/26 Safari/605", "Safari on a Mac"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/150 Safari/537 Edg/150.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537 Chrome/150 Mobile Safari/537", "Chrome on Android"),
        ("<script>alert(1)</script>", "an unknown browser"),
        ("", "an unknown browser"),
    ],
)
def test_a_browser_is_called_by_its_name_and_nothing_else_that_it_says(agent: str, words: str) -> None:
    assert browsers.in_words(agent) == words
