"""Figures in two steps: prepare brings values into shape, draw puts them on an Axes."""
