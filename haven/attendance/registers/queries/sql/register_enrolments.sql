-- The enrolments of one school that overlap a stretch of days, by id; %(pupils)s limits them to some pupils (null: all).
select id, pupil_id, begins_on, ends_on
from people_enrolment
where school_id = %(school)s and begins_on <= %(last)s and (ends_on is null or ends_on >= %(first)s)
  and (%(pupils)s::int[] is null or pupil_id = any(%(pupils)s::int[]))
order by id
