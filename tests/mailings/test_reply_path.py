"""The address that ends a subscription: as long for everybody, and made up by nobody else."""

from hypothesis import given
from hypothesis import strategies as st

from curator.mailings.reply_path import Leaving, ReplyPath, by_leave_token, leave_token
from curator.mailings.return_path import OfDelivery, by_return_path, return_token
from curator.tokens import Keys

KEYS = Keys.from_secret("k" * 40)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**56 - 1))
def test_a_token_is_always_as_long_and_says_who_leaves(mailing_id: int, subscriber_id: int) -> None:
    token = leave_token(KEYS, Leaving(mailing_id, subscriber_id))
    assert len(token) == 36
    assert by_leave_token(KEYS, ["x@y.example", f"<Replies+{token.upper()}@P.example>"]) == Leaving(
        mailing_id, subscriber_id
    )


def test_an_older_key_still_lets_go_and_a_strangers_does_not() -> None:
    token = leave_token(KEYS, Leaving(1, 2))
    newer, other = Keys.from_secret("n" * 40, older=("k" * 40,)), Keys.from_secret("o" * 40)
    addressed = [f"replies+{token}@podcast.example"]
    assert (by_leave_token(newer, addressed), by_leave_token(other, addressed)) == (Leaving(1, 2), None)


def test_a_return_path_lets_nobody_go_and_the_other_way_round() -> None:
    back = f"bounces+{return_token(KEYS, OfDelivery(1, 2))}@podcast.example"
    leaving = ReplyPath("bounces@podcast.example", KEYS).leave_url(1, 2)
    assert (by_leave_token(KEYS, [back]), by_return_path(KEYS, [leaving])) == (None, None)


def test_a_header_full_of_tokens_costs_no_more_than_twenty_tries() -> None:
    ours = f"r+{leave_token(KEYS, Leaving(1, 2))}@podcast.example"
    invented = f"r+{'a' * 36}@podcast.example "
    assert by_leave_token(KEYS, [invented * 19 + ours]) == Leaving(1, 2)
    assert by_leave_token(KEYS, [invented * 20 + ours]) is None
