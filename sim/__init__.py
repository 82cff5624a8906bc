"""The model: pure functions over frozen types; no global state, no wall clock, no printing."""
