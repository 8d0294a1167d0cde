"""The log of leavings: who left, was suppressed or erased, kept apart from the database so that it outlasts it."""
