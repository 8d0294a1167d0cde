"""Every page for readers: importing them hangs their views on the blueprint."""

from curator.web.public import confirm, home, leave, preferences, sign_up

PAGES = (home, sign_up, confirm, leave, preferences)
