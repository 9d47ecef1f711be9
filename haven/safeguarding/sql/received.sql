-- Stores on the concern itself that it was received, so that waiting concerns are found without reading received ones. Only this
-- trigger sets the column, in the transaction that writes the acknowledgement; a new concern cannot set it.
create or replace function app.keep_received_at() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
begin
  update records_entry e set received_at = new.recorded_at where e.id = new.entry_id and e.access_scope = new.access_scope and e.received_at is null;
  return null;
end $$;
drop trigger if exists keep_received_at on safeguarding_acknowledgement;
create trigger keep_received_at after insert on safeguarding_acknowledgement for each row execute function app.keep_received_at();
