-- Version tokens of a school's registers (RegisterVersion). Each statement that changes a sheet, an enrolment or a calendar inserts
-- one random token for each school concerned, in the same transaction: it becomes visible with the change, and goes with a rollback.
-- Writers of one school never wait for each other: each deletes the committed tokens of earlier writers, and skips locked ones.
create or replace function app.registers_changed() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
declare
  one int;
  made uuid;
begin
  for one in select distinct school_id from changed loop
    insert into registers_registerversion (school_id) values (one) returning id into made;
    delete from registers_registerversion where id in (
      select id from registers_registerversion where school_id = one and id <> made for update skip locked
    );
  end loop;
  return null;
end $$;

do $$
declare
  made_of text;
begin
  foreach made_of in array array['registers_sheet', 'people_enrolment', 'schools_calendar'] loop
    execute format('create or replace trigger revision_of_new after insert on %I referencing new table as changed
      for each statement execute function app.registers_changed()', made_of);
    execute format('create or replace trigger revision_of_changed after update on %I referencing new table as changed
      for each statement execute function app.registers_changed()', made_of);
    execute format('create or replace trigger revision_of_gone after delete on %I referencing old table as changed
      for each statement execute function app.registers_changed()', made_of);
  end loop;
end $$;
