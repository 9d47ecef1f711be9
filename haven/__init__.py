"""Haven: casework software that keeps every child in sight, for schools in England."""

__version__ = "0.2.0"
