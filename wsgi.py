"""The door for any WSGI server: `granian --interface wsgi wsgi:application`."""

from config import settings
from curator.app import build
from curator.web import create_app

application = create_app(build(settings()))
