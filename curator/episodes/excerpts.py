"""Turns to passages worth quoting: an extractive choice with small, published means.

Method: LexRank (Erkan and Radev, "LexRank: Graph-based Lexical Centrality as Salience in Text Summarization", JAIR 22,
2004), in its continuous form over whole passages instead of sentences: a passage counts for more the more others share
its rarer words (tf-idf cosine, idf over this conversation, so that no list of stop words of any language is needed).
Its centrality is weighed with how much is said in it that is said nowhere else, with what a reader can do with it (a
question with its answer, a length that fits), and against small talk. Five that differ are chosen by maximal marginal
relevance (Carbonell and Goldstein, "The Use of MMR", SIGIR 1998). Everything is deterministic.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from curator.episodes.transcripts.values import StoredTurn

MIN_WORDS, MAX_WORDS = 40, 350
HOW_MANY = 5

# Bounds for hostile or endless transcripts: a talk of three hours has some 400 passages.
_MAX_CANDIDATES = 500
_MAX_TURNS = 4_000
_MAX_CHARACTERS = 1_000_000
_ROUNDS = 30
_DAMPING = 0.85
_RELEVANCE = 0.72
_QUESTION_WORDS = 90
_BEST_WORDS = (60, 190)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Scripts without spaces: two of their characters are about a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SENTENCE_START = re.compile(r"(?<=[.?!…])\s+|(?<=[。？！])\s*")
_QUESTION = re.compile("[?？؟\u037e]")


@dataclass(frozen=True)
class Excerpt:
    """A passage worth quoting: turns `first` to `last`, whole unless a long one was cut to whole sentences."""

    first: int
    last: int
    turns: tuple[StoredTurn, ...]
    words: int
    score: float

    @property
    def start_ms(self) -> int | None:
        """When it begins, None where nobody told."""
        return self.turns[0].start_ms

    @property
    def speaker(self) -> str:
        """Whose words they are: whoever says most of them."""
        return max(self.turns, key=lambda turn: word_count(turn.text)).speaker


def suggested(turns: Sequence[StoredTurn], *, how_many: int = HOW_MANY) -> list[Excerpt]:
    """Returns at most so many passages, the best first; they share no turn, and each is 40 to 350 words long."""
    turns = _first_of([turn for turn in turns if turn.text][:_MAX_TURNS])
    passages = _passages(turns)
    if not passages:
        return []
    vectors = _vectors([_text(passage.turns) for passage in passages])
    scores = _scores(passages, vectors, total=sum(word_count(turn.text) for turn in turns), turns=turns)
    chosen = _chosen(passages, vectors, scores, how_many)
    return [
        Excerpt(p.first, p.last, p.turns, p.words, round(scores[i], 4)) for i, p in ((i, passages[i]) for i in chosen)
    ]


def word_count(text: str) -> int:
    """Returns how many words a text has, in scripts without spaces about how many."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text) if unspaced else text)) + (unspaced + 1) // 2


# -- candidates


@dataclass(frozen=True)
class _Passage:
    """A candidate: `place` is how many words are spoken before it."""

    first: int
    last: int
    turns: tuple[StoredTurn, ...]
    words: int
    place: int
    has_question: bool
    is_whole: bool


def _first_of(turns: Sequence[StoredTurn]) -> list[StoredTurn]:
    """Returns as many turns as a talk of sixteen hours has."""
    lengths = accumulate(len(turn.text) for turn in turns)
    return [turn for turn, length in zip(turns, lengths, strict=True) if length <= _MAX_CHARACTERS]


def _passages(turns: Sequence[StoredTurn]) -> list[_Passage]:
    found: list[_Passage] = []
    place = 0
    for index, turn in enumerate(turns):
        words = word_count(turn.text)
        found += _candidates(turns, index, words, place)
        place += words
    if len(found) > _MAX_CANDIDATES:
        step = len(found) / _MAX_CANDIDATES
        found = [found[int(number * step)] for number in range(_MAX_CANDIDATES)]
    return found


def _candidates(turns: Sequence[StoredTurn], index: int, words: int, place: int) -> list[_Passage]:
    """Returns what can be quoted with this turn as its heart: with its question, alone, or cut to sentences."""
    turn = turns[index]
    before = turns[index - 1] if index else None
    if is_small_talk(turn.text):
        return []
    if before is not None and _asks(before, turn):
        asked = word_count(before.text)
        if words >= MIN_WORDS * 0.6 and MIN_WORDS <= asked + words <= MAX_WORDS and not is_small_talk(before.text):
            return [_passage((before, turn), asked + words, place - asked, has_question=True)]
    if MIN_WORDS <= words <= MAX_WORDS and not _is_question(turn.text, words):
        return [_passage((turn,), words, place)]
    if words > MAX_WORDS:
        return _cut(turn, place)
    return []


def _passage(
    turns: tuple[StoredTurn, ...], words: int, place: int, *, has_question: bool = False, is_whole: bool = True
) -> _Passage:
    return _Passage(turns[0].position, turns[-1].position, turns, words, max(place, 0), has_question, is_whole)


