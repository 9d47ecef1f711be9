"""The sessions within a safeguarding separation, which are not counted as suspension.

A separation is a status of the safeguarding record category. A database function
(people/sql/separations.sql) returns its dates alone, so that every user gets the same number of suspensions and none reads the reason. Source: Suspension and
permanent exclusion guidance; haven.rules.suspension.
"""

from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connection

from haven.analytics.suspensions import SUSPENDED
from haven.attendance.registers.queries.register_reader import YearSheets


def sessions_apart(sheets: YearSheets) -> Any | None:
    """Whether each session of each sheet lies within a separation of its pupil at this school, bool [sheets, sessions]; None if
    no session is. Only pupils with a session coded E are looked up: for the others it makes no difference."""
    rows = np.flatnonzero((sheets.matrix == SUSPENDED).any(axis=1)) if len(sheets) else np.zeros(0, np.int64)
    pupils = sorted({sheets.enrolments[row].pupil_id for row in rows})
    if not pupils:
        return None
    with connection.cursor() as cursor:
        cursor.execute("select pupil_id, begins_on, ends_on from app.separations(%s, %s)", [sheets.school_id, pupils])
        spans = cursor.fetchall()
    if not spans:
        return None
    apart = np.zeros(sheets.matrix.shape, bool)
    for pupil_id, begins_on, ends_on in spans:
        first = sheets.calendar.first_from(begins_on)
        last = sheets.calendar.sessions - 1 if ends_on is None else sheets.calendar.last_to(ends_on - timedelta(days=1))
        for row in rows:
            if sheets.enrolments[row].pupil_id == pupil_id:
                apart[row, first : last + 1] = True
    return apart
