-- A row that belongs to a register row carries its school and pupil, because row policies read only the row itself. They must
-- equal those of the register row, and the calendar of an initial entry must be of the same school and year. This is checked once for each
-- statement, for all of its rows. Foreign keys of both rows prevent the deletion of a register row, its pupil, its school, or a calendar
-- with initial entries while a row refers to it.

create or replace function app.fits_sheet() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  if exists (
    select from added a left join registers_sheet s on s.id = a.sheet_id
    where (s.school_id, s.pupil_id) is distinct from (a.school_id, a.pupil_id)
  ) then
    raise foreign_key_violation using message = format('a row of %s names another school or pupil than its sheet', tg_table_name);
  end if;
  return null;
end $$;

-- For initial entries each register row is looked up once for both checks, and each calendar once.
create or replace function app.take_fits() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  of_another_sheet boolean;
  of_another_calendar boolean;
begin
  select bool_or(f.is_other), bool_or((c.school_id, c.year) is distinct from (f.school_id, f.year))
    into of_another_sheet, of_another_calendar
  from (
    select distinct a.calendar_id, s.school_id, s.year,
      (s.school_id, s.pupil_id) is distinct from (a.school_id, a.pupil_id) as is_other
    from added a left join registers_sheet s on s.id = a.sheet_id
  ) f left join schools_calendar c on c.id = f.calendar_id;
  if of_another_sheet then
    raise foreign_key_violation using message = format('a row of %s names another school or pupil than its sheet', tg_table_name);
  elsif of_another_calendar then
    raise foreign_key_violation using message = 'a take names a calendar of another school or year than its sheet';
  end if;
  return null;
end $$;

-- A register row uses a calendar of its own school and year and has one byte for each of its sessions. A row of the wrong length would
-- shift every row after it in a reader that puts many rows into one array.
create or replace function app.fits_its_calendar() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
begin
  if exists (
    select from (select distinct calendar_id, school_id, year, length(marks) as places from added) a
    left join schools_calendar c on c.id = a.calendar_id
    where (c.school_id, c.year, cardinality(c.sessions)) is distinct from (a.school_id, a.year, a.places)
  ) then
    raise check_violation using message = 'a sheet has not one place for each session of its calendar';
  end if;
  return null;
end $$;

create or replace function app.stays() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
begin
  if exists (
    select from registers_sheet s join registers_initialentry t on t.sheet_id = s.id
    where s.school_id = old.school_id and s.year = old.year and t.calendar_id = old.id
  ) then
    raise foreign_key_violation using message = 'a calendar on which registers were taken is never removed';
  end if;
  return old;
end $$;

drop trigger if exists fits_calendar on registers_initialentry;
drop function if exists app.fits_calendar();
create or replace trigger fits_sheet after insert on registers_initialentry
  referencing new table as added for each statement execute function app.take_fits();
create or replace trigger fits_sheet after insert on registers_markamendment
  referencing new table as added for each statement execute function app.fits_sheet();
create or replace trigger fits_sheet after insert on registers_marknote
  referencing new table as added for each statement execute function app.fits_sheet();
create or replace trigger fits_its_calendar_at_first after insert on registers_sheet
  referencing new table as added for each statement execute function app.fits_its_calendar();
create or replace trigger fits_its_calendar after update on registers_sheet
  referencing new table as added for each statement execute function app.fits_its_calendar();
create or replace trigger stays before delete on schools_calendar
  for each row execute function app.stays();
