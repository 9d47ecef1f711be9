"""The statutory rules: what the law and the guidance say, as dated data and pure functions.

The package uses the standard library only. It reads no clock, file or database: the caller passes every date in, and
the functions return values. Each module names its subject and the guidance that it follows.
"""
