-- The queries of a day's visits. Used by visits.py.

-- name: visits
with step as (
  select id, kind, pupil_id, to_user_id as visitor_id, to_name as visitor, at, next_at as due_at
  from follow_up_daystep
  where school_id = %(school_id)s and "on" = %(on)s and at <= %(at)s and kind in ('set_off', 'back')
  union all
  select t.id, 'planned', about.pupil_id, t.assignee_id, coalesce(u.name, ''), null, t.due_at
  from tasks_task t
  cross join unnest(t.pupil_ids) as about(pupil_id)
  left join accounts_user u on u.id = t.assignee_id
  where t.access_scope = %(access_scope)s and t.source_kind = %(source)s and t.done_at is null and t.assignee_id is not null
    and (t.due_at at time zone 'Europe/London')::date = %(on)s
)
select step.kind, step.pupil_id, p.ref,
  coalesce(nullif(p.preferred_forename, ''), p.forename) || ' ' || coalesce(nullif(p.preferred_surname, ''), p.surname) as name,
  step.visitor_id, step.visitor, step.at, step.due_at
from step join people_pupil p on p.id = step.pupil_id
order by step.id
