"""Importers: what switches and planners' sheets export becomes callsim's own call log or interval report."""
