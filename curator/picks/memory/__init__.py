"""What is remembered about items and feeds when somebody looks at them."""
