"""What a blurb may be drafted from: the article's text as it was read, else what the feed told."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.feeds.tables import Article, Item


def source(session: Session, item_id: int) -> tuple[str, str]:
    """Returns an item's title and the text behind it, which is empty where nothing is known."""
    query = select(Item.title, Item.summary_text, Article.text).outerjoin(Article, Article.item_id == Item.id)
    title, told, read = session.execute(query.where(Item.id == item_id)).one()
    return title, read or told or ""
