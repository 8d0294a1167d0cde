"""Puts the slots for promotions into an issue, each at its place; what runs in them is read anew each time."""

from collections.abc import Sequence

from curator.db import Session
from curator.issues.blocks import store as blocks
from curator.newsletters.values import NewsletterSpec, SectionSpec
from curator.promotions import store as promotions
from curator.promotions.values import Slot, SlotPlace


def place_all(session: Session, newsletter: NewsletterSpec, issue_id: int) -> None:
    """Puts every slot of a newsletter into a new issue."""
    for slot in promotions.slots(session, newsletter.id):
        place(session, issue_id, slot, newsletter.sections)


def place(session: Session, issue_id: int, slot: Slot, sections: Sequence[SectionSpec]) -> int:
    """Puts one slot into an issue and returns its block; one whose section is gone lies at the end."""
    section_id = _section(slot, sections)
    block_id = blocks.add_block(session, issue_id, section_id, slot_id=slot.id)
    is_last = slot.place is SlotPlace.END or (slot.place is SlotPlace.SECTION and section_id != slot.section_id)
    if not is_last:
        order = blocks.block_order(session, issue_id, section_id)
        order.insert(min(slot.position, len(order) - 1), order.pop())
        blocks.set_block_order(session, section_id, order)
    return block_id


def _section(slot: Slot, sections: Sequence[SectionSpec]) -> int | None:
    """Returns the section to stand in: None is the intro, which an issue without sections has alone."""
    if slot.place is SlotPlace.INTRO or not sections:
        return None
    ids = [section.id for section in sections]
    return slot.section_id if slot.section_id in ids else ids[-1]
