-- A school's day in one statement: a row for each pupil on roll whose attendance the user may see, by name, with registers, planned
-- absences and staff records of both sessions (bytes of marks: 46 none, 78 N, 79 O). p_calendars, p_am_places and p_pm_places: the position
-- of the day's sessions in the register rows, by version of the calendar. p_silent: bytes that do not show that a register was taken.
-- p_doubtful: only those who can be missing at all, which is what the banner of every page needs.
--
-- Runs with the rights of the caller, so row-level security applies to each table. It is a function for two reasons: PostgreSQL keeps its
-- plan, and nested-loop joins are disabled in it, because the planner underestimates rows under row-level security. Pupils and tutors,
-- whose tables cover a whole authority, are looked up by number; a hash join would read them whole.
drop function if exists app.roll_of(int, date, text, int, int, timestamptz, int, int[], int[], int[], int[], boolean);
create function app.roll_of(p_school int, p_on date, p_year text, p_am int, p_pm int, p_at timestamptz, p_access_scope int,
  p_calendars int[], p_am_places int[], p_pm_places int[], p_silent int[], p_doubtful boolean)
returns table (enrolment_id int, pupil_id int, ref uuid, name text, sort_key text, group_id int, form text, year_group text, site_id int,
  tutor_id int, tutor text, sheet_id int, version int, priority int, am_byte int, pm_byte int, am_plan text, pm_plan text, am_said boolean,
  pm_said boolean, am_taken boolean, pm_taken boolean)
language plpgsql stable parallel safe set enable_nestloop = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  with roll as (
    select e.id as enrolment_id, e.pupil_id, pl.group_id, pl.year_group, s.id as sheet_id, coalesce(s.version, 0) as version,
      coalesce(s.am, 46) as am_byte, coalesce(s.pm, 46) as pm_byte,
      plan.am as am_plan, plan.pm as pm_plan, said.am as am_said, said.pm as pm_said, coalesce(listing.priority, 0) as priority
    from people_enrolment e
    left join (
      select distinct on (p.enrolment_id) p.enrolment_id, p.group_id, p.year_group from people_placement p
      where p.school_id = p_school and app.on_roll(p.begins_on, p.ends_on, p_on)
      order by p.enrolment_id, p.begins_on desc) pl on pl.enrolment_id = e.id
    left join (
      select s.id, s.enrolment_id, s.version, get_byte(s.marks, place.am) as am, get_byte(s.marks, place.pm) as pm
      from registers_sheet s
      left join unnest(p_calendars, p_am_places, p_pm_places) as place(calendar_id, am, pm) on place.calendar_id = s.calendar_id
      where s.school_id = p_school and s.year = p_year offset 0) s on s.enrolment_id = e.id
    left join (
      select a.pupil_id, max(code) filter (where p_am between first_key and last_key) as am,
        max(code) filter (where p_pm between first_key and last_key) as pm
      from registers_plannedabsence a where a.school_id = p_school and withdrawn_at is null
        and last_key >= p_am and first_key <= p_pm group by a.pupil_id) plan on plan.pupil_id = e.pupil_id
    left join (
      select d.pupil_id, (array_agg(kind = 'accounted' order by id desc) filter (where half = 'AM'))[1] as am,
        (array_agg(kind = 'accounted' order by id desc) filter (where half = 'PM'))[1] as pm
      from follow_up_daystep d where d.school_id = p_school and "on" = p_on and kind in ('accounted', 'not_accounted')
        and at <= p_at group by d.pupil_id) said on said.pupil_id = e.pupil_id
    left join (
      select w.pupil_id, max(priority)::int as priority from people_vulnerablelisting w where w.access_scope = p_access_scope
        and app.in_force(begins_on, ends_on, p_on) group by w.pupil_id) listing on listing.pupil_id = e.pupil_id
    where e.school_id = p_school and app.on_roll(e.begins_on, e.ends_on, p_on)
      and (p_access_scope = any((select app.ints('app.readable_scopes'))::int[])
        or p_access_scope = any((select app.ints('app.caseload_scopes'))::int[]) and e.pupil_id = any((select app.ints('app.caseload_pupils'))::int[]))
  ), taken as (
    select roll.*, bool_or(am_byte <> all(p_silent) and am_plan is null) over class as am_taken,
      bool_or(pm_byte <> all(p_silent) and pm_plan is null) over class as pm_taken
    from roll window class as (partition by group_id)
  ), wanted as (
    select * from taken where not p_doubtful or am_byte in (78, 79) or pm_byte in (78, 79) or am_said is false or pm_said is false
      or am_byte = 46 and (am_taken or priority > 0) or pm_byte = 46 and (pm_taken or priority > 0)
  )
  select roll.enrolment_id, roll.pupil_id, p.ref,
    coalesce(nullif(p.preferred_forename, ''), p.forename) || ' ' || coalesce(nullif(p.preferred_surname, ''), p.surname) as name,
    p.surname_key || ' ' || p.forename_key as sort_key, roll.group_id, coalesce(g.name, '') as form,
    coalesce(nullif(roll.year_group, ''), g.year_group, '') as year_group, g.site_id, g.tutor_id, coalesce(u.name, '')::text as tutor,
    roll.sheet_id, roll.version::int, roll.priority, am_byte, pm_byte, am_plan::text, pm_plan::text, am_said, pm_said, am_taken, pm_taken
  from wanted as roll
  join people_pupil p on p.id = roll.pupil_id and p.id = any(array(select pupil_id from wanted))
  left join people_registrationgroup g on g.id = roll.group_id and g.school_id = p_school
  left join accounts_user u on u.id = g.tutor_id
    and u.id = any(array(select t.tutor_id from people_registrationgroup t where t.school_id = p_school))
  order by sort_key, roll.pupil_id;
end $$;
