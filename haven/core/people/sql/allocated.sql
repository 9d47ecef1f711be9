-- Caseloads, and the classes of form tutors.
create or replace function app.caseload_pupils_of(uid int) returns int[] language sql stable security definer
set search_path = pg_catalog, public, app, pg_temp as $$
  select array_agg(distinct pupil_id) from (
    select a.pupil_id from accounts_allocation a
    where a.user_id = uid and app.in_force(a.begins_on, a.ends_on, (select app.the_day()))
    union all
    select e.pupil_id from people_registrationgroup g
    join people_placement p on p.group_id = g.id and app.on_roll(p.begins_on, p.ends_on, (select app.the_day()))
    join people_enrolment e on e.id = p.enrolment_id and app.on_roll(e.begins_on, e.ends_on, (select app.the_day()))
    where g.tutor_id = uid
  ) mine
$$;

-- The pupil's row lists the schools that may see it: every school with an enrolment of the pupil, past or present.
create or replace function app.keep_school_ids() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
begin
  update people_pupil p set school_ids = (
    select coalesce(array_agg(distinct e.school_id), '{}') from people_enrolment e where e.pupil_id = new.pupil_id
  ) where p.id = new.pupil_id and not (new.school_id = any(p.school_ids));
  return null;
end $$;
drop trigger if exists keep_school_ids on people_enrolment;
create trigger keep_school_ids after insert or update on people_enrolment for each row execute function app.keep_school_ids();

-- Brothers and sisters across schools: name, year group and school of each, for pupils whom the user may see, and nothing else of a school
-- where the user does not work. A child with whom the user has a conflict of interest is left out here too.
create or replace function app.siblings(pupils int[]) returns table (pupil_id int, sibling_id int, forename text, surname text,
  year_group text, school_id int, school_name text, urn int)
language sql stable security definer set search_path = pg_catalog, public, app, pg_temp as $$
  select distinct me.pupil_id, them.pupil_id, p.forename, p.surname, pl.year_group, s.id, s.name, s.urn
  from people_householdmember me
  join people_pupil mine on mine.id = me.pupil_id
    and (mine.school_ids && app.ints('app.schools') or mine.id = any(app.ints('app.caseload_pupils')))
    and (mine.id = any(app.ints('app.conflicted_pupils'))) is not true
  join people_householdmember them on them.household_id = me.household_id and them.pupil_id <> me.pupil_id
  join people_pupil p on p.id = them.pupil_id and (p.id = any(app.ints('app.conflicted_pupils'))) is not true
  join people_enrolment e on e.pupil_id = p.id and app.on_roll(e.begins_on, e.ends_on, (select app.the_day()))
  join people_placement pl on pl.enrolment_id = e.id and app.on_roll(pl.begins_on, pl.ends_on, (select app.the_day()))
  join schools_school s on s.id = e.school_id
  where me.pupil_id = any(pupils)
$$;

-- Which of these pupils of a school are on roll today at another school too, whose admission register decides about name and date of birth.
-- A main school decides beside schools where the pupil is a subsidiary or a guest. Says only yes or no, to users who keep the roll here.
create or replace function app.on_roll_elsewhere(p_school int, pupils int[]) returns setof int
language sql stable security definer set search_path = pg_catalog, public, app, pg_temp as $$
  select distinct there.pupil_id from people_enrolment there
  where p_school = any(app.ints('app.writable_schools')) and there.pupil_id = any(pupils) and there.school_id <> p_school
    and app.on_roll(there.begins_on, there.ends_on, (select app.the_day()))
    and (there.school_id = any(app.ints('app.schools'))
      or exists (select from people_enrolment here where here.pupil_id = there.pupil_id and here.school_id = p_school))
    and not (there.kind in ('subsidiary', 'guest') and exists (
      select from people_enrolment here where here.pupil_id = there.pupil_id and here.school_id = p_school
        and here.kind in ('main', 'single')))
$$;
