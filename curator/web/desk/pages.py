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
    preview,
    send,
    subscriber,
    subscribers,
)

PAGES = (account, home, inbox, issues, blocks, preview, send, mailings, feeds, subscribers, subscriber, newsletter)
