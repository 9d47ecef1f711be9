"""The pupils whose register a user may see at a school. More users see the roll than the registers, so lists of pupils filter by this."""

from django.db import connection

from haven.rules.visibility import RecordCategory, access_scope_of


def pupils_in_sight(school_id: int) -> frozenset[int] | None:
    """The pupils whose register at the school the user may see (a caseload, a class); None: every pupil on its roll, except those that the row
    policy hides. Without a user, or without access to the school: an empty set."""
    access_scope = access_scope_of(school_id, RecordCategory.ATTENDANCE)
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(%s = any(app.ints('app.readable_scopes')), false),"
            " case when %s = any(app.ints('app.caseload_scopes')) then app.ints('app.caseload_pupils') end",
            [access_scope, access_scope],
        )
        everybody, allocated = cursor.fetchone()
    return None if everybody else frozenset(allocated or ())
