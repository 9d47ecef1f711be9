-- What does one pupil's year look like? Asked by marks.py.

-- name: sheets_of_pupil
select s.school_id, s.calendar_id, s.marks, e.begins_on, e.ends_on
from registers_sheet s join people_enrolment e on e.id = s.enrolment_id
where s.pupil_id = %(pupil_id)s and s.year = %(year)s and (%(school_id)s::int is null or s.school_id = %(school_id)s)
order by s.id

-- name: changed_marks
select e.ref as enrolment_ref, a."on", a.half, a.original, a.amended, a.reason, a.author_name as by, a.author_role as role,
  a.amended_at as at
from registers_markamendment a
join registers_sheet s on s.id = a.sheet_id
join people_enrolment e on e.id = s.enrolment_id
where a.school_id = %(school_id)s and a.pupil_id = %(pupil_id)s and s.year = %(year)s
order by a.id desc
limit %(limit)s
