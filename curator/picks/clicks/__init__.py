"""What readers clicked, as ranking reads it; a later room writes it down."""
