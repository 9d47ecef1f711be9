"""Every measure in SQL over one row a mark, written from spec by somebody who has not seen the walk: the second opinion on it.

The table `mark` has a row for each place on roll: sheet, place (in order of time, those of the year before below 0), day, week (school
week, the year before below 0), half_day (0 to 9, else 10), code (NULL for an empty place), class. `begins` and `ends` are the places
asked about.
"""

QUESTION = """
with asked as (select * from mark where place between begins and ends),
kinds as (
  select *, class in ('present', 'approved_activity') as attended, class in ('authorised', 'unauthorised') as absent,
    class is not null and class <> 'not_possible' as possible
  from asked
),
counts as (
  select sheet, count(*) filter (possible) as possible, count(*) filter (attended) as attended, count(*) filter (absent) as absent,
    count(*) filter (class = 'authorised') as authorised, count(*) filter (class = 'unauthorised') as unauthorised,
    count(*) filter (code = 'L') as late_before, count(*) filter (code = 'U') as late_after,
    count(*) filter (code is null) as missing, count(*) filter (code = 'I') as illness_sessions
  from kinds group by sheet
),
broken as (
  select sheet, count(*) as broken_weeks from (
    select sheet, week from kinds group by sheet, week having bool_or(attended) and bool_or(absent)
  ) group by sheet
),
ill_runs as (
  select sheet, max(length) as illness_run_sessions from (
    select sheet, count(*) as length from (
      select sheet, code, row_number() over (partition by sheet order by place)
        - row_number() over (partition by sheet, code = 'I' order by place) as island
      from kinds where possible
    ) where code = 'I' group by sheet, island
  ) group by sheet
),
days as (
  select sheet, day, bool_and(class = 'unauthorised') as wholly from kinds where possible group by sheet, day
),
day_runs as (
  select sheet, day, row_number() over (partition by sheet, island order by day) as length from (
    select sheet, day, wholly, row_number() over (partition by sheet order by day)
      - row_number() over (partition by sheet, wholly order by day) as island
    from days
  ) where wholly
),
runs as (
  select sheet, max(length) as unauthorised_run_days, min(day) filter (length = 10) as unauthorised_run_met_on
  from day_runs group by sheet
),
ill as (
  select sheet, day as illness_met_on from (
    select sheet, place, begins, ends, day, row_number() over (partition by sheet order by place) as number
    from mark where code = 'I' and place >= 0
  ) where number = 30 and place between begins and ends
),
threshold as (
  select sheet, min(day) as threshold_met_on from (
    select today.sheet, today.day
    from (select distinct sheet, day, week from asked) today
    join mark on mark.sheet = today.sheet and mark.class = 'unauthorised' and mark.day <= today.day
      and mark.week between today.week - 9 and today.week
    group by today.sheet, today.day having count(*) >= 10
  ) group by sheet
)
select sheet, coalesce(possible, 0), coalesce(attended, 0), coalesce(absent, 0), coalesce(authorised, 0), coalesce(unauthorised, 0),
  coalesce(late_before, 0), coalesce(late_after, 0), coalesce(missing, 0), coalesce(unauthorised_run_days, 0),
  coalesce(illness_sessions, 0), coalesce(illness_run_sessions, 0), coalesce(broken_weeks, 0),
  coalesce(possible > 0 and 10 * absent >= possible, false), coalesce(possible > 0 and 2 * absent >= possible, false),
  coalesce(threshold_met_on, -1), coalesce(unauthorised_run_met_on, -1), coalesce(illness_met_on, -1)
from sheet left join counts using (sheet) left join broken using (sheet) left join ill_runs using (sheet)
  left join runs using (sheet) left join ill using (sheet) left join threshold using (sheet)
order by sheet
"""
COLUMNS = (
    "possible", "attended", "absent", "authorised", "unauthorised", "late_before", "late_after", "missing",
    "unauthorised_run_days", "illness_sessions", "illness_run_sessions", "broken_weeks", "persistent", "severe",
    "threshold_met_on", "unauthorised_run_met_on", "illness_met_on",
)  # fmt: skip
"""The columns after the sheet's number; days are days since 1970-01-01, -1 for none."""
