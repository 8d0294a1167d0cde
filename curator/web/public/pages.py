"""Every page for readers: importing them hangs their views on the blueprint."""

from curator.web.public import (
    archive,
    charts,
    confirm,
    crawlers,
    embed,
    episodes,
    files,
    frames,
    front,
    get,
    issue,
    leave,
    look,
    manner,
    own_data,
    pictures,
    preferences,
    readdress,
    shows,
    sign_up,
    sponsor,
    sponsor_report,
    syndicated,
    tips,
    transcripts,
)

PAGES = (
    *(front, archive, issue, episodes, shows, transcripts, files, get, frames),
    *(sign_up, embed, confirm, leave, preferences, own_data, manner, readdress, sponsor, tips),
    *(sponsor_report, look, charts, pictures, syndicated, crawlers),
)
