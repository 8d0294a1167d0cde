"""How feeds are doing: what the desk lists and says about them."""
