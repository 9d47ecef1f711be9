-- Each statement that changes what a school's registers are made of leaves a mark of its own, in the same transaction: so it is seen
-- when the change is seen, and goes when the change is undone. Nobody waits for anybody: marks that are settled are cleared away by
-- whoever comes next, unless somebody else is doing it.
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
