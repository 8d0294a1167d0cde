"""Development checks of the mail that npm packages and a browser make: `make check-mail`."""
