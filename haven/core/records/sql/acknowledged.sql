-- Stores on the entry itself when it was acknowledged, so that waiting entries are found without reading acknowledged ones. Only this
-- trigger sets the column, in the transaction that writes the acknowledgement; a new entry cannot set it.
create or replace function app.keep_acknowledged_at() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
begin
  update records_entry e set acknowledged_at = new.recorded_at
  where e.id = new.entry_id and e.access_scope = new.access_scope and e.needs_acknowledgement and e.acknowledged_at is null;
  return null;
end $$;
drop trigger if exists keep_acknowledged_at on records_acknowledgement;
create trigger keep_acknowledged_at after insert on records_acknowledgement for each row execute function app.keep_acknowledged_at();
