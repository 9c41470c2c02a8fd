"""The networks of the lessons: one lesson, one file (networks, losses, the step of D and the step of G)."""
