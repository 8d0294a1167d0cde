"""Amazon SES as a simulation (moto) and its own library's errors have it; no real one was asked."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from botocore import exceptions

from curator.errors import TransportError
from curator.mailings.transports import ses
from curator.mailings.values import Answer, Outgoing, Verdict
from tests import amazon

MESSAGE = Outgoing("1.1", amazon.SENDER, "ada@example.org", b"Subject: x\r\n\r\nHello\r\n")


@pytest.fixture
def region() -> Iterator[amazon.Region]:
    with amazon.simulated() as simulated:
        yield simulated


def send(region: amazon.Region, message: Outgoing = MESSAGE) -> Answer:
    with region.transport.connect() as session:
        return session.send(message, before_dot=lambda: None)


def test_an_accepted_message_carries_the_services_own_id(region: amazon.Region) -> None:
    answer = send(region)
    (sent,) = region.sent
    assert answer == Answer(Verdict.ACCEPTED, 250, sent.id)
    assert (sent.source, sent.destinations[0], sent.raw_data.encode()) == (
        MESSAGE.sender,
        MESSAGE.recipient,
        MESSAGE.content,
    )


def test_a_sender_that_nobody_verified_needs_a_person(region: amazon.Region) -> None:
    with pytest.raises(TransportError, match="MessageRejected") as caught:
        send(region, Outgoing("1.1", "other@podcast.example", MESSAGE.recipient, MESSAGE.content))
    assert caught.value.retry_in is None
    assert "other@podcast.example" not in str(caught.value)


def test_an_address_that_the_service_cannot_write_is_answered(region: amazon.Region) -> None:
    assert send(region, Outgoing("1.1", MESSAGE.sender, "zoë@example.org", MESSAGE.content)).verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("status", "code", "said", "retry_in"),
    [
        (400, "AccountSuspendedException", "Your account is suspended", None),
        (400, "SendingPausedException", "Sending is paused", None),
        (400, "MessageRejected", "Email address is not verified", None),
        (400, "MailFromDomainNotVerifiedException", "The MAIL FROM domain is not verified", None),
        (400, "BadRequestException", "Configuration set name is wrong", None),
        (403, "InvalidClientTokenId", "The security token is invalid", None),
        (429, "TooManyRequestsException", "Maximum sending rate exceeded.", timedelta(minutes=1)),
        (429, "TooManyRequestsException", "Daily message quota exceeded.", timedelta(hours=1)),
        (400, "Throttling", "Rate exceeded", timedelta(minutes=1)),
        (503, "", "", timedelta(minutes=1)),
    ],
)
def test_what_is_about_us_raises_and_says_whether_it_passes(
    status: int, code: str, said: str, retry_in: timedelta | None
) -> None:
    with pytest.raises(TransportError) as caught:
        ses.meaning(status, code, said)
    assert caught.value.retry_in == retry_in


@pytest.mark.parametrize(
    ("status", "code", "said", "verdict"),
    [
        (400, "BadRequestException", "Missing final '@domain'", Verdict.REFUSED),
        (400, "BadRequestException", "Local address contains control or whitespace", Verdict.REFUSED),
        (500, "InternalFailure", "oops", Verdict.UNKNOWN),
    ],
)
def test_what_is_about_one_message_is_its_answer(status: int, code: str, said: str, verdict: Verdict) -> None:
    assert ses.meaning(status, code, said).verdict is verdict


class Failing:
    """A service whose requests end like this."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send_email(self, **_given: object) -> None:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ReadTimeoutError(endpoint_url="https://ses"),
        exceptions.ConnectionClosedError(endpoint_url="https://ses"),
        exceptions.SSLError(endpoint_url="https://ses", error="cut"),
    ],
)
def test_a_request_without_an_answer_is_in_doubt(error: Exception) -> None:
    session = ses.SesSession(Failing(error), configuration_set="")
    assert session.send(MESSAGE, before_dot=lambda: None).verdict is Verdict.UNKNOWN
    assert not session.is_open


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (exceptions.EndpointConnectionError(endpoint_url="https://ses"), True),
        (exceptions.ConnectTimeoutError(endpoint_url="https://ses"), True),
        (exceptions.NoCredentialsError(), False),
        (exceptions.CredentialRetrievalError(provider="iam-role", error_msg="s3cr"), False),
        (exceptions.UnauthorizedSSOTokenError(), False),
        (exceptions.SSLError(endpoint_url="https://ses", error="[SSL: CERTIFICATE_VERIFY_FAILED]"), False),
    ],
)
def test_a_request_that_never_arrived_may_be_tried_again(error: Exception, passes: bool) -> None:
    session = ses.SesSession(Failing(error), configuration_set="")
    with pytest.raises(TransportError) as caught:
        session.send(MESSAGE, before_dot=lambda: None)
    assert ((caught.value.retry_in is not None), session.is_open) == (passes, False)


def test_the_library_never_tries_again_by_itself_and_keeps_the_secret(region: amazon.Region) -> None:
    transport = region.transport
    assert isinstance(transport, ses.SesTransport)
    assert transport._client.meta.config.retries["total_max_attempts"] == 1
    assert "s3cr" not in repr(transport)
