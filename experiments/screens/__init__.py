"""Screens: results as lines of text, documents and other forms that people and programs read; nothing is simulated here."""
