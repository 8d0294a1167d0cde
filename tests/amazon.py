"""A simulated region of Amazon SES (moto), made once for a file of tests and emptied for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from curator.mailings.transports.choose import transport_for
from curator.mailings.transports.port import Transport

SENDER = "news@podcast.example"


class Region:
    """The region, in which SENDER is verified at first."""

    @property
    def transport(self) -> Transport:
        return _transport()

    @property
    def sent(self) -> list[Any]:
        return ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages

    def forget_sender(self) -> None:
        _client().delete_email_identity(EmailIdentity=SENDER)


@contextmanager
def simulated() -> Iterator[Region]:
    """Begins anew: nothing was sent."""
    with mock_aws():
        _client().create_email_identity(EmailIdentity=SENDER)
        yield Region()


# Each takes half a second, and moto catches their requests whenever they were made.
@cache
def _client() -> Any:
    return boto3.client("sesv2", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")


@cache
def _transport() -> Transport:
    return transport_for("ses://key:s3cr%2Fet@eu-west-1")
