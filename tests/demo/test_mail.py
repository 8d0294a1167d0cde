"""A kept mail is taken apart into what people read."""

from email.message import EmailMessage

from curator.demo.mail import Link, mail_head, shown_mail

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
