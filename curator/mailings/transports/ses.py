"""Amazon SES (API v2, raw messages): ses://REGION. Tested against a simulation only.

SES writes its own Message-ID and Date and signs with its own DKIM key, so messages are handed over unsigned; the id
that it gives a message is in the words of the answer.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore import exceptions
from botocore.config import Config

from curator.errors import TransportError
from curator.mailings.transports import replies
from curator.mailings.transports.offer import Offer, unfit
from curator.mailings.transports.one_by_one import OneByOneSession
from curator.mailings.values import Answer, Outgoing, Verdict

# The service's own limit of a message; addresses beyond ASCII before the @ are not taken.
_TAKES = Offer(max_bytes=40 * 1024 * 1024)
# The library must never try again by itself: a request without an answer may have been accepted.
_CONFIG = Config(connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 1, "mode": "standard"})
_BUSY = ("TooManyRequestsException", "Throttling", "ThrottlingException", "RequestThrottled", "ServiceUnavailable")
_BAD_REQUESTS = ("BadRequestException", "InvalidParameterValue")
_ABOUT_ADDRESS = re.compile(r"address|domain|local part|'@'", re.IGNORECASE)
_NEVER_ARRIVED = (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError, exceptions.ProxyConnectionError)
# The library could not even sign the request: no key, or none that the machine's role or a sign-on would give.
_NEVER_LEFT = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.MetadataRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.ProfileNotFound,
    exceptions.ParamValidationError,
)
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
_AGAIN_SOON = timedelta(minutes=1)
_AGAIN_LATER = timedelta(hours=1)


class SesTransport:
    """A region of SES, such as ses://eu-west-1?configuration_set=news.

    The account is named by KEY_ID:SECRET@ in front of the region (percent-encoded), or in the ways of Amazon's own
    library: variables, a file, the machine's role.
    """

    tells_later = (
        "Amazon SES answers to a message only, so it was not asked; a probe at the desk's mail set-up tells more."
    )

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._region = parts.hostname or ""
        self._set = parse_qs(parts.query).get("configuration_set", [""])[-1]
        self._client: Any = boto3.session.Session().client(
            "sesv2",
            region_name=self._region,
            aws_access_key_id=unquote(parts.username) if parts.username else None,
            aws_secret_access_key=unquote(parts.password) if parts.password else None,
            config=_CONFIG,
        )

    def __repr__(self) -> str:
        return f"SesTransport(ses://{self._region})"

    def connect(self) -> "SesSession":
        """Returns a session; a service that cannot be reached is found out with the first message."""
        return SesSession(self._client, configuration_set=self._set)


class SesSession(OneByOneSession):
    """Requests to the service, one a message; there is no connection to keep."""

    def __init__(self, client: Any, *, configuration_set: str) -> None:
        super().__init__()
        self._client = client
        self._options = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    def send(self, message: Outgoing, *, before_dot: Callable[[], None]) -> Answer:
        """Hands one message over; see the port. The request as a whole stands for the dot."""
        try:
            reason = unfit(message, _TAKES)
            if reason is not None:
                return Answer(Verdict.REFUSED, 0, reason)
            before_dot()
            answer = self._request(message)
        except BaseException:
            self.close()
            raise
        if answer.verdict is Verdict.UNKNOWN:
            self.close()
        return answer

    def _request(self, message: Outgoing) -> Answer:
        try:
            said = self._client.send_email(
                # Amazon puts its own return path in front and tells of bounces in its own way.
                FromEmailAddress=message.from_address,
                Destination={"ToAddresses": [message.recipient]},
                Content={"Raw": {"Data": message.content}},
                **self._options,
            )
        except exceptions.ClientError as error:
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            details = error.response.get("Error", {})
            return meaning(status, details.get("Code", ""), details.get("Message", ""))
        except _NEVER_ARRIVED as error:
            raise TransportError("Amazon SES cannot be reached.", retry_in=_AGAIN_SOON) from error
        except _NEVER_LEFT as error:
            # Not chained: the library's words may quote what it was given.
            raise TransportError(f"Amazon SES cannot be used as it is set: {type(error).__name__}.") from None
        except exceptions.BotoCoreError as error:
            if isinstance(error, exceptions.SSLError) and _UNTRUSTED in str(error):
                raise TransportError("Amazon SES cannot be used: nobody vouches for its certificate.") from None
            return Answer(Verdict.UNKNOWN, 0, "the connection to Amazon SES was lost before it answered")
        return Answer(Verdict.ACCEPTED, 250, replies.words(said["MessageId"]))


def meaning(status: int, code: str, said: str) -> Answer:
    """Returns what an error of the service means for one message, or raises TransportError when it is about us."""
    words = replies.words(f"{code}: {said}")
    if code in _BUSY or status == 503:
        retry_in = _AGAIN_LATER if "quota" in said.lower() else _AGAIN_SOON
        raise TransportError(f"Amazon SES is busy: {words}", retry_in=retry_in)
    if status >= 500:
        return Answer(Verdict.UNKNOWN, 0, f"Amazon SES failed and does not say what it did: {words}")
    if code in _BAD_REQUESTS and _ABOUT_ADDRESS.search(said):
        return Answer(Verdict.REFUSED, 0, words)
    # Suspended, paused, not verified, content rejected, no permission: a person must act.
    raise TransportError(f"Amazon SES refuses: {words}")
