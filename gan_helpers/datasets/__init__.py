"""The data of the lessons: real or drawn, offline first."""
