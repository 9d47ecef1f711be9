-- The enrolments of some schools that began after one day or ended before another: first and last day as days since 1970.
select array_agg(id), array_agg(begins_on - date '1970-01-01'),
  array_agg(coalesce(ends_on - date '1970-01-01', 2147483647))
from people_enrolment
where school_id = any(%(schools)s) and (begins_on > %(first)s or ends_on < %(last)s)
