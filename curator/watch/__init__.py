"""What an operator has to know: how the installation stands, what needs a person, and the sign that it lives."""
