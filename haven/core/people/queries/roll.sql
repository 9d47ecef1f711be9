-- The queries of a school's roll. Used by roll.py.

-- name: pupil
select * from people_pupil where ref = %(ref)s and school_ids @> array[%(school_id)s::int]

-- name: refs
select id, ref from people_pupil where id = any(%(ids)s::int[])

-- name: names
select e.pupil_id, coalesce(nullif(p.preferred_surname, ''), p.surname) as surname,
  coalesce(nullif(p.preferred_forename, ''), p.forename) as forename
from people_enrolment e join people_pupil p on p.id = e.pupil_id
where e.school_id = %(school_id)s
  and (%(on_roll)s <> 'now' or app.on_roll(e.begins_on, e.ends_on, %(on)s))
  and (%(on_roll)s <> 'left' or e.ends_on < %(on)s)
