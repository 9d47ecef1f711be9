-- The queries of schools and their calendars. Used by queries.py.

-- name: calendar_versions
select * from schools_calendar where school_id = %(school_id)s and year = %(year)s order by version

-- name: session_times
-- Those of a site stand before those of the whole school, and the latest begun before the others.
select * from schools_sessiontimes
where school_id = %(school_id)s and begins_on <= %(on)s and (site_id is null or site_id = %(site_id)s)
order by site_id desc nulls last, begins_on desc
limit 1

-- name: newest_switch
select * from schools_switch where school_id = %(school_id)s and name = %(name)s order by id desc limit 1
