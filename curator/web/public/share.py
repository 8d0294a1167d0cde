"""The picture that stands beside an issue's link where somebody shares it."""

from curator.db import Session
from curator.mailings.values import PublicIssue
from curator.pictures import store
from curator.web import here


def share_image_url(session: Session, issue: PublicIssue) -> str | None:
    """Returns the address of an issue's own picture (1200 by 630); None where none was drawn."""
    drawn = store.share_image(session, issue.id)
    return None if drawn is None else here.app().settings.public_url + drawn.path
