"""What a newsletter's editors pick, learned from what they picked: scores with reasons, and how good they are.

A process that serves pages imports nothing here that needs numpy, scipy or scikit-learn: a child process learns and
scores.
"""
