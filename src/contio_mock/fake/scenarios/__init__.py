"""The seeds of a scenario that belong to one area each; `fake/scenario.py` reads them all."""
