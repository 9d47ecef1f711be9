from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mis", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="importrun",
            name="state",
            field=models.TextField(
                choices=[
                    ("received", "received"),
                    ("reading", "reading"),
                    ("read", "read"),
                    ("waiting", "waiting"),
                    ("applying", "applying"),
                    ("applied", "applied"),
                    ("refused", "refused"),
                    ("failed", "failed"),
                    ("undone", "undone"),
                    ("discarded", "discarded"),
                ],
                default="received",
            ),
        ),
    ]
