"""The one table of operations, in the order of the API's page."""

from curator.web.api import feeds, issues, items, mailings, newsletters, picks, results, subscribers
from curator.web.api.operations import Operation

_ROOMS = (newsletters, feeds, items, picks, issues, mailings, subscribers, results)

OPERATIONS: tuple[Operation, ...] = tuple(each for room in _ROOMS for each in room.OPERATIONS)

ADD_ITEM = next(each for each in OPERATIONS if each.name == "add_item")
"""What could be done before there was a version, at /api/items."""
