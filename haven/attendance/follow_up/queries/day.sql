-- The queries of a school's follow-up day. Used by day.py.

-- name: counter
select counter from registers_changecounter where school_id = %(school_id)s
