-- The queries of tasks. Used by queries.py.

-- name: next_due
select title, due_at from tasks_task
where school_id = %(school_id)s and done_at is null and due_at is not null
  and (assignee_id = %(user_id)s or assignee_id is null and assignee_role = any(%(roles)s::text[]))
order by due_at, id
limit %(limit)s
