from django.db import migrations

# What was acknowledged before concerns said so themselves.
FILL = """
update chronology_entry e set received_at = a.recorded_at from safeguarding_acknowledgement a
where a.entry_id = e.id and a.zone = e.zone and e.received_at is null
"""


class Migration(migrations.Migration):
    dependencies = [("safeguarding", "0003_newest_receipts"), ("chronology", "0004_waiting_concerns")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
