-- Which marks want somebody's attention? Asked by worklists.py.

-- name: sheets_with_n
select enrolment_id, calendar_id, marks from registers_sheet
where school_id = %(school_id)s and year = any(%(years)s::text[]) and position('N'::bytea in marks) > 0

-- name: reasons
select reason, amended from registers_markamendment
where school_id = %(school_id)s and "on" between %(first_on)s and %(last_on)s
  and import_ref is null and correction_ref is null and amended <> ''
order by id
