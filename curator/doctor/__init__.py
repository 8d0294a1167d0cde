"""`curator doctor`: looks at everything that mail depends on, changes nothing, and says what to do."""
