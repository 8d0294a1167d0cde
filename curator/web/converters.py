"""A row's key in a URL."""

from werkzeug.routing import IntegerConverter, ValidationError


class KeyConverter(IntegerConverter):
    """Takes what can be a row's key: from 1 to 64 bits; a larger number is a 404, not a database error."""

    def to_python(self, value: str) -> int:
        """Returns the key, or lets the route not match."""
        key = int(value) if len(value) <= 19 else 0
        if not 0 < key < 2**63:
            raise ValidationError
        return key
