"""Every word of a child's names, to be found by its first letters (sql/names.sql). The expression is that of the function, word for word.

Of very long names the first 500 letters: a word of more than 2,046 bytes could not be held.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_names_and_watch"),
    ]

    operations = [
        migrations.RunSQL(
            "create index pupil_names on people_pupil using gin (array_to_tsvector(array_remove(string_to_array("
            "left(surname_key || ' ' || forename_key || ' ' || names_key, 500), ' '), '')))",
            "drop index pupil_names",
        ),
        # How many words begin so: without it PostgreSQL would compare the names of all pupils of a viewer's schools, one by one.
        migrations.RunSQL("analyze people_pupil", migrations.RunSQL.noop),
    ]
