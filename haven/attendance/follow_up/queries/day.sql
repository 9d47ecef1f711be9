-- The queries of a school's follow-up day. Used by day.py.

-- name: counter
select counter from registers_changecounter where school_id = %(school_id)s

-- name: pupil_of_day
-- On the school's roll that day, and the user may see the pupil's attendance. Of two enrolments the one that has a register row.
select e.id as enrolment_id, s.id as sheet_id, coalesce(s.version, 0)::int as version
from people_enrolment e left join registers_sheet s on s.enrolment_id = e.id and s.year = %(year)s
where e.school_id = %(school)s and e.pupil_id = %(pupil)s and app.on_roll(e.begins_on, e.ends_on, %(on)s)
  and (%(access_scope)s = any((select app.ints('app.readable_scopes'))::int[])
    or %(access_scope)s = any((select app.ints('app.caseload_scopes'))::int[]) and e.pupil_id = any((select app.ints('app.caseload_pupils'))::int[]))
order by s.id nulls last limit 1
