-- The sheets of some schools in one year: one row for each school and calendar version, the sheets of it side by side.
-- Marks come from place %(start)s on (counted from 0).
select school_id, calendar_id, array_agg(enrolment_id), array_agg(pupil_id),
  string_agg(substr(marks, %(start)s + 1), ''::bytea)
from registers_sheet
where year = %(year)s and school_id = any(%(schools)s)
group by school_id, calendar_id
