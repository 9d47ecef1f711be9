-- The register of a school or a class. Asked by rows.py.

-- name: register
-- The pupils are looked up by number: their table is an authority's, and a hash join would read it whole.
with roll as (
  select e.id, e.ref, e.pupil_id, e.begins_on, e.ends_on from people_enrolment e
  where e.school_id = %(school)s and e.begins_on <= %(last)s and (e.ends_on is null or e.ends_on >= %(first)s)
    and (%(some)s::int[] is null or e.id = any(%(some)s))
    and (%(everybody)s or e.pupil_id = any(%(sight)s))
)
select e.id as enrolment_id, e.ref as enrolment_ref, e.pupil_id, p.ref,
  coalesce(nullif(p.preferred_forename, ''), p.forename) as forename,
  coalesce(nullif(p.preferred_surname, ''), p.surname) as surname,
  g.id as group_id, coalesce(g.name, '') as group_name, coalesce(nullif(pl.year_group, ''), g.year_group, '') as year_group,
  s.id as sheet_id, coalesce(s.version, 0) as version, e.begins_on, e.ends_on, s.calendar_id, s.marks
from roll e
join people_pupil p on p.id = e.pupil_id and p.id = any(array(select pupil_id from roll))
left join (
  select distinct on (enrolment_id) enrolment_id, group_id, year_group from people_placement
  where school_id = %(school)s and begins_on <= %(last)s and (ends_on is null or ends_on >= %(first)s)
    and (%(some)s::int[] is null or enrolment_id = any(%(some)s))
  order by enrolment_id, begins_on desc) pl on pl.enrolment_id = e.id
left join people_registrationgroup g on g.id = pl.group_id and g.school_id = %(school)s
left join (
  select s.id, s.enrolment_id, s.version, s.calendar_id, substr(s.marks, v.first, v.many) as marks from registers_sheet s
  left join unnest(%(calendars)s::int[], %(firsts)s::int[], %(lengths)s::int[]) as v(calendar_id, first, many)
    on v.calendar_id = s.calendar_id
  where s.school_id = %(school)s and s.year = %(year)s and (%(some)s::int[] is null or s.enrolment_id = any(%(some)s)) offset 0
) s on s.enrolment_id = e.id
where %(group)s::int is null or pl.group_id = %(group)s
order by p.surname_key, p.forename_key, e.id

-- name: placed_in
select enrolment_id from people_placement where group_id = %(group_id)s

-- name: plans
select pupil_id, first_key, last_key, code from registers_plannedabsence
where school_id = %(school_id)s and withdrawn_at is null and first_key <= %(last)s and last_key >= %(first)s
order by id

-- name: notes
select sheet_id, "on", half, minutes_late, comment from registers_marknote
where school_id = %(school_id)s and "on" between %(first)s and %(last)s
  and (%(sheet_ids)s::int[] is null or sheet_id = any(%(sheet_ids)s::int[]))
order by id
