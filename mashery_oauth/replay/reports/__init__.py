"""The forms in which a run is told. Each file has one, as a function of the report."""
