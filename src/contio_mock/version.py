"""The version of contio-mock."""

VERSION = "0.1.0"
