"""The order in which a newsletter's items are offered: learned, scored, kept, and measured against what was picked.

`learn.py`, `rank.py` and `scoring.py` import numpy: only the child process imports them.
"""
