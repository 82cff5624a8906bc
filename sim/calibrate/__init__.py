"""Calibration: a call log or an interval report becomes parts of a Scenario. Not there yet."""
