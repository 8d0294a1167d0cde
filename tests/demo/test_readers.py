"""The made-up readers are many, different, and nobody's."""

import csv
from random import Random

from curator.demo.readers import SCRIPTED, made_up_readers, readers_csv


def test_every_reader_has_an_address_of_their_own_that_is_nobodys() -> None:
    readers = made_up_readers(Random(7))
    addresses = {reader.address for reader in readers}
    assert len(addresses) == len(readers) == 240 + len(SCRIPTED)
    assert all(address.endswith("@example.test") and address.isascii() for address in addresses)


def test_the_same_seed_gives_the_same_readers() -> None:
    assert made_up_readers(Random(7)) == made_up_readers(Random(7))
    assert made_up_readers(Random(7)) != made_up_readers(Random(8))


def test_two_readers_bounce_and_two_are_slow() -> None:
    locals_ = [reader.address.partition("+")[0] for reader in made_up_readers(Random(7)) if "+" in reader.address]
    assert sorted(locals_) == ["bounce", "bounce", "slow", "slow"]


def test_the_csv_holds_them_all() -> None:
    readers = made_up_readers(Random(7))
    rows = list(csv.DictReader(readers_csv(readers).decode().splitlines()))
    assert [(row["name"], row["email"]) for row in rows] == [(reader.name, reader.address) for reader in readers]
