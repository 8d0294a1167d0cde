"""The clock, the tasks and those who run them."""
