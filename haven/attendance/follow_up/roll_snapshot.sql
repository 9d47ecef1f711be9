-- The roll of a day and the records of each session. Used by roll_snapshot.py.

-- name: frame
select c.versions::text as versions, t.hours::text as hours from
  (select json_agg(json_build_array(id, array_position(sessions, %(am)s) - 1, array_position(sessions, %(pm)s) - 1)
                   order by version desc) as versions
   from schools_calendar where school_id = %(school)s and year = %(year)s) c,
  (select json_agg(json_build_array(
      site_id, am_starts, am_register_closes, am_ends, pm_starts, pm_register_closes, pm_ends)) as hours
   from (select distinct on (site_id) * from schools_sessiontimes
         where school_id = %(school)s and begins_on <= %(on)s order by site_id, begins_on desc) times) t

-- name: roll
-- Each pupil once: of two enrolments at the school the one that has a register row.
select * from (
  select distinct on (pupil_id) *, 1 as pupils from app.roll_of(%(school)s, %(on)s, %(year)s, %(am)s, %(pm)s, %(at)s, %(access_scope)s, %(calendars)s::int[],
    %(am_places)s::int[], %(pm_places)s::int[], %(silent)s::int[], %(only_doubtful)s)
  order by pupil_id, sheet_id is null, enrolment_id desc) once
order by sort_key, pupil_id

-- name: roll_of_some
-- As roll, for a user who sees a class or a caseload alone: the marks of the few pupils do not tell whether the register of a class is in.
select enrolment_id, pupil_id, ref, name, sort_key, once.group_id, form, year_group, site_id, tutor_id, tutor, sheet_id, version, priority,
  am_byte, pm_byte, am_plan, pm_plan, am_said, pm_said, register.am as am_taken, register.pm as pm_taken, 1 as pupils
from (
  select distinct on (pupil_id) * from app.roll_of(%(school)s, %(on)s, %(year)s, %(am)s, %(pm)s, %(at)s, %(access_scope)s, %(calendars)s::int[],
    %(am_places)s::int[], %(pm_places)s::int[], %(silent)s::int[], false)
  order by pupil_id, sheet_id is null, enrolment_id desc) once
left join app.registers_in(%(school)s, %(on)s, %(year)s, %(am)s, %(pm)s) register on register.group_id is not distinct from once.group_id
order by sort_key, pupil_id

-- name: roll_alike
-- As roll. Who cannot be missing (app.roll_of says who can) and is not on the vulnerable pupils list shares a row with those of the class
-- whose marks are alike: 1,400 pupils are some 300 rows.
with once as (
  select distinct on (pupil_id) * from app.roll_of(%(school)s, %(on)s, %(year)s, %(am)s, %(pm)s, %(at)s, %(access_scope)s,
    %(calendars)s::int[], %(am_places)s::int[], %(pm_places)s::int[], %(silent)s::int[], false)
  order by pupil_id, sheet_id is null, enrolment_id desc
), roll as (
  select *, case when priority > 0 or am_byte in (78, 79) or pm_byte in (78, 79) or am_said is false or pm_said is false
    or am_byte = 46 and am_taken or pm_byte = 46 and pm_taken then pupil_id end as alone
  from once
)
select min(enrolment_id) as enrolment_id, min(pupil_id) as pupil_id, (array_agg(ref))[1] as ref, min(name) as name,
  min(sort_key) as sort_key, group_id, form, min(year_group) as year_group, site_id, tutor_id, tutor, min(sheet_id) as sheet_id,
  min(version) as version, max(priority) as priority, am_byte, pm_byte, am_plan, pm_plan, am_said, pm_said, am_taken, pm_taken,
  count(*)::int as pupils
from roll
group by alone, group_id, form, site_id, tutor_id, tutor, am_byte, pm_byte, am_plan, pm_plan, am_said, pm_said, am_taken, pm_taken
order by min(sort_key), min(pupil_id)
