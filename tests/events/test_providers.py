"""Providers' calls: who is believed, and what each provider's words mean."""

import contextlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import InvalidError
from curator.events.providers import read, signatures
from curator.events.providers.judge import Call, Why, judged
from curator.events.providers.values import Fact, FactKind, Provider
from tests.events import providing as p
from tests.events.scene import NOW


def why(call: Call, *, certificate: str | None = None) -> Why:
    pem = certificate if certificate is not None else p.certificate()
    return judged(call, p.doors(), now=NOW, certificate=lambda url: pem if url == p.CERTIFICATE_URL else None).why


def one(provider: Provider, told: Any) -> Fact:
    [fact] = read.facts(provider, json.dumps(told).encode())
    return fact


def ses_one(message: dict[str, Any]) -> Fact:
    return one(Provider.SES, p.sns(message, at=NOW))


def test_what_each_provider_signs_is_taken() -> None:
    assert why(p.ses_call(p.sns("{}", at=NOW, version="1"))) is Why.TAKEN
    assert why(p.ses_call(p.sns("{}", at=NOW, version="2", Subject="Ätna"))) is Why.TAKEN
    assert why(p.mailgun_call({}, at=NOW)) is Why.TAKEN
    assert why(p.sendgrid_call([], at=NOW)) is Why.TAKEN
    assert why(p.postmark_call({})) is Why.TAKEN


@pytest.mark.parametrize(
    "forged",
    [
        p.ses_call({**p.sns("{}", at=NOW), "Message": '{"notificationType":"Bounce"}'}),
        p.ses_call({**p.sns("{}", at=NOW), "SignatureVersion": "3"}),
        p.ses_call(p.sns("{}", at=NOW, SigningCertURL="https://sns.eu-west-1.amazonaws.com.evil.example/a.pem")),
        p.ses_call(p.sns("{}", at=NOW, SigningCertURL="http://sns.eu-west-1.amazonaws.com/a.pem")),
        p.ses_call(p.sns("{}", at=NOW, SigningCertURL="https://s3.amazonaws.com/mine/SimpleNotificationService-0.pem")),
        p.ses_call(p.sns("{}", at=NOW, SigningCertURL=p.CERTIFICATE_URL.replace("eu-west-1", "us-east-1"))),
        p.ses_call(p.sns("{}", at=NOW, SigningCertURL=p.CERTIFICATE_URL.replace("sns.", "u@sns."))),
        p.mailgun_call({}, at=NOW, key="another"),
        p.mailgun_call({}, at=NOW, token=""),
        replace(p.sendgrid_call([], at=NOW), body=b"[ ]"),
        replace(p.sendgrid_call([], at=NOW), timestamp=str(int(NOW.timestamp()) + 1)),
        replace(p.sendgrid_call([], at=NOW), signature="not base64"),
        replace(p.sendgrid_call([], at=NOW), signature=""),
    ],
)
def test_what_is_forged_is_refused(forged: Call) -> None:
    assert why(forged) is Why.FORGED
    assert Why.FORGED.status == 403


def test_clocks_may_differ_a_little_and_signatures_grow_old() -> None:
    minutes = timedelta(minutes=9)
    for make in (lambda at: p.mailgun_call({}, at=at), lambda at: p.sendgrid_call([], at=at)):
        assert why(make(NOW + minutes)) is Why.TAKEN
        assert why(make(NOW + 2 * minutes)) is Why.STALE
        assert why(make(NOW - timedelta(days=3))) is Why.STALE
    assert why(p.ses_call(p.sns("{}", at=NOW - timedelta(days=20)))) is Why.STALE


def test_a_topic_that_the_settings_do_not_name_is_refused_whoever_signed_it() -> None:
    assert why(p.ses_call(p.sns("{}", at=NOW, TopicArn=p.TOPIC + "2"))) is Why.WRONG_TOPIC


def test_a_certificate_that_is_over_or_none_proves_nothing() -> None:
    call = p.ses_call(p.sns("{}", at=NOW))
    assert why(call, certificate=p.certificate(NOW - timedelta(days=1))) is Why.FORGED
    assert why(call, certificate="") is Why.FORGED
    assert judged(call, p.doors(), now=NOW).why is Why.UNPROVEN


def test_postmark_needs_its_address_and_its_password() -> None:
    good = p.postmark_call({})
    for bad in (
        replace(good, secret="guessed"),
        replace(good, authorization=""),
        replace(good, authorization="Basic x"),
    ):
        assert why(bad) is Why.WRONG_DOOR
    assert Why.WRONG_DOOR.status == 401


def test_what_is_no_json_or_too_large_or_of_another_type_is_refused() -> None:
    assert why(replace(p.mailgun_call({}, at=NOW), body=b"{")) is Why.BROKEN
    assert why(replace(p.mailgun_call({}, at=NOW), body=b"[" * 100_000)) is Why.BROKEN
    assert why(replace(p.postmark_call({}), body=b"[]")) is Why.BROKEN
    assert why(replace(p.mailgun_call({}, at=NOW), mimetype="application/x-www-form-urlencoded")) is Why.WRONG_TYPE
    assert why(replace(p.mailgun_call({}, at=NOW), body=b" " * 2_000_001)) is Why.TOO_LARGE


def test_a_confirmation_leads_to_sns_of_the_topics_region_only() -> None:
    good = p.sns("You have chosen", at=NOW, Type="SubscriptionConfirmation", SubscribeURL=p.CONFIRM_URL, Token="t")
    assert signatures.sns_confirmation_url(good) == p.CONFIRM_URL
    for bad in (
        "http://sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com@evil.example/",
        "https://x/",
    ):
        assert signatures.sns_confirmation_url(good | {"SubscribeURL": bad}) is None


