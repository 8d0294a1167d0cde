"""The issues to come: slots that are let go, and issues between them."""
