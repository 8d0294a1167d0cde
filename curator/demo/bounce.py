"""The bounce that the demo's sink sends back, in the form of RFC 3464."""


def bounce(recipient: str, content: bytes) -> bytes:
    """Returns the report that nobody has this address, with the header of the mail that it gives back."""
    head = content.partition(b"\r\n\r\n")[0]
    report = (
        "From: Mail Delivery System <MAILER-DAEMON@sink.example.test>\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_sink"\r\n\r\n'
        "--=_sink\r\nContent-Type: text/plain\r\n\r\nThere is nobody of that name here.\r\n"
        "--=_sink\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; sink.example.test\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 There is nobody of that name here\r\n\r\n"
        "--=_sink\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    )
    return report.encode() + head + b"\r\n\r\n--=_sink--\r\n"
