-- Every version of the calendars of some schools in one year, the oldest first.
select school_id, id, sessions
from schools_calendar
where year = %(year)s and school_id = any(%(schools)s)
order by version
