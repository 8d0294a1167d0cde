"""How long a child process that ended is let rest before it is started again."""

_FIRST_S = 0.5
# Long enough to spare the machine, short enough that a mended cause is found within half a minute.
_LONGEST_S = 30.0
# Whoever lived this long did its work; its end is a new story.
_LONG_LIFE_S = 60.0


def next_wait(previous_s: float, *, lived_s: float) -> float:
    """Returns the seconds to wait: half a second, doubled for each short life in a row, at most 30."""
    if previous_s <= 0 or lived_s >= _LONG_LIFE_S:
        return _FIRST_S
    return min(previous_s * 2, _LONGEST_S)
