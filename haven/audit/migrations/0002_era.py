from django.db import migrations, models

# What stands was written on this server. The triggers let no row be changed, so the era comes in as the default of the new column.
ADD_ERA = """
do $$
declare here bigint := (pg_control_system()).system_identifier;
begin
  execute format('alter table audit_auditevent add column era bigint not null default %s', here);
  execute format('alter table audit_auditblock add column era bigint not null default %s', here);
end $$;
alter table audit_auditevent alter column era drop default;
alter table audit_auditblock alter column era drop default;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ADD_ERA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddField(model_name='auditblock', name='era', field=models.BigIntegerField(), preserve_default=False),
                migrations.AddField(model_name='auditevent', name='era', field=models.BigIntegerField(), preserve_default=False),
            ],
        ),
        migrations.RemoveIndex(model_name='auditevent', name='audit_xid'),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['era', 'xid'], name='audit_era_xid'),
        ),
    ]
