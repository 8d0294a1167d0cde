"""An editor's words over the feed's, field by field, and the links that count. Pure."""

from collections.abc import Collection, Iterable, Sequence

from curator.episodes.platforms import Platform
from curator.episodes.values import Artwork, EpisodeView, Guest, ListeningLink, Told, WebLink, Words, is_guest
from curator.feeds.values import Person


def view(
    told: Told,
    words: Words,
    *,
    show_links: Sequence[ListeningLink],
    own_links: Sequence[ListeningLink],
    retired: Collection[Platform],
    version: int,
) -> EpisodeView:
    """Returns an episode as it is shown. What the editor left alone (None) is the feed's word."""
    chapters = told.chapters if words.chapters is None else words.chapters
    return EpisodeView(
        told=told,
        words=words,
        title=words.title or told.title,
        subtitle=told.subtitle if words.subtitle is None else words.subtitle,
        summary=told.summary if words.summary is None else words.summary,
        summary_html=told.summary_html if words.summary is None else "",
        guests=feeds_guests(told.people) if words.guests is None else words.guests,
        topics=words.topics or (),
        mentions=words.mentions or (),
        chapters=tuple(sorted(chapters, key=lambda chapter: (chapter.start_s is None, chapter.start_s or 0.0))),
        artwork=_artwork(told, words),
        links=links_shown(show_links, own_links, retired=retired),
        own_links=tuple(own_links),
        version=version,
    )


def links_shown(
    show: Iterable[ListeningLink], own: Sequence[ListeningLink] = (), *, retired: Collection[Platform]
) -> tuple[ListeningLink, ...]:
    """Returns the show's links in their order, an episode's own in the place of the same platform's, its others last.

    Retired platforms are left out. Places that Curator does not know are told apart by their names.
    """
    replaced = {_place(link): link for link in own}
    shown = [replaced.pop(_place(link), link) for link in show]
    shown += [link for link in own if _place(link) in replaced]
    return tuple(link for link in dict.fromkeys(shown) if link.platform not in retired)


def feeds_guests(people: Iterable[Person]) -> tuple[Guest, ...]:
    """Returns those whom the feed itself calls guests, each once."""
    guests = {person.name.casefold(): guest_of(person) for person in reversed(tuple(people)) if is_guest(person)}
    return tuple(reversed(guests.values()))


def guest_of(person: Person) -> Guest:
    """Returns a person of the feed as a guest; a role that only says "guest" says nothing of who they are."""
    role = "" if person.role.strip().casefold() == "guest" else person.role.strip()
    links = (WebLink(person.href),) if person.href else ()
    return Guest(name=person.name, role=role, links=links, image_url=person.image_url)


def _place(link: ListeningLink) -> tuple[Platform, str]:
    return link.platform, link.name.casefold() if link.platform is Platform.OTHER else ""


def _artwork(told: Told, words: Words) -> Artwork | None:
    url = told.image_url if words.artwork_url is None else words.artwork_url
    return Artwork(url, words.artwork_alt or "", words.artwork_credit or "") if url else None
