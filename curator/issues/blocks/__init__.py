"""The blocks that stand in an issue's sections."""
