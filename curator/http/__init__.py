"""The one way out: fetching with limits and a guard against private addresses."""
