-- How far is the day? Asked by day.py.

-- name: counter
select counter from registers_changecounter where school_id = %(school_id)s
