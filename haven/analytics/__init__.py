"""The analytics engine: every measure of a year of registers, from packed sheets.

A sheet is one enrolment in one academic year, one byte per session of the school's calendar. Build a `Calendar` from
the school's sessions, `pack` the sheets into a matrix, run `walk_many` over it, and sum by group or print rows. The
package uses no database, web page or clock: the caller passes dates in.
"""
