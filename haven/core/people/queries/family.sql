-- The queries of contacts and siblings. Used by family.py.

-- name: contacts
select * from people_contact
where school_id = %(school_id)s and pupil_id = any(%(pupil_ids)s::int[])
  and app.in_force(begins_on, ends_on, (select app.the_day()))
order by priority, id

-- name: siblings
select pupil_id, sibling_id, forename || ' ' || surname as name, year_group, school_id, school_name, urn
from (select distinct * from app.siblings(%(pupil_ids)s::int[])) each
order by surname, forename, sibling_id, urn
