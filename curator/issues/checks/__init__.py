"""What is looked at before an issue leaves: rules, ticks, links, and what changed since a test."""
