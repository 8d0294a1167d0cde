"""The pictures of episodes and their guests that lie here: pages ask no other site for one."""

from collections.abc import Iterable

from curator.db import Session
from curator.episodes import illustrate
from curator.episodes.values import EpisodeView
from curator.pictures import store
from curator.pictures.values import Picture


def pictures_of(session: Session, views: Iterable[EpisodeView]) -> dict[str, Picture]:
    """Returns the pictures that are kept, by the address that feed or editor gave; one query."""
    found = store.pictures(session, illustrate.sources(views))
    return {source.url: row.picture for source, row in found.items() if row.picture is not None}