def _cut(turn: StoredTurn, place: int) -> list[_Passage]:
    """Returns the parts of a turn that is too long, each of whole sentences."""
    found: list[_Passage] = []
    sentences: list[str] = []
    length = spoken = 0
    for sentence in (*_SENTENCE_START.split(turn.text), None):
        words = 0 if sentence is None else word_count(sentence)
        if sentences and (sentence is None or length + words > _BEST_WORDS[1]):
            if MIN_WORDS <= length <= MAX_WORDS:
                start = turn.start_ms if not spoken else None
                part = StoredTurn(turn.position, turn.speaker, start, None, " ".join(sentences))
                found.append(_passage((part,), length, place + spoken, is_whole=False))
            spoken, sentences, length = spoken + length, [], 0
        if sentence is not None:
            sentences.append(sentence)
            length += words
    return found


def _asks(before: StoredTurn, turn: StoredTurn) -> bool:
    asked = word_count(before.text)
    is_other = before.speaker != turn.speaker or not turn.speaker
    return is_other and asked <= _QUESTION_WORDS and asked >= 4 and _QUESTION.search(before.text) is not None


def _is_question(text: str, words: int) -> bool:
    """Tells whether a turn asks more than it says: interviewers are not what is quoted."""
    return words <= _QUESTION_WORDS and _QUESTION.search(text[-80:]) is not None


def _text(turns: Sequence[StoredTurn]) -> str:
    return " ".join(turn.text for turn in turns)


# -- small talk

