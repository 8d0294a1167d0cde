"""Every page of the desk: importing them hangs their views on the blueprint."""

from curator.web.desk import (
    account,
    blocks,
    feeds,
    home,
    inbox,
    issues,
    mailings,
    newsletter,
    people,
    preview,
    results,
    send,
    setup,
    subscriber,
    subscribers,
    testmail,
)

PAGES = (
    account,
    home,
    inbox,
    issues,
    blocks,
    preview,
    testmail,
    send,
    results,
    mailings,
    feeds,
    subscribers,
    subscriber,
    newsletter,
    people,
    setup,
)
