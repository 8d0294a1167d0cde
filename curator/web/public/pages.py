"""Every page for readers: importing them hangs their views on the blueprint."""

from curator.web.public import archive, confirm, episodes, front, leave, preferences, sign_up, sponsor

PAGES = (front, archive, episodes, sign_up, confirm, leave, preferences, sponsor)
