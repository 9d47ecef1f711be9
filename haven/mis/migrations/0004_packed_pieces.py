from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mis", "0003_undoing")]

    operations = [
        migrations.AddField("importfile", "is_packed", models.BooleanField(default=False)),
        # What comes packed is not tried again.
        migrations.RunSQL(
            "alter table mis_importfile alter column content set storage external",
            "alter table mis_importfile alter column content set storage extended",
        ),
    ]
