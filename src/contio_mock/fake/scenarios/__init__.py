"""Seeds of a scenario, one file per area: what they are and the records that they become."""
