-- The queries of a day's sign-offs and handover notes. Used by end_of_day.py.

-- name: newest_signing
select * from follow_up_daysignoff
where school_id = %(school_id)s and "on" = %(on)s and kind <> 'rest'
order by id desc limit 1

-- name: newest_signings
(select * from follow_up_daysignoff
 where school_id = %(school_id)s and "on" = %(on)s and kind <> 'rest'
 order by id desc limit 1)
union all
(select * from follow_up_daysignoff
 where school_id = %(school_id)s and "on" < %(on)s and kind <> 'rest'
 order by "on" desc, id desc limit 1)

-- name: unread_notes
select * from follow_up_handovernote n
where school_id = %(school_id)s and for_on <= %(on)s and author_id <> %(reader)s
  and not exists (
    select from follow_up_handoverread r
    where r.school_id = %(school_id)s and r.author_id = %(reader)s and r.note_id = n.id)
order by for_on, id

-- name: reminders
select source_ref, recorded_at from tasks_task
where school_id = %(school_id)s and source_kind = %(kind)s and source_ref = any(%(refs)s) and done_at is null
