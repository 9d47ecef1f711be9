"""Leave half of each page of sheets free. Every sheet of a year is written anew each school day: with room on its own page the new row
stays there and no index has to learn where it went. Without it the table grows to the same size within days, and each sheet moves to
another page with every mark. Sheets that stand stay where they are; those that are made from now on have room."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("attendance", "0005_rows_of_a_sheet")]

    operations = [
        migrations.RunSQL(
            "alter table attendance_sheet set (fillfactor = 50)", "alter table attendance_sheet reset (fillfactor)"
        ),
    ]
