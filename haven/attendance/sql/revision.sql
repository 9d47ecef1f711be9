-- Each statement that changes what a school's registers are made of leaves a number of its own, in the same transaction: so it is seen
-- when the change is seen, and goes when the change is undone. Nobody waits for anybody: numbers that are settled are cleared away by
-- whoever comes next, unless somebody else is doing it.
create or replace function app.registers_changed() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
declare
  one int;
  made bigint;
begin
  for one in select distinct school_id from changed loop
    insert into attendance_registerrevision (school_id) values (one) returning id into made;
    delete from attendance_registerrevision where id in (
      select id from attendance_registerrevision where school_id = one and id < made for update skip locked
    );
  end loop;
  return null;
end $$;

create or replace trigger revision_of_new after insert on attendance_sheet referencing new table as changed
  for each statement execute function app.registers_changed();
create or replace trigger revision_of_changed after update on attendance_sheet referencing new table as changed
  for each statement execute function app.registers_changed();
create or replace trigger revision_of_gone after delete on attendance_sheet referencing old table as changed
  for each statement execute function app.registers_changed();
create or replace trigger revision_of_new after insert on people_enrolment referencing new table as changed
  for each statement execute function app.registers_changed();
create or replace trigger revision_of_changed after update on people_enrolment referencing new table as changed
  for each statement execute function app.registers_changed();
create or replace trigger revision_of_gone after delete on people_enrolment referencing old table as changed
  for each statement execute function app.registers_changed();
create or replace trigger revision_of_new after insert on schools_calendar referencing new table as changed
  for each statement execute function app.registers_changed();
create or replace trigger revision_of_changed after update on schools_calendar referencing new table as changed
  for each statement execute function app.registers_changed();
create or replace trigger revision_of_gone after delete on schools_calendar referencing old table as changed
  for each statement execute function app.registers_changed();
