-- The queries of statuses, the vulnerable pupils list, details and numbers. Used by known.py.

-- name: statuses
select * from people_status
where school_id = %(school_id)s and pupil_id = %(pupil_id)s
  and app.in_force(begins_on, ends_on, %(on)s)

-- name: kinds
select kind from people_status
where school_id = %(school_id)s and app.in_force(begins_on, ends_on, %(on)s)

-- name: listings
select * from people_vulnerablelisting
where access_scope = %(access_scope)s and (%(pupil_id)s::int is null or pupil_id = %(pupil_id)s)
  and app.in_force(begins_on, ends_on, %(on)s)
order by priority desc, instruction_due, id

-- name: details
select * from people_pupildetail
where school_id = %(school_id)s and pupil_id = %(pupil_id)s
order by id desc limit 1

-- name: listing_rows
select id, pupil_id, priority, instruction, instruction_due, ref from people_vulnerablelisting
where access_scope = %(access_scope)s and app.in_force(begins_on, ends_on, %(on)s)
order by priority desc, instruction_due, id
