"""Refuses databases of Haven 0.1.0: their tables have other names, and no site holds data in them."""

import psycopg

BEFORE_0_2 = frozenset({"access", "chronology", "mis"})
"""Apps of 0.1.0 whose name changed in 0.2.0."""

MADE_BEFORE_0_2 = (
    "This data was made by Haven 0.1.0, which 0.2.0 cannot read. Nothing was changed. To keep it, install Haven 0.1.0 again and export"
    " the pupils and marks of each school. To go on with 0.2.0, set HAVEN_DATA to a new folder and import those files."
)


def is_made_before_0_2(connection: psycopg.Connection) -> bool:
    """Whether the tables of this database are those of 0.1.0."""
    (has_migrations,) = connection.execute("select to_regclass('django_migrations') is not null").fetchone() or (False,)
    if not has_migrations:
        return False
    labels = [sorted(BEFORE_0_2)]
    return bool(connection.execute("select 1 from django_migrations where app = any(%s) limit 1", labels).fetchone())
