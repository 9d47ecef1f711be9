"""Whose registers may the viewer see at a school? The roll is seen more widely than the registers, so lists of pupils ask here."""

from django.db import connection

from haven.rules.visibility import Compartment, zone_of


def pupils_in_sight(school_id: int) -> frozenset[int] | None:
    """The pupils whose register at the school the viewer may see (a caseload, a class); None: every pupil on its roll, except those
    whom the wall hides altogether. Nobody entered, or no such place: an empty set."""
    zone = zone_of(school_id, Compartment.ATTENDANCE)
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(%s = any(app.ints('app.zones')), false),"
            " case when %s = any(app.ints('app.azones')) then app.ints('app.alloc') end",
            [zone, zone],
        )
        everybody, allocated = cursor.fetchone()
    return None if everybody else frozenset(allocated or ())
