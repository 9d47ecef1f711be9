-- The registers of a day. Asked by days.py.

-- name: groups
select g.id, g.name, g.year_group, g.tutor_id, coalesce(u.name, '') as tutor
from people_registrationgroup g left join accounts_user u on u.id = g.tutor_id
where g.id = any(%(ids)s::int[])

-- name: takers
select w.sheet_id, w.key, t.author_name, t.taken_at
from unnest(%(sheet_ids)s::int[], %(keys)s::int[]) as w(sheet_id, key)
cross join unnest(%(calendar_ids)s::int[]) as v(calendar_id)
join schools_calendar c on c.id = v.calendar_id
cross join lateral (select array_position(c.sessions, w.key) - 1 as place) p
join registers_initialentry t on t.sheet_id = w.sheet_id and t.calendar_id = c.id and t.school_id = %(school_id)s
  and p.place >= t.first and p.place < t.first + length(t.codes)
where get_byte(t.codes, p.place - t.first) <> 46
