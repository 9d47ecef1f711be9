"""The statutory rules: what the law and the guidance say, as dated data and pure functions.

Standard library only. Nothing here reads a clock, a file or a database: every date is passed in, and
everything comes back as a value. Each module says which question it answers and which guidance it follows.
"""
