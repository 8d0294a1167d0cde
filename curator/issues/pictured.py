"""Which pictures an issue's blocks show, which of them its mail may show by now, and where mail finds them. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from curator.feeds.values import ItemKind
from curator.http.urls import absolute_url
from curator.issues.escape import one_line
from curator.issues.values import Board, BoardBlock, Document, DocumentEntry, IssueRow, IssueState
from curator.newsletters.theme import MOST_LOGO, Theme
from curator.pictures.values import Logo, Picture, PictureRow, PictureState, Source, Use, is_path


@dataclass(frozen=True)
class Standing:
    """How it stands with a block's picture. Without a row nobody asked for it yet.

    `is_shown`: the mail has it. `is_late`: it came after the approval, so what was approved goes without it.
    """

    source: Source
    row: PictureRow | None
    is_shown: bool = False
    is_late: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether it is being fetched for the first time."""
        return self.row is None or self.row.state is PictureState.WAITING

    @property
    def is_missing(self) -> bool:
        """Whether it could not be had."""
        return self.row is not None and self.row.state is PictureState.FAILED


def source_of(block: BoardBlock) -> Source | None:
    """Returns the picture that a block is to show, None where it shows none.

    An own episode shows its artwork, a promotion its picture; another pick shows the page's own when an editor says so.
    """
    if block.episode is not None:
        art = block.episode.artwork
        return _source(art.url, Use.ARTWORK) if art else None
    if block.pick is not None:
        return offered(block) if block.pick.shows_picture else None
    if block.promotion is not None and not block.promotion.is_put_away:
        return _source(block.promotion.words.image_url, Use.WIDE)
    return None


def offered(block: BoardBlock) -> Source | None:
    """Returns the picture that a pick of another site's page could show, None where it has none."""
    if block.pick is None or block.episode is not None:
        return None
    is_episode = block.pick.item.kind is ItemKind.EPISODE
    return _source(block.pick.item.image_url, Use.ARTWORK if is_episode else Use.WIDE)


def sources(board: Board) -> list[Source]:
    """Returns the pictures that a board's blocks are to show, each once, in the order of the page."""
    return list(dict.fromkeys(source for block in board.blocks if (source := source_of(block))))


def standings(board: Board) -> dict[int, Standing]:
    """Returns how it stands with the picture of each block that is to show one, by the block's id."""
    seen_at = _approved_at(board.issue)
    wanted = {block.id: source for block in board.blocks if (source := source_of(block))}
    return {block_id: _standing(source, board.pictures.get(source), seen_at) for block_id, source in wanted.items()}


def shown(board: Board) -> dict[int, Picture]:
    """Returns the pictures that the mail shows, by block: those that were there when it was approved."""
    found = standings(board)
    return {id_: each.row.picture for id_, each in found.items() if each.is_shown and each.row and each.row.picture}


def with_picture(entry: DocumentEntry, picture: Picture) -> DocumentEntry:
    """Returns an entry with its picture, and how large it is to be shown."""
    return replace(entry, image_url=picture.path, image_width=picture.width, image_height=picture.height)


def with_logo(theme: Theme, logo: Logo | None) -> Theme:
    """Returns a look with the newsletter's logo, no larger than the mail has room for it."""
    if logo is None:
        return theme
    kept, (most_width, most_height) = logo.picture, MOST_LOGO
    scale = min(1.0, most_width / max(kept.width, 1), most_height / max(kept.height, 1))
    width, height = (max(1, round(side * scale)) for side in (kept.width, kept.height))
    return replace(theme, logo_url=kept.path, logo_alt=one_line(logo.alt), logo_width=width, logo_height=height)


def addressed(document: Document, public_url: str) -> Document:
    """Returns a document whose own pictures have this site before them, as whoever reads it elsewhere needs."""
    sections = tuple(
        replace(section, entries=tuple(_addressed(entry, public_url) for entry in section.entries))
        for section in document.sections
    )
    theme = document.theme
    if is_path(theme.logo_url):
        theme = replace(theme, logo_url=public_url + theme.logo_url)
    return replace(document, sections=sections, theme=theme)


def _addressed(entry: DocumentEntry, public_url: str) -> DocumentEntry:
    if entry.image_url is None or not is_path(entry.image_url):
        return entry
    return replace(entry, image_url=public_url + entry.image_url)


def _standing(source: Source, row: PictureRow | None, seen_at: datetime | None) -> Standing:
    stored_at = None if row is None else row.stored_at
    if row is None or row.picture is None or stored_at is None:
        return Standing(source, row)
    is_late = seen_at is not None and stored_at > seen_at
    return Standing(source, row, is_shown=not is_late, is_late=is_late)


def _approved_at(issue: IssueRow) -> datetime | None:
    """A picture that comes after an approval would change what was approved; once that is taken back it counts."""
    is_approved = issue.approved_hash is not None and issue.state is not IssueState.HELD
    return issue.approved_at if is_approved else None


def _source(url: str | None, use: Use) -> Source | None:
    """An address as it is asked; what is none shows no picture."""
    address = absolute_url(url) if url else None
    return None if address is None else Source(address.partition("#")[0], use)
