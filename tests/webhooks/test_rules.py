"""How calls are signed, and how long they are tried."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from curator.webhooks import retries, signing


def test_a_signature_is_that_of_the_specifications_example() -> None:
    secret, id_ = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    body, at = b'{"test": 2432232314}', datetime.fromtimestamp(1614265330, UTC)
    headers = signing.headers(id_, body, [secret, signing.secret_of(b"x" * 32)], now=at)
    assert headers["webhook-id"] == id_
    assert headers["webhook-timestamp"] == "1614265330"
    first, second = headers["webhook-signature"].split()
    assert first == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert second.startswith("v1,")


def test_a_call_is_tried_over_some_three_days() -> None:
    waits = [retries.wait_after(n, chance=0.5) for n in range(1, retries.MOST_ATTEMPTS + 1)]
    assert waits.pop() is None
    assert waits == sorted(wait for wait in waits if wait is not None)
    whole = sum((wait for wait in waits if wait is not None), timedelta())
    assert timedelta(days=3) < whole < timedelta(days=3.5) < retries.GIVEN_UP_AFTER


@given(st.integers(1, retries.MOST_ATTEMPTS - 1), st.floats(0, 1))
def test_chance_moves_a_wait_by_a_fifth_at_the_most(attempts: int, chance: float) -> None:
    usual, moved = retries.wait_after(attempts, chance=0.5), retries.wait_after(attempts, chance=chance)
    assert usual is not None
    assert moved is not None
    assert 0.79 * usual <= moved <= 1.21 * usual


def test_an_endpoint_is_left_alone_as_long_as_it_asks_up_to_an_hour() -> None:
    assert retries.rest_after(503, "120") == timedelta(minutes=2)
    assert retries.rest_after(429, "999999") == timedelta(hours=1)
    assert retries.rest_after(500, "Wed, 21 Oct") > timedelta()
    assert retries.rest_after(404, "") == timedelta()
