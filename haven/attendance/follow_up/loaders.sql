-- Facts about the pupils on the follow-up list. Used by loaders.py.

-- name: steps_of_day
select * from follow_up_daystep
where school_id = %(school_id)s and "on" = %(on)s and at <= %(until)s
order by id

-- name: contacts_in_force
select pupil_id, ref, name, relationship, priority, telephone, other_telephone, email, prefers,
  coalesce(parental_responsibility, false) as has_parental_responsibility, safe_to_contact, safe_contact_note, needs_interpreter, language
from people_contact
where pupil_id = any(%(pupil_ids)s::int[]) and access_scope = %(access_scope)s
  and app.in_force(begins_on, ends_on, %(on)s)
order by priority, id

-- name: sheets
select s.pupil_id, s.calendar_id, s.marks, e.begins_on, e.ends_on
from registers_sheet s join people_enrolment e on e.id = s.enrolment_id
where s.id = any(%(sheet_ids)s::int[])

-- name: attempts
-- The entries are found by the pupils' parts: under row-level security an index may be used for equal numbers, and not for arrays that
-- overlap. Entries that were retracted are left out.
select id, pupil_ids, happened_at, author_id, author_name, fields::text as fields
from records_entry e
where id in (select entry_id from records_entrypupil where pupil_id = any(%(pupil_ids)s::int[]))
  and form = %(form)s and record_category <> all(%(confidential)s::int[])
  and happened_at between %(since)s and %(until)s
  and not exists (select from records_addendum a where a.entry_id = e.id and a.kind = 'retraction')
order by happened_at, id

-- name: siblings
select s.pupil_id, s.forename || ' ' || s.surname as name, s.school_id, s.school_name, coalesce(m.is_missing, false) as is_missing
from app.siblings(%(pupil_ids)s::int[]) s
left join app.siblings_missing(%(pupil_ids)s::int[], %(on)s) m using (pupil_id, sibling_id)
order by s.pupil_id, s.surname, s.forename
