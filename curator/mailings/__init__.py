"""Issue to delivery."""
