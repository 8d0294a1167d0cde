"""A kept mail is taken apart into what people read."""

from email.message import EmailMessage

from curator.demo.heads import MailKind, Wanted, mail_head
from curator.demo.mail import Link, shown_mail

LEAVE = "http://127.0.0.1:8000/u/token"
HTML = f"""<p><a href="http://127.0.0.1:9/read/a">First <b>story</b></a> and again <a href="http://127.0.0.1:9/read/a">x</a>
<a href="http://127.0.0.1:9/read/b"><img src="b.png" alt="A picture"></a>
<a href="javascript:alert(1)">no</a> <a href="{LEAVE}">Unsubscribe</a> <a>nowhere</a></p>"""


def mail() -> bytes:
    message = EmailMessage()
    message["Delivered-To"] = "aoi.sato@example.test"
    message["From"] = "Held Out <letter@example.test>"
    message["To"] = "佐藤 葵 <aoi.sato@example.test>"
    message["Subject"] = "Größe und Maß"
    message["Date"] = "Mon, 16 Nov 2026 09:00:00 +0000"
    message["List-Unsubscribe"] = f"<mailto:leave@example.test>, <{LEAVE}>"
    message.set_content("Hello in text")
    message.add_alternative(HTML, subtype="html")
    return message.as_bytes()


def test_a_list_names_the_reader_and_the_subject() -> None:
    head = mail_head(mail())
    assert (head.subject, head.name, head.recipient) == ("Größe und Maß", "佐藤 葵", "aoi.sato@example.test")


def test_both_parts_and_the_way_out_are_found() -> None:
    shown = shown_mail(mail())
    assert "First <b>story</b>" in shown.html
    assert shown.text.strip() == "Hello in text"
    assert shown.unsubscribe_url == LEAVE
    assert ("Delivered-To", "aoi.sato@example.test") in shown.headers


def test_links_are_told_once_with_their_words() -> None:
    assert shown_mail(mail()).links == (
        Link("http://127.0.0.1:9/read/a", "First story"),
        Link("http://127.0.0.1:9/read/b", "A picture"),
        Link(LEAVE, "Unsubscribe"),
    )


def test_a_mail_of_text_alone_has_no_html() -> None:
    shown = shown_mail(b"To: a@example.test\nSubject: Hi\n\nOnly words.\n")
    assert (shown.html, shown.text.strip(), shown.links, shown.unsubscribe_url) == ("", "Only words.", (), None)


def test_rubbish_is_shown_rather_than_refused() -> None:
    shown = shown_mail(b"\xff\xfe\x00 no mail at all")
    assert shown.bytes == 18
    assert shown.head.subject == ""


def test_an_issue_is_told_from_a_letter_by_its_message_id() -> None:
    issue = mail_head(b"Message-ID: <m12.s345.AbC-_9@heldout.example.test>\r\n\r\n")
    letter = mail_head(b"Message-ID: <l12.AbC@heldout.example.test>\r\n\r\n")
    assert (issue.kind, issue.mailing_id, issue.subscriber_id) == (MailKind.ISSUE, 12, 345)
    assert (letter.kind, letter.mailing_id) == (MailKind.LETTER, None)


def test_a_folded_encoded_subject_reads_as_one_line() -> None:
    head = mail_head(b"Subject: =?utf-8?b?R3LDtsOfZSA=?=\r\n =?utf-8?b?dW5kIE1hw58=?=\r\n\r\nSubject: not this\r\n")
    assert head.subject == "Größe und Maß"


def test_what_claims_to_be_encoded_and_is_not_stays_as_it_is() -> None:
    assert mail_head(b"Subject: =?no-such-charset?b?AAAA?=\r\n\r\n").subject == "=?no-such-charset?b?AAAA?="


def test_a_link_that_nobody_sees_is_told_from_the_others() -> None:
    html = (
        b'<div style="display: none">words<br><p><a href="http://127.0.0.1:9/l/trap"></a></p></div>'
        b'<a href="http://127.0.0.1:9/l/seen">Seen</a><a style="DISPLAY:none" href="http://127.0.0.1:9/l/two">x</a>'
    )
    shown = shown_mail(b"Content-Type: text/html\r\n\r\n" + html)
    assert [(link.words, link.is_hidden) for link in shown.links] == [
        ("http://127.0.0.1:9/l/trap", True),
        ("Seen", False),
        ("x", True),
    ]


def test_the_readers_own_pages_are_found_in_either_part_each_once() -> None:
    text = b"Read it: http://127.0.0.1:8000/n/weekly/issues/7\r\nhttp://127.0.0.1:8000/c/abc\r\nhttp://127.0.0.1:8000/d/abc\r\n"
    headers = (
        b"List-Unsubscribe: <http://127.0.0.1:8000/u/tok>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )
    shown = shown_mail(headers + b"\r\n" + text)
    assert [door.words for door in shown.doors] == [
        "Web version",
        "Confirm the sign-up",
        "Say that it was not me",
        "Unsubscribe",
    ]
    assert shown.is_one_click
    assert [link.url.rpartition("/")[2] for link in shown.links] == ["7", "abc", "abc"]


def test_a_search_wants_every_word_in_any_case() -> None:
    head = mail_head(mail())
    assert Wanted("größe SATO").fits(head)
    assert not Wanted("größe nobody").fits(head)
    assert not Wanted("größe", MailKind.ISSUE).fits(head)
    assert Wanted(" ").is_anything