# About as many words are lost with each such phrase: a long answer may name a sponsor, and a polite one say thanks.
_WORDS_OF_HOUSEKEEPING, _WORDS_OF_COURTESY = 90, 45
_HOUSEKEEPING = re.compile(
    r"\b(?:sponsor\w*|promo(?:tional)? code|discount code|coupon|brought to you by|subscribe|newsletter|show notes|"
    r"patreon|(?:five|5)[- ]star|leave (?:us )?a review|slack (?:channel|community|workspace)|slido|link in the|"
    r"(?:in|at) the (?:description|chat)|youtube channel|follow us|see you next (?:week|time|episode)|live chat|"
    r"pinned link|(?:very |our )?special guest|our guest|"
    r"(?:this week|today|in this episode),? we(?:[’']ll| will|[’']re| are) (?:talk|be talk|discuss|going)\w*|"
    r"abonnier\w*|gesponsert|werbung|rabattcode|shownotes|"
    r"abonnez|sponsoris\w*|code promo|suscr[ií]b\w*|patrocin\w*|código de descuento|"
    r"iscrivetevi|inscreva-se)\b",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\b(?:welcome|thank(?:s|ing| you)|good (?:morning|evening|afternoon)|bye(?:-bye)?|"
    r"have a (?:nice|great|good)|nice to (?:meet|have|be)|great to (?:have|be|see)|pleasure|happy to be (?:here|on)|"
    r"for (?:having|inviting) me|hello|hi,? (?:everyone|everybody|there)|how are you|glad to|take care|"
    r"prepar(?:ed|ing) (?:the|these) questions|main topic|check (?:it|them) out|"
    r"your (?:background|career journey)|tell us (?:a bit |a little )?about your(?:self)?|my notes|"
    r"today we(?:[’']ll| will| have| are)|this week we|joining us|invitation|"
    r"reach out|linkedin|twitter|where can people find|"
    r"anything (?:else )?(?:you )?(?:want|would like) to (?:say|add|mention)|"
    r"before we (?:finish|wrap|start|begin|go)|wrap(?:ping)? up|run(?:ning)? out of time|last question|next question|"
    r"herzlich willkommen|willkommen|danke(?:schön)?|vielen dank|tschüss|auf wiedersehen|guten (?:tag|morgen|abend)|"
    r"bienvenue|merci|bonjour|au revoir|bienvenidos?|gracias|buen[oa]s (?:días|tardes|noches)|hola|adiós|"
    r"benvenut[ioa]|grazie|ciao|bem-vind[oa]s?|obrigad[oa]|olá)\b",
    re.IGNORECASE,
)


def is_small_talk(text: str) -> bool:
    """Tells whether a turn greets, thanks or keeps house more than it says something."""
    words = max(word_count(text), 1)
    housekeeping, courtesies = len(_HOUSEKEEPING.findall(text)), len(_COURTESY.findall(text))
    return housekeeping * _WORDS_OF_HOUSEKEEPING + courtesies * _WORDS_OF_COURTESY > words


# -- salience


Vector = Mapping[str, float]


def _terms(text: str) -> list[str]:
    folded = text.casefold()
    unspaced = _UNSPACED.findall(folded)
    pairs = [first + second for first, second in pairwise(unspaced)]
    return [word for word in _WORD.findall(_UNSPACED.sub(" ", folded)) if len(word) > 1] + pairs


def _vectors(texts: Sequence[str]) -> list[Vector]:
    """Returns each text's tf-idf vector of length 1; a word of more than a third of the texts counts for nothing."""
    counts = [Counter(_terms(text)) for text in texts]
    spread: Counter[str] = Counter(term for count in counts for term in count)
    most = max(len(texts) / 3, 2)
    idf = {term: math.log(1 + len(texts) / number) for term, number in spread.items() if number <= most}
    return [
        _unit({term: (1 + math.log(n)) * idf[term] for term, n in count.items() if term in idf}) for count in counts
    ]


def _unit(weights: dict[str, float]) -> Vector:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {term: weight / length for term, weight in weights.items()} if length else {}


def _centralities(vectors: Sequence[Vector]) -> list[float]:
    """Returns each text's LexRank, scaled so that the highest is 1."""
    rows = _similar(vectors)
    sums = [sum(row.values()) for row in rows]
    count = len(vectors)
    ranks = [1.0 / count] * count
    for _ in range(_ROUNDS):
        spread = [0.0] * count
        for index, row in enumerate(rows):
            if sums[index]:
                share = ranks[index] / sums[index]
                for other, likeness in row.items():
                    spread[other] += share * likeness
        ranks = [(1 - _DAMPING) / count + _DAMPING * gained for gained in spread]
    highest = max(ranks)
    return [rank / highest for rank in ranks] if highest else [0.0] * count


def _similar(vectors: Sequence[Vector]) -> list[dict[int, float]]:
    """Returns for each text the others that it is like, by an index of words: most share few rare ones."""
    holders: dict[str, list[tuple[int, float]]] = {}
    for index, vector in enumerate(vectors):
        for term, weight in vector.items():
            holders.setdefault(term, []).append((index, weight))
    rows: list[dict[int, float]] = [{} for _ in vectors]
    for held in holders.values():
        for place, (index, weight) in enumerate(held):
            for other, other_weight in held[place + 1 :]:
                likeness = weight * other_weight
                rows[index][other] = rows[index].get(other, 0.0) + likeness
                rows[other][index] = rows[other].get(index, 0.0) + likeness
    return rows


def _scores(
    passages: Sequence[_Passage], vectors: Sequence[Vector], *, total: int, turns: Sequence[StoredTurn]
) -> list[float]:
    central = _centralities(vectors)
    rich = _richness(passages, vectors)
    host = _host(turns)
    return [
        (0.6 * central[index] + 0.4 * rich[index]) * _fitness(passage, total=total, host=host)
        for index, passage in enumerate(passages)
    ]


def _richness(passages: Sequence[_Passage], vectors: Sequence[Vector]) -> list[float]:
    """Returns how much of its own a passage has to say for its length (distinct telling words a word), at most 1."""
    own = [len(vector) / math.sqrt(max(passage.words, 1)) for passage, vector in zip(passages, vectors, strict=True)]
    highest = max(own, default=0.0)
    return [each / highest if highest else 0.0 for each in own]


def _fitness(passage: _Passage, *, total: int, host: str) -> float:
    low, high = _BEST_WORDS
    length = 1.0 if low <= passage.words <= high else 0.85 if passage.words < low else 0.8
    at = passage.place / max(total, 1)
    position = 0.55 if at < 0.05 or at > 0.95 else 1.0  # hellos and good-byes
    heart = passage.turns[-1]
    speaker = 0.7 if host and heart.speaker == host else 1.0
    whole = 1.0 if passage.is_whole else 0.85
    courtesy = 0.75 if _COURTESY.search(heart.text) else 1.0
    question = 1.25 if passage.has_question else 1.0
    return length * position * speaker * whole * courtesy * question


def _host(turns: Sequence[StoredTurn]) -> str:
    """Returns who asks most of the questions, when that is plain; it is the others who are quoted."""
    asked: Counter[str] = Counter(turn.speaker for turn in turns if turn.speaker and _QUESTION.search(turn.text))
    ranked = asked.most_common(2)
    if not ranked or len({turn.speaker for turn in turns}) < 2:
        return ""
    return ranked[0][0] if len(ranked) == 1 or ranked[0][1] >= 2 * ranked[1][1] else ""


def _chosen(
    passages: Sequence[_Passage], vectors: Sequence[Vector], scores: Sequence[float], how_many: int
) -> list[int]:
    """Returns places of passages by maximal marginal relevance; ties go to the earlier one."""
    highest = max(scores) or 1.0
    likest = [0.0] * len(passages)
    left = list(range(len(passages)))
    found: list[int] = []
    while left and len(found) < how_many:
        best = max(left, key=lambda i: (_RELEVANCE * scores[i] / highest - (1 - _RELEVANCE) * likest[i], -i))
        found.append(best)
        left = [i for i in left if passages[i].last < passages[best].first or passages[i].first > passages[best].last]
        for i in left:
            likest[i] = max(likest[i], _likeness(vectors[i], vectors[best]))
    return found


def _likeness(one: Vector, other: Vector) -> float:
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return sum(weight * large[term] for term, weight in small.items() if term in large)
