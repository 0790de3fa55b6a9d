"""The seeds of a scenario, by area: their models, and the records that they become."""
