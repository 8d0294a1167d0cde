"""The editors' desk: its blueprint with every page."""

from curator.web.desk.door import blueprint
from curator.web.desk.pages import PAGES

__all__ = ["PAGES", "blueprint"]
