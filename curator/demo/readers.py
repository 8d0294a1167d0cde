"""Makes up the demo's readers: names from many places, addresses that can never belong to anybody (RFC 2606)."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

DOMAIN = "example.test"
# Each name with the spelling that its owner would use in an address.
FIRST = (
    ("Adaeze", "adaeze"), ("Aoife", "aoife"), ("Arjun", "arjun"), ("Ayşe", "ayse"), ("Bogdan", "bogdan"),
    ("Camila", "camila"), ("Chinedu", "chinedu"), ("Dagny", "dagny"), ("Eleni", "eleni"), ("Emeka", "emeka"),
    ("Farah", "farah"), ("Giulia", "giulia"), ("Hana", "hana"), ("Hồng", "hong"), ("Ibrahim", "ibrahim"),
    ("Ingrid", "ingrid"), ("Jiho", "jiho"), ("João", "joao"), ("Kaito", "kaito"), ("Keala", "keala"),
    ("Leilani", "leilani"), ("Lwazi", "lwazi"), ("Marisol", "marisol"), ("Mateusz", "mateusz"), ("Nadia", "nadia"),
    ("Nokuthula", "nokuthula"), ("Oisín", "oisin"), ("Parisa", "parisa"), ("Quentin", "quentin"), ("Rania", "rania"),
    ("Søren", "soren"), ("Tāne", "tane"), ("Usha", "usha"), ("Vusi", "vusi"), ("Wanjiru", "wanjiru"),
    ("Ximena", "ximena"), ("Yusuf", "yusuf"), ("Zofia", "zofia"),
)  # fmt: skip
LAST = (
    ("Abebe", "abebe"), ("Andersson", "andersson"), ("Bianchi", "bianchi"), ("Castañeda", "castaneda"),
    ("Delacroix", "delacroix"), ("Duarte", "duarte"), ("Eze", "eze"), ("Fernandes", "fernandes"),
    ("García", "garcia"), ("Hashemi", "hashemi"), ("Horvat", "horvat"), ("Ito", "ito"), ("Jovanović", "jovanovic"),
    ("Kamau", "kamau"), ("Kowalczyk", "kowalczyk"), ("Łukasik", "lukasik"), ("Mahlangu", "mahlangu"),
    ("Moana", "moana"), ("Murphy", "murphy"), ("Müller", "mueller"), ("Nguyễn", "nguyen"), ("O’Brien", "obrien"),
    ("Okafor", "okafor"), ("Öztürk", "ozturk"), ("Papadopoulou", "papadopoulou"), ("Quiroga", "quiroga"),
    ("Rao", "rao"), ("Sandoval", "sandoval"), ("Seo", "seo"), ("Shevchenko", "shevchenko"), ("Tanaka", "tanaka"),
    ("Usman", "usman"), ("Vasiliu", "vasiliu"), ("Weiss", "weiss"), ("Yamamoto", "yamamoto"), ("Zulu", "zulu"),
)  # fmt: skip
WRITTEN_ELSEWISE = (
    ("佐藤 葵", "aoi.sato"), ("김 서연", "seoyeon.kim"), ("Олена Шевчук", "olena.shevchuk"), ("王 小雨", "xiaoyu.wang"),
    ("ليلى الفاسي", "layla.elfassi"), ("Νίκος Λάσκαρης", "nikos.laskaris"), ("प्रिया शर्मा", "priya.sharma"),
    ("นภา ศรีสุข", "napha.srisuk"),
)  # fmt: skip
# The sink answers these by its script: two never arrive, two arrive late.
SCRIPTED = (
    ("Mailbox That Left", "bounce+left"), ("Mailbox That Never Was", "bounce+never"),
    ("Patient Reader", "slow+patient"), ("Second Try", "slow+second"),
)  # fmt: skip

BASIS = "Signed up on the show's own site and confirmed it"
"""Why the made-up readers may be mailed, as their import tells it."""


@dataclass(frozen=True)
class Reader:
    """A made-up reader."""

    name: str
    address: str


def made_up_readers(random: Random, *, count: int = 240) -> list[Reader]:
    """Returns `count` readers with addresses of their own and, after them, the scripted ones.

    The same random gives the same readers. At most one reader has each pair of first and last name.
    """
    pairs = [(first, last) for first in FIRST for last in LAST]
    drawn = random.sample(pairs, count - len(WRITTEN_ELSEWISE))
    latin = [(f"{first[0]} {last[0]}", f"{first[1]}.{last[1]}") for first, last in drawn]
    everyone = [*latin, *WRITTEN_ELSEWISE]
    random.shuffle(everyone)
    return [Reader(name, f"{local}@{DOMAIN}") for name, local in (*everyone, *SCRIPTED)]


def former_readers(random: Random, readers: Sequence[Reader], *, count: int) -> list[Reader]:
    """Returns `count` more made-up readers with other addresses than these."""
    taken = {reader.address for reader in readers}
    names = [(first, last) for first in FIRST for last in LAST]
    random.shuffle(names)
    found = (Reader(f"{first[0]} {last[0]}", f"{first[1]}.{last[1]}@{DOMAIN}") for first, last in names)
    return list(islice((reader for reader in found if reader.address not in taken), count))


def readers_csv(readers: Sequence[Reader]) -> bytes:
    """Returns the readers as the CSV file that an editor would import."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("email", "name"))
    rows.writerows((reader.address, reader.name) for reader in readers)
    return text.getvalue().encode()
