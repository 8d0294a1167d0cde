"""`python -m curator.cli` is `curator`."""

from curator.cli import main

main()
