"""The fire drill of sending: real senders, killed again and again, against a relay that misbehaves by a seed."""
