"""What went wrong in other senders, and what hostile surroundings do to this one: each by its name.

Told elsewhere, once: senders killed with -9 at random moments (tests/mailings/test_kills.py), a start killed before
every statement (tests/flow/test_kill_at_every_step.py), a DKIM key that does not parse (tests/cli/test_dkim.py and
tests/mailings/test_dkim.py), a restored backup's every detail (tests/jobs/test_pulse.py), each reply that a relay can
give (tests/mailings/test_smtp.py, tests/contract/test_transport.py).
"""
