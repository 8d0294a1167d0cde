"""Conversations made of a small vocabulary, so that tests know what is told where."""

from random import Random

from curator.episodes.transcripts.values import StoredTurn

HELLO = "Welcome to the show, everybody, and thank you for coming, it is great to have you here with us. " * 3
SPONSOR = (
    "This episode is brought to you by Harbour Hosting, which keeps your servers dry. Our listeners get a discount "
    "when they use the promo code TIDES at the checkout, and the link is in the show notes below, so do have a look."
)
QUESTION = "What did the long study of habits teach you about reminders that people set for themselves?"
ANSWER = (
    "Most reminders only train the hand to swipe them away. In the study we took the reminders out for half of the "
    "people, and two thirds of their habits went on by themselves. Those habits that stopped had never been wanted. So "
    "a reminder measures a wish, it does not make one, and the study of habits is really a study of wishes."
)
THANKS = "Thank you so much for having me, it was a pleasure, and good luck with the podcast, take care, bye. " * 3


def turn(position: int, speaker: str, text: str, *, at_s: int | None = None) -> StoredTurn:
    start = at_s * 1000 if at_s is not None else None
    return StoredTurn(position, speaker, start, None, text)


def talk(*, words: int = 3_000, seed: int = 1) -> list[StoredTurn]:
    """A host and a guest: hello, a sponsor, questions and answers of which one is ANSWER, and thanks."""
    random = Random(seed)
    said: list[tuple[str, str]] = [("Mina", HELLO), ("Theo", THANKS), ("Mina", SPONSOR)]
    spoken = 0
    while spoken < words:
        answer = _babble(random, random.randint(45, 150))
        said += [("Mina", _babble(random, 12)[:-1] + "?"), ("Theo", answer)]
        spoken += 12 + len(answer.split())
        if len(said) == 11:
            said += [("Mina", QUESTION), ("Theo", ANSWER)]
    said += [("Mina", THANKS), ("Theo", THANKS)]
    return [turn(place, who, text, at_s=place * 30) for place, (who, text) in enumerate(said)]


_COMMON = [
    "so",
    "the",
    "and",
    "of",
    "to",
    "a",
    "in",
    "that",
    "it",
    "is",
    "was",
    "for",
    "on",
    "you",
    "we",
    "they",
    "this",
    "with",
    "have",
    "are",
    "be",
    "at",
    "one",
]


def _babble(random: Random, words: int) -> str:
    chosen = [
        random.choice(_COMMON) if random.random() < 0.6 else f"word{int(random.paretovariate(0.7)) % 4_000}"
        for _ in range(words)
    ]
    for place in range(11, words, 12):
        chosen[place] += "."
    return " ".join(chosen).capitalize() + "."
