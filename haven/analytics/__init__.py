"""The analytics engine: every measure of a year of registers, from packed sheets.

A sheet is one enrolment in one academic year, one byte per session of the school's calendar. Build a `Calendar`
from the school's sessions, `pack` the sheets into a matrix, `walk_many` over it, and sum by group or print rows.
Nothing here knows a database, a web page or a clock: dates are passed in.
"""
