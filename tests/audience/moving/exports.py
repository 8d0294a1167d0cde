"""Files as other tools export them, written for the tests: headings, status words and dates as each documents them."""

import io
import zipfile

LISTMONK = (
    "uuid,email,name,attributes,status,created_at,updated_at\n"
    'a1,ada@example.org,Ada Lovelace,"{""city"": ""London"", ""tags"": [""founder"", ""beta""]}",enabled,'
    "2021-03-04 05:06:07.123 +0000 UTC,2022-01-01 00:00:00 +0000 UTC\n"
    "b2,bob@example.org,Bob,{},disabled,2021-03-04 05:06:07 +0000 UTC,2022-01-01 00:00:00 +0000 UTC\n"
    'c3,eve@example.org,Eve,"{""a"": 1}",blocklisted,2021-03-04 05:06:07 +0000 UTC,2022-01-01 00:00:00 +0000 UTC\n'
    "d4,mal@example.org,Mal,{broken,enabled,2021-03-04 05:06:07 +0000 UTC,2022-01-01 00:00:00 +0000 UTC\n"
)

_MAILCHIMP = (
    '"Email Address","First Name","Last Name",Address,"Favourite topics",{more}MEMBER_RATING,OPTIN_TIME,OPTIN_IP,'
    "CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
    '{address},{first},{last},"1 Quay Road  Harbour",{topics},{cells}2,"2020-02-03 04:05:06",198.51.100.7,'
    '"2020-02-03 04:06:00",198.51.100.7,,,,,Europe/London,GB,,"2021-01-01 00:00:00",1,e1,{note},{tags}\n'
)


def mailchimp() -> bytes:
    """The zip of an audience: one file for each standing."""
    subscribed = _MAILCHIMP.format(
        more="",
        cells="",
        address="ada@example.org",
        first="Ada",
        last="Lovelace",
        topics='"Vector search, Hardware"',
        note='"A note\nover two lines"',
        tags='"""VIP"",""Beta, closed"""',
    )
    unsubscribed = _MAILCHIMP.format(
        more="UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,",
        cells='"2022-05-06 07:08:09","Issue 9",x,NORMAL,,',
        address="bob@example.org",
        first="Bob",
        last="",
        topics="",
        note="",
        tags="",
    )
    cleaned = _MAILCHIMP.format(
        more="CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,",
        cells='"2022-05-06 07:08:09","Issue 9",x,',
        address="eve@example.org",
        first="Eve",
        last="",
        topics="",
        note="",
        tags="",
    )
    nonsubscribed = _MAILCHIMP.format(
        more="", cells="", address="zoe@example.org", first="Zoe", last="", topics="", note="", tags=""
    )
    return zipped(
        {
            "subscribed_members_export_ab12.csv": subscribed,
            "unsubscribed_members_export_ab12.csv": unsubscribed,
            "cleaned_members_export_ab12.csv": cleaned,
            "nonsubscribed_members_export_ab12.csv": nonsubscribed,
        }
    )


SUBSTACK = """email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at
ada@example.org,false,,other,false,2021-03-04T05:06:07.123Z,
bob@example.org,false,,other,true,2021-03-04T05:06:07.123Z,
eve@example.org,true,2026-12-01T00:00:00.000Z,monthly,false,2021-03-04T05:06:07.123Z,2021-03-04T05:06:07.123Z
"""


def substack() -> bytes:
    """The zip of a publication, with posts and the lists of who opened them."""
    opens = "post_id,timestamp,email,post_type\n1,2022-01-01T00:00:00Z,mal@example.org,newsletter\n"
    return zipped(
        {
            "posts.csv": "post_id,post_date,is_published,email_sent_at\n1,2022-01-01T00:00:00Z,true,\n",
            "posts/1.html": "<p>Hello</p>",
            "posts/1.opens.csv": opens,
            "email_list.show.csv": SUBSTACK,
        }
    )


BUTTONDOWN = """email_address,notes,tags,type,creation_date,source,metadata
ada@example.org,,"founder, beta",regular,2021-03-04T05:06:07.123456+00:00,embed,{}
bob@example.org,,,unsubscribed,2021-03-04T05:06:07+00:00,api,{}
eve@example.org,,,undeliverable,2021-03-04T05:06:07+00:00,api,{}
mal@example.org,,,complained,2021-03-04T05:06:07+00:00,api,{}
uma@example.org,,,unactivated,2021-03-04T05:06:07+00:00,api,{}
pat@example.org,,,premium,2021-03-04T05:06:07+00:00,api,{}
sam@example.org,,,paused,2021-03-04T05:06:07+00:00,api,{}
"""

GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\r\n"
    '61,ada@example.org,Ada Lovelace,"\'=SUM(1)",true,false,,2021-03-04T05:06:07.000Z,,"founder,beta",\r\n'
    "62,bob@example.org,Bob,,false,false,,2021-03-04T05:06:07.000Z,,,\r\n"
)

KIT = """id,first_name,email,status,created_at,tags
1,Ada,ada@example.org,active,2021-03-04 05:06:07 UTC,"founder, beta"
2,Bob,bob@example.org,cancelled,2021-03-04 05:06:07 UTC,
3,Eve,eve@example.org,bounced,2021-03-04 05:06:07 UTC,
4,Mal,mal@example.org,complained,2021-03-04 05:06:07 UTC,
5,Uma,uma@example.org,inactive,2021-03-04 05:06:07 UTC,
"""

BEEHIIV = """id,email,status,created_at,subscription_tier,utm_source,utm_medium,tags
sub_1,ada@example.org,active,2021-03-04T05:06:07Z,free,twitter,social,"founder, beta"
sub_2,bob@example.org,inactive,2021-03-04T05:06:07Z,free,,,
sub_3,eve@example.org,invalid,2021-03-04T05:06:07Z,free,,,
sub_4,uma@example.org,pending,2021-03-04T05:06:07Z,free,,,
"""

CURATED = """Email,Status,Source,Subscribed At
ada@example.org,Active,Publication Site,2021-03-04 05:06:07
bob@example.org,Unsubscribed,Manual,2021-03-04 05:06:07
mal@example.org,Spam,API,2021-03-04 05:06:07
eve@example.org,Bounced,API,2021-03-04 05:06:07
uma@example.org,Pending Confirmation,API,2021-03-04 05:06:07
"""


def zipped(files: dict[str, str]) -> bytes:
    """A zip of text files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()
