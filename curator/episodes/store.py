"""The rows of shows and episodes: an episode as it is shown, listening links, retired platforms, editors' words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, delete, func, or_, select
from sqlalchemy.orm import Session

from curator.db import changed, in_parts, upsert
from curator.episodes import kept, merge
from curator.episodes.platforms import Platform, known
from curator.episodes.tables import EpisodeWords, ListeningLink, RetiredPlatform, Transcript
from curator.episodes.values import EpisodeView, ShowRow, Told, Words
from curator.episodes.values import ListeningLink as Link
from curator.errors import NotFoundError
from curator.feeds.store import audio_urls, place_of
from curator.feeds.tables import Episode, Feed, Item
from curator.feeds.values import ItemKind

# Nobody looks for an episode by more.
_MOST_WORDS = 8
_IS_OWN_EPISODE = (Item.kind == ItemKind.EPISODE, Feed.is_own_show)


# -- episodes


def views(session: Session, item_ids: Sequence[int]) -> dict[int, EpisodeView]:
    """Returns the episodes of own shows among these items, by id; others are left out. Four queries for up to 500."""
    found: dict[int, EpisodeView] = {}
    wanted = list(dict.fromkeys(item_ids))
    for part in in_parts(wanted):
        found |= _views(session, part)
    return found


def view(session: Session, item_id: int) -> EpisodeView:
    """Returns one episode of an own show. Raises NotFoundError for what is none."""
    found = views(session, [item_id]).get(item_id)
    if found is None:
        raise NotFoundError("episode", item_id)
    return found


def episode_ids(session: Session, feed_id: int | None = None, *, limit: int = 50, offset: int = 0) -> list[int]:
    """Returns at most `limit` episodes of an own show (of all of them without one), newest first."""
    query = select(Item.id).join(Feed, Feed.id == Item.feed_id).where(*_IS_OWN_EPISODE)
    if feed_id is not None:
        query = query.where(Feed.id == feed_id)
    return list(session.scalars(query.order_by(Item.at.desc(), Item.id.desc()).limit(limit).offset(offset)))


def episode_count(session: Session, feed_id: int | None = None, *, words: str = "") -> int:
    """Returns how many episodes an own show has (all of them without one), of those that `found_ids` would find."""
    query = select(func.count()).select_from(Item).join(Feed, Feed.id == Item.feed_id).where(*_IS_OWN_EPISODE)
    if feed_id is not None:
        query = query.where(Feed.id == feed_id)
    return session.scalar(query.where(*_with_words(words))) or 0


def found_ids(session: Session, feed_id: int, *, words: str, limit: int, offset: int = 0) -> list[int]:
    """Returns at most `limit` episodes of an own show in whose title, subtitle, summary or topics all words stand.

    Newest first; without words all of them. Letters of ASCII are compared without case.
    """
    query = select(Item.id).join(Feed, Feed.id == Item.feed_id).where(*_IS_OWN_EPISODE, Feed.id == feed_id)
    query = query.where(*_with_words(words)).order_by(Item.at.desc(), Item.id.desc())
    return list(session.scalars(query.limit(limit).offset(offset)))


def public_ids(session: Session, item_ids: Collection[int]) -> frozenset[int]:
    """Returns which of these items have a page for readers: episodes of own shows."""
    query = select(Item.id).join(Feed, Feed.id == Item.feed_id).where(Item.id.in_(list(item_ids)), *_IS_OWN_EPISODE)
    return frozenset(session.scalars(query))


def transcribed(session: Session, item_ids: Collection[int]) -> frozenset[int]:
    """Returns which of these items have a transcript that could be read."""
    query = select(Transcript.item_id).where(Transcript.item_id.in_(list(item_ids)), Transcript.is_ok)
    return frozenset(session.scalars(query))


def lock_episode(session: Session, item_id: int) -> EpisodeView:
    """Returns an episode and holds it against other editors until the transaction ends. Raises NotFoundError."""
    session.execute(select(Item.id).where(Item.id == item_id).with_for_update())
    return view(session, item_id)


def set_words(session: Session, item_id: int, words: Words, *, version: int, now: datetime) -> None:
    """Writes an editor's words under their new version."""
    row = {"item_id": item_id, "version": version, "updated_at": now, **kept.columns(words)}
    upsert(session, EpisodeWords, [row], keys=["item_id"], update=[name for name in row if name != "item_id"])


