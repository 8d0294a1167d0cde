"""Every page for readers: importing them hangs their views on the blueprint."""

from curator.web.public import (
    archive,
    charts,
    confirm,
    crawlers,
    episodes,
    front,
    issue,
    leave,
    look,
    pictures,
    preferences,
    sign_up,
    sponsor,
    syndicated,
)

PAGES = (
    *(front, archive, issue, episodes, sign_up, confirm, leave, preferences, sponsor, look, charts),
    *(pictures, syndicated, crawlers),
)
