"""The editors' desk: its blueprint with every page."""

from curator.web.desk.door import blueprint, may_press
from curator.web.desk.pages import PAGES
from curator.web.desk.test_mode import checklists

blueprint.add_app_template_global(checklists)
blueprint.add_app_template_global(may_press)

__all__ = ["PAGES", "blueprint"]
