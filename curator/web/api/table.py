"""The one table of operations, in the order of the API's page."""

from curator.web.api import feeds, items, newsletters
from curator.web.api.operations import Operation

OPERATIONS: tuple[Operation, ...] = (
    *newsletters.OPERATIONS,
    *feeds.OPERATIONS,
    *items.OPERATIONS,
)

ADD_ITEM = next(each for each in OPERATIONS if each.name == "add_item")
"""What could be done before there was a version, at /api/items."""