def test_amazons_bounces_say_who_is_gone_and_who_is_only_full() -> None:
    gone = ses_one(p.ses_bounce("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown", message_id="<a@b>"))
    full = ses_one(p.ses_bounce("Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 mailbox full"))
    spam = ses_one(p.ses_bounce("Permanent", "General", "5.7.1", "smtp; 550 5.7.1 blocked as spam"))
    assert (gone.kind, read.is_dead(gone), gone.message_ids) == (FactKind.BOUNCED, True, ("<a@b>",))
    assert [read.is_dead(each) for each in (full, spam)] == [False, False]
    assert gone.id == ses_one(p.ses_bounce("Permanent", "General", "5.1.1", "other words")).id


def test_amazons_complaints_count_unless_they_are_none() -> None:
    def told(kind: str) -> bytes:
        complaint = {"complainedRecipients": [{"emailAddress": "r@example.org"}], "complaintFeedbackType": kind}
        return json.dumps(p.sns(p.ses_message("Complaint", complaint=complaint), at=NOW)).encode()

    [fact] = read.facts(Provider.SES, told("abuse"))
    assert fact.kind is FactKind.COMPLAINED
    assert read.facts(Provider.SES, told("auth-failure")) == read.facts(Provider.SES, told("not-spam")) == []


@pytest.mark.parametrize(
    ("wants", "leaves"),
    [
        ({"unsubscribeAll": True, "topicSubscriptionStatus": []}, True),
        (
            {
                "unsubscribeAll": False,
                "topicSubscriptionStatus": [{"topicName": "news", "subscriptionStatus": "OptOut"}],
            },
            True,
        ),
        (
            {
                "unsubscribeAll": False,
                "topicSubscriptionStatus": [{"topicName": "news", "subscriptionStatus": "OptIn"}],
            },
            False,
        ),
        (None, False),
    ],
)
def test_amazon_tells_of_every_choice_and_only_leaving_is_leaving(wants: Any, leaves: bool) -> None:
    told = {"eventType": "Subscription", "mail": {"messageId": "1"}, "subscription": {"newTopicPreferences": wants}}
    found = read.facts(Provider.SES, json.dumps({"Message": json.dumps(told)}).encode())
    assert [each.kind for each in found] == [FactKind.UNSUBSCRIBED] * leaves


def test_postmarks_types_are_told_apart() -> None:
    def bounce(sort: str, details: str = "") -> list[Fact]:
        told = {"RecordType": "Bounce", "ID": 42, "Type": sort, "Details": details, "Description": "unknown user"}
        return read.facts(Provider.POSTMARK, json.dumps(told | {"Metadata": {"curator": "m1.s2.abc"}}).encode())

    [hard] = bounce("HardBounce", "smtp;550 5.1.1 The email account does not exist")
    assert (hard.kind, read.is_dead(hard), hard.message_ids) == (FactKind.BOUNCED, True, ("<m1.s2.abc@>",))
    [soft] = bounce("SoftBounce")
    assert (soft.kind, read.is_dead(soft)) == (FactKind.BOUNCED, False)
    assert bounce("Transient") == bounce("AutoResponder") == []
    assert bounce("SpamComplaint")[0].kind is FactKind.COMPLAINED


def test_mailguns_failures_count_once_it_gave_up() -> None:
    def failed(severity: str, **more: Any) -> list[Fact]:
        event = {
            "event": "failed",
            "id": "e",
            "severity": severity,
            "message": {"headers": {"message-id": "a@b"}},
            **more,
        }
        return read.facts(Provider.MAILGUN, json.dumps({"event-data": event}).encode())

    status = {"code": 550, "message": "5.1.1 no such user"}
    [hard] = failed("permanent", **{"delivery-status": status})
    assert (read.is_dead(hard), hard.message_ids) == (True, ("<a@b>",))
    [known] = failed("permanent", reason="suppress-bounce", **{"delivery-status": {"code": 605}})
    assert read.is_dead(known)
    assert failed("temporary", **{"delivery-status": status}) == []
    assert failed("permanent", reason="suppress-complaint")[0].kind is FactKind.COMPLAINED


def test_sendgrids_events_come_many_at_once() -> None:
    told = [
        {"event": "delivered", "sg_event_id": "1", "smtp-id": "<a@b>", "timestamp": 1_700_000_000},
        {"event": "open", "sg_event_id": "2"},
        {
            "event": "bounce",
            "type": "bounce",
            "sg_event_id": "3",
            "status": "5.1.1",
            "reason": "550 5.1.1 unknown user",
        },
        {"event": "bounce", "type": "blocked", "sg_event_id": "4", "status": "5.7.1", "reason": "550 listed"},
        {"event": "dropped", "sg_event_id": "5", "reason": "Bounced Address"},
        {"event": "spamreport", "sg_event_id": "6", "curator": "m1.s2.abc"},
        "no event",
    ]
    facts = read.facts(Provider.SENDGRID, json.dumps(told).encode())
    assert [str(fact.kind) for fact in facts] == ["delivered", "bounced", "bounced", "bounced", "complained"]
    assert [read.is_dead(fact) for fact in facts] == [False, True, False, True, False]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda some: (
        st.lists(some)
        | st.dictionaries(
            st.sampled_from(["Message", "RecordType", "event-data", "event", "mail", "bounce", "headers", "Type"]), some
        )
    ),
)


@given(st.sampled_from(list(Provider)), JSON)
def test_no_body_breaks_a_reader(provider: Provider, told: Any) -> None:
    with contextlib.suppress(InvalidError):
        assert isinstance(read.facts(provider, json.dumps(told).encode()), list)
