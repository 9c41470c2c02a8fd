"""Turns a lesson's one source into its attendee and its instructor notebook; `build.py` is the command."""
