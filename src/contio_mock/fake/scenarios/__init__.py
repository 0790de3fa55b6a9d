"""Seeds of single areas; `fake/scenario.py` reads them all."""
