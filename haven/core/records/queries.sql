-- The queries of pupils' files. Used by queries.py.

-- name: entries
-- Found by the pupils' parts: under row-level security an index may be used for equal numbers, and not for arrays that overlap.
select * from records_entry
where id in (select entry_id from records_entrypupil where pupil_id = any(%(pupil_ids)s::int[]))
  and (record_category <> all(%(confidential)s::int[])
    or record_category = %(safeguarding)s and school_id = any(%(safeguarding_at)s::int[])
    or record_category = %(staff)s and school_id = any(%(staff_at)s::int[]))
  and (%(forms)s::text[] is null or form = any(%(forms)s::text[]))
  and (%(since)s::timestamptz is null or happened_at >= %(since)s::timestamptz)
order by happened_at desc, id desc
limit %(limit)s

-- name: addenda
select * from records_addendum where entry_id = any(%(entry_ids)s::int[]) order by recorded_at, id

-- name: pupils
select * from people_pupil where id = any(%(ids)s::int[])

-- name: parts
select entry_id, pupil_id, role from records_entrypupil where entry_id = any(%(entry_ids)s::int[])
