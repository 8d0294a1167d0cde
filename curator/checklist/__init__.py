"""The first-send checklist: what must hold before a newsletter leaves test mode."""
