"""The pages for readers: their blueprint with every page."""

from curator.web.public.door import blueprint
from curator.web.public.pages import PAGES

__all__ = ["PAGES", "blueprint"]