# -- shows and their links


def show_rows(session: Session) -> list[ShowRow]:
    """Returns the own shows with their links, by title; two queries."""
    rows = session.execute(_shows().order_by(func.lower(Feed.title), Feed.id)).all()
    links = _links(session, ListeningLink.feed_id.in_([row[0] for row in rows]), ListeningLink.item_id.is_(None))
    return [_show(row, links.get((row[0], None), ())) for row in rows]


def show_row(session: Session, feed_id: int, *, lock: bool = False) -> ShowRow:
    """Returns one own show; `lock` holds it until the transaction ends. Raises NotFoundError."""
    if lock:
        session.execute(select(Feed.id).where(Feed.id == feed_id).with_for_update())
    row = session.execute(_shows().where(Feed.id == feed_id)).one_or_none()
    if row is None:
        raise NotFoundError("show", feed_id)
    links = _links(session, ListeningLink.feed_id == feed_id, ListeningLink.item_id.is_(None))
    return _show(row, links.get((feed_id, None), ()))


def set_links(session: Session, feed_id: int, item_id: int | None, links: Sequence[Link]) -> None:
    """Writes the links of a show, or of one of its episodes, in this order over those that were there."""
    of_it = ListeningLink.item_id.is_(None) if item_id is None else ListeningLink.item_id == item_id
    session.execute(delete(ListeningLink).where(ListeningLink.feed_id == feed_id, of_it))
    session.add_all(
        ListeningLink(
            feed_id=feed_id,
            item_id=item_id,
            platform=link.platform.value,
            url=link.url,
            label=link.label,
            position=position,
        )
        for position, link in enumerate(links)
    )
    session.flush()


# -- retired platforms


def retired(session: Session) -> dict[Platform, datetime]:
    """Returns the platforms that are no more, with when somebody said so."""
    rows = session.execute(select(RetiredPlatform.platform, RetiredPlatform.retired_at))
    return {platform: at for name, at in rows if (platform := known(name)) is not None}


def retire(session: Session, platform: Platform, *, now: datetime) -> bool:
    """Retires a platform; False when it was."""
    row = {"platform": platform.value, "retired_at": now}
    return upsert(session, RetiredPlatform, [row], keys=["platform"]) == 1


def bring_back(session: Session, platform: Platform) -> bool:
    """Shows a retired platform's links again; False when it was not retired."""
    return changed(session, delete(RetiredPlatform).where(RetiredPlatform.platform == platform.value)) == 1


def link_counts(session: Session) -> dict[Platform, int]:
    """Returns how many links of shows and episodes lead to each platform."""
    rows = session.execute(select(ListeningLink.platform, func.count()).group_by(ListeningLink.platform))
    return {platform: count for name, count in rows if (platform := known(name)) is not None}


# -- rows as values


def _with_words(words: str) -> list[ColumnElement[bool]]:
    """Each word stands in what the feed or an editor says; a sign that LIKE would take for any other is itself."""
    written = select(EpisodeWords).where(EpisodeWords.item_id == Item.id)
    conditions = []
    for word in words.lower().split()[:_MOST_WORDS]:
        pattern = "%" + "".join(f"\\{each}" if each in "\\%_" else each for each in word) + "%"
        told = (Item.title, Item.summary_text)
        lists = (cast(EpisodeWords.topics, Text), cast(EpisodeWords.guests, Text))
        said = (EpisodeWords.title, EpisodeWords.subtitle, EpisodeWords.summary, *lists)
        by_editor = written.where(or_(*(func.lower(each).like(pattern, escape="\\") for each in said))).exists()
        conditions.append(or_(*(func.lower(each).like(pattern, escape="\\") for each in told), by_editor))
    return conditions


