"""What the pages for operators, editors and developers name is there: commands, options, settings, links."""

import re
from pathlib import Path

import click
import pytest

from curator import __version__
from curator.cli import curator
from curator.settings import KNOWN, SECRETS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
# In code, and at the beginning of a line of it: what stands in running prose may be a sentence.
_IN_CODE = re.compile(
    r"`((?:sudo -u curator )?curator [^`]*)`"
    r"|^(?: {4}| {8})(?:\S*bin/|sudo -u curator )?(curator [a-z].*)$",
    re.MULTILINE,
)
_SETTING = re.compile(r"\bCURATOR_[A-Z]+(?:_[A-Z]+)*\b")
_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def commands(page: str) -> set[str]:
    return {(one or other).removeprefix("sudo -u curator ").strip() for one, other in _IN_CODE.findall(page)}


def missing(line: str) -> str:
    """What of a command line does not exist; empty for one that does."""
    command: click.Command = curator
    context = click.Context(curator, info_name="curator")
    for word in re.split(r"[\s|(]+", line)[1:]:
        if not isinstance(command, click.Group) or not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        found = command.get_command(context, word)
        if found is None:
            return word
        command = found
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    known |= {"--help", "-h", "--version"}
    said = set(re.findall(r"(?<=\s)\[?(--[a-z][a-z-]*)", line.partition("#")[0]))
    return ", ".join(sorted(said - known))


def anchor(heading: str) -> str:
    return "#" + re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", "")).replace(" ", "-")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_that_a_page_names_exists(path: Path) -> None:
    unknown = {line: what for line in commands(path.read_text()) if (what := missing(line))}
    assert not unknown


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_setting_that_a_page_names_exists(path: Path) -> None:
    known = {*KNOWN, *(f"{name}_FILE" for name in SECRETS)}
    prefixes = {name[: name.rindex("_")] for name in KNOWN}  # as CURATOR_KEEP_* and the like
    assert {name for name in _SETTING.findall(path.read_text()) if name not in known | prefixes} == set()


def test_every_setting_is_in_the_readmes_table() -> None:
    table = (ROOT / "README.md").read_text()
    told = set(_SETTING.findall(table))
    short = {name for name in KNOWN if name.startswith(("CURATOR_KEEP_", "CURATOR_FETCH_"))}
    assert set(KNOWN) - told - short == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_of_a_page_leads_somewhere(path: Path) -> None:
    broken = []
    for target, fragment in _LINK.findall(re.sub(r"`[^`\n]*`", "", path.read_text())):
        if "://" in target:
            continue
        there = (path.parent / target).resolve()
        headings = {anchor(each) for each in _HEADING.findall(there.read_text())} if there.suffix == ".md" else set()
        if not there.exists() or (fragment and fragment not in headings):
            broken.append(target + fragment)
    assert not broken


def test_the_index_of_decisions_names_each() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    assert [path.name for path in sorted(folder.glob("0*.md")) if f"({path.name})" not in index] == []


def test_the_change_log_begins_with_this_version() -> None:
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == __version__  # type: ignore[index]  # there is one
