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
select * from app.roll_of(%(school)s, %(on)s, %(year)s, %(am)s, %(pm)s, %(at)s, %(access_scope)s, %(calendars)s::int[],
  %(am_places)s::int[], %(pm_places)s::int[], %(silent)s::int[], %(only_doubtful)s)

-- name: roll_alike
-- Each pupil once: of two enrolments at the school the one that has a sheet. Who cannot be missing (app.roll_of says who can) and is
-- not on the vulnerable list shares a row with those of the class whose marks are alike: 1,400 pupils are some 300 rows.
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
  min(version) as version, max(priority) as priority, am_byte, pm_byte, am_plan, pm_plan, am_said, pm_said, am_taken, pm_taken, am_words,
  pm_words, count(*)::int as pupils
from roll
group by alone, group_id, form, site_id, tutor_id, tutor, am_byte, pm_byte, am_plan, pm_plan, am_said, pm_said, am_taken, pm_taken,
  am_words, pm_words
order by min(sort_key), min(pupil_id)

-- name: registers_in
select * from app.registers_in(%(school)s, %(on)s, %(year)s, %(am)s, %(pm)s)