def _views(session: Session, item_ids: Sequence[int]) -> dict[int, EpisodeView]:
    query = (
        select(Item, Feed, Episode, EpisodeWords)
        .join(Feed, Feed.id == Item.feed_id)
        .outerjoin(Episode, Episode.item_id == Item.id)
        .outerjoin(EpisodeWords, EpisodeWords.item_id == Item.id)
        .where(Item.id.in_(item_ids), *_IS_OWN_EPISODE)
        .execution_options(populate_existing=True)
    )
    # Outer joins: the last two may be missing.
    rows: list[tuple[Item, Feed, Episode | None, EpisodeWords | None]] = [
        (item, feed, episode, words) for item, feed, episode, words in session.execute(query)
    ]
    if not rows:
        return {}
    ids, feeds = [item.id for item, *_ in rows], {feed.id for _, feed, *_ in rows}
    audio = audio_urls(session, ids)
    shown = ListeningLink.item_id.is_(None) | ListeningLink.item_id.in_(ids)
    links = _links(session, ListeningLink.feed_id.in_(feeds), shown)
    gone = retired(session)
    return {
        item.id: merge.view(
            _told(item, feed, episode, audio.get(item.id)),
            _words(words),
            show_links=links.get((feed.id, None), ()),
            own_links=links.get((feed.id, item.id), ()),
            retired=gone,
            version=words.version if words else 0,
        )
        for item, feed, episode, words in rows
    }


def _links(session: Session, *conditions: ColumnElement[bool]) -> Mapping[tuple[int, int | None], tuple[Link, ...]]:
    """Returns links by show and episode (None: the show's own), each in their order."""
    query = select(ListeningLink).where(*conditions).order_by(ListeningLink.position, ListeningLink.id)
    found: dict[tuple[int, int | None], tuple[Link, ...]] = {}
    for row in session.scalars(query):
        link = Link(known(row.platform) or Platform.OTHER, row.url, row.label)
        found[row.feed_id, row.item_id] = (*found.get((row.feed_id, row.item_id), ()), link)
    return found


def _shows() -> Select[int, str, str, str | None, int, datetime]:
    is_episode = (Item.feed_id == Feed.id) & (Item.kind == ItemKind.EPISODE)
    return (
        select(Feed.id, Feed.title, Feed.url, Feed.site_url, func.count(Item.id), func.max(Item.at))
        .outerjoin(Item, is_episode)
        .where(Feed.is_own_show)
        .group_by(Feed.id, Feed.title, Feed.url, Feed.site_url)
    )


def _show(row: Any, links: Sequence[Link]) -> ShowRow:
    feed_id, title, url, site_url, episodes, newest_at = row
    return ShowRow(feed_id, title or place_of(url), site_url, episodes, newest_at, tuple(links))


def _told(item: Item, feed: Feed, episode: Episode | None, audio_url: str | None) -> Told:
    return Told(
        item_id=item.id,
        feed_id=feed.id,
        show=feed.title or place_of(feed.url),
        show_site=feed.site_url,
        url=item.url,
        audio_url=audio_url,
        title=item.title,
        subtitle=episode.subtitle if episode else "",
        summary_html=item.summary_html,
        summary=item.summary_text,
        image_url=(episode.image_url if episode else None) or item.image_url,
        people=kept.people(episode.people if episode else ()),
        chapters=kept.chapters(episode.chapters if episode else ()),
        published_at=item.published_at,
        at=item.at,
        duration_s=episode.duration_s if episode else None,
        season=episode.season if episode else None,
        number=episode.number if episode else None,
        language=kept.language(item.language) or kept.language(feed.language),
    )


def _words(row: EpisodeWords | None) -> Words:
    return Words() if row is None else kept.words(vars(row))
