-- The groups of each enrolment. The last row of an enrolment is used. Used by groupings.py.

-- name: year_group
select enrolment_id, year_group as label from people_placement
where school_id = %(school_id)s and begins_on <= %(on)s
order by begins_on, id

-- name: class_name
select p.enrolment_id, g.name as label
from people_placement p left join people_registrationgroup g on g.id = p.group_id
where p.school_id = %(school_id)s and p.begins_on <= %(on)s
order by p.begins_on, p.id
