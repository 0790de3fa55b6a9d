"""Seeds of scenarios, one file per area."""
