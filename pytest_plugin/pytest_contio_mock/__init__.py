"""The pytest plugin of contio-mock: fixtures with a Contio for every test."""
