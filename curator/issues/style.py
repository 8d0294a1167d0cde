"""What the mail's templates need to know of a look: colours, stacks, room, and which side a line begins on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from curator.languages import Speech, direction, speech
from curator.newsletters.palette import Scheme, palette
from curator.newsletters.theme import HOUSE, STACKS, Density, Theme


@dataclass(frozen=True)
class Room:
    """CSS pixels above a section, above an entry and within a box, and the height of a line."""

    section: int
    entry: int
    box: int
    line: str


ROOMS: Mapping[Density, Room] = MappingProxyType(
    {
        Density.ROOMY: Room(section=46, entry=34, box=24, line="1.65"),
        Density.USUAL: Room(section=36, entry=26, box=20, line="1.55"),
        Density.TIGHT: Room(section=26, entry=18, box=15, line="1.5"),
    }
)


@dataclass(frozen=True)
class Style:
    """One mail's look. `start` and `end` are the sides where a line begins and ends; `say` has its fixed words."""

    light: Scheme
    dark: Scheme
    headings: str
    words: str
    corner: int
    room: Room
    direction: str
    say: Speech

    @property
    def is_foreign(self) -> bool:
        """Whether the fixed words are English for want of the language's own."""
        return self.say.is_foreign

    @property
    def start(self) -> str:
        """The side where a line begins."""
        return "right" if self.direction == "rtl" else "left"

    @property
    def end(self) -> str:
        """The side where it ends."""
        return "left" if self.direction == "rtl" else "right"

    @property
    def button(self) -> int:
        """How round a button is: square where the theme is, else round at its ends."""
        return min(self.corner * 4, 24)

    def pad(self, top: int, end: int, bottom: int, start: int) -> str:
        """Returns a padding for CSS with its sides in the order of the line."""
        right, left = (start, end) if self.direction == "rtl" else (end, start)
        return " ".join(f"{each}px" if each else "0" for each in (top, right, bottom, left))


def style(*, accent: str = "", theme: Theme = HOUSE, language: str = "en") -> Style:
    """Returns the look of a mail."""
    made = palette(accent, theme)
    return Style(
        light=made.light,
        dark=made.dark,
        headings=STACKS[theme.headings],
        words=STACKS[theme.words],
        corner=theme.corner,
        room=ROOMS[theme.density],
        direction=direction(language),
        say=speech(language),
    )
