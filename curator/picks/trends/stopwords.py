"""Words that no trend begins or ends with, and words that rise every year without being news."""

from typing import Final


def _each(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ENGLISH: Final = """
a about above after again against ago all almost already also although always am an and another any anyone
anything are aren't around as ask at away back be became because become been before being below best better
between big both but by call came can can't cannot come could couldn't day did didn't do does doesn't doing
don't done down during each early either else end enough even ever every everyone everything far few find
first for found from full further get getting give go goes going gone good got great had has hasn't have
haven't having he help her here here's hers him his hit how however i i'm i've if in inside instead into is
isn't it it's its itself just keep know last late latest least left less let let's like likely little long
look lot made make making many may maybe me mean might more most much must my near need never new next no nor
not nothing now of off often old on once one only onto or other our out over own part people per perhaps put
quite rather ready really right said same saw say saying says see seen set several shall she should show side
since small so some someone something soon still such take tell than that that's the their them then there
there's these they they're thing things think this those though through thus time times to today together told
tomorrow too took top toward towards tried try turn two under until up upon us use used using very via vs want
was wasn't way ways we we're week well went were what what's when where whether which while who who's whole
whose why will win with within without won't work would wouldn't yes yesterday yet you you're your year you've
monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march
april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec hn
pdf video review news update updates report reports daily weekly monthly
"""
# Without those that English has as words or names: "war", "MIT", "Los Angeles".
_OTHERS: Final = """
der die das den dem des ein eine einer eines einem einen und oder aber nicht ist sind wird werden von vom zu
zum
zur auf aus bei für im ins nach über wie was wer auch nur noch mehr als bis durch sich
le la les un une des du de et ou mais ne pas est sont dans sur avec sans au aux ce cette ces que qui plus
comment
el una uno unos unas y o pero es en por para con sin del al lo como más qué
il gli della delle dei degli nel nella che per più come non
uma não dos das ao mais
في من على إلى عن مع هذا هذه التي الذي أن ما هل كيف بعد قبل بين كل غير لا لم لن قد كان هو هي أو ثم حول
и в на не с по из для что как это к за от о у а но или же бы
"""
STOP: Final = _each(_ENGLISH) | _each(_OTHERS)

# Each rises on its own date every year, month or day. A newsletter adds its own.
BLOCKED: Final = (
    "black friday",
    "cyber monday",
    "cyber week",
    "prime day",
    "prime big deal days",
    "boxing day",
    "christmas",
    "thanksgiving",
    "holiday",
    "halloween",
    "new year's eve",
    "valentine's day",
    "gift guide",
    "record low",
    "low price",
    "lowest price",
    "gift",
    "deal",
    "sale",
    "discount",
    "giveaway",
    "sponsored",
    "hiring",
    "who wants to be hired",
    "freelancer",
    "wordle",
    "connections hints",
    "quordle",
    "how to watch",
    "newsletter",
    "horoscope",
)
