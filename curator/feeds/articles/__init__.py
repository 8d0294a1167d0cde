"""The pages behind items: what was read of them, and items that are such a page."""
