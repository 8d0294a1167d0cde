"""Answers that programs got, to be given again."""
