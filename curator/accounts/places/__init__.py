"""Roles by newsletter, and who stands in for whom."""
