"""`python -m contio_mock`."""

from contio_mock.cli import main

main()
