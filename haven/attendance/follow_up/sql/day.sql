-- Which classes of a school have handed in today's registers. Returns nothing about any pupil: a class, morning yes or no, afternoon yes or
-- no. Only for users who work at the school. A mark that is empty, planned, or of a pupil who is not expected (the bytes listed are
-- rules.whereabouts.NOT_A_REGISTER) does not show a register.
create or replace function app.registers_in(p_school int, p_on date, p_year text, p_am int, p_pm int)
returns table (group_id int, am boolean, pm boolean)
language plpgsql stable security definer set search_path = pg_catalog, public, app, pg_temp
set enable_nestloop = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  if not (app.access_scope(p_school, 1) = any(coalesce(app.ints('app.readable_scopes'), '{}') || coalesce(app.ints('app.caseload_scopes'), '{}'))) then
    return;
  end if;
  return query
  select pl.group_id,
    bool_or(s.am not in (46, 35, 49, 50, 51, 52, 53, 54, 55, 68, 81, 88, 89, 90) and plan.am is null),
    bool_or(s.pm not in (46, 35, 49, 50, 51, 52, 53, 54, 55, 68, 81, 88, 89, 90) and plan.pm is null)
  from people_enrolment e
  join people_placement pl on pl.enrolment_id = e.id and pl.school_id = p_school
    and app.on_roll(pl.begins_on, pl.ends_on, p_on)
  join (
    select s.enrolment_id, coalesce(get_byte(s.marks, c.am), 46) as am, coalesce(get_byte(s.marks, c.pm), 46) as pm
    from registers_sheet s
    join (  -- the position of the sessions is the same for every register row: looked up once for each version
      select id, array_position(sessions, p_am) - 1 as am, array_position(sessions, p_pm) - 1 as pm
      from schools_calendar where school_id = p_school and year = p_year offset 0) c on c.id = s.calendar_id
    where s.school_id = p_school and s.year = p_year) s on s.enrolment_id = e.id
  left join (
    select a.pupil_id, max(code) filter (where p_am between first_key and last_key) as am,
      max(code) filter (where p_pm between first_key and last_key) as pm
    from registers_plannedabsence a where a.school_id = p_school and a.withdrawn_at is null
      and a.last_key >= p_am and a.first_key <= p_pm group by a.pupil_id) plan on plan.pupil_id = e.pupil_id
  where e.school_id = p_school and app.on_roll(e.begins_on, e.ends_on, p_on)
  group by pl.group_id;
end $$;

-- Whether brothers and sisters are missing without a reason on a day, at any school: only yes or no, by the last mark of the day (N or O),
-- unless somebody has recorded where the child is. For pupils whose attendance the user may see. Children with whom the user has a conflict
-- of interest are left out.
create or replace function app.siblings_missing(pupils int[], on_date date)
returns table (pupil_id int, sibling_id int, is_missing boolean)
language sql stable security definer set search_path = pg_catalog, public, app, pg_temp as $$
  with mine as (
    select distinct e.pupil_id from people_enrolment e
    where e.pupil_id = any(pupils) and app.on_roll(e.begins_on, e.ends_on, on_date)
      and (app.access_scope(e.school_id, 1) = any(app.ints('app.readable_scopes'))
        or app.access_scope(e.school_id, 1) = any(app.ints('app.caseload_scopes')) and e.pupil_id = any(app.ints('app.caseload_pupils')))
      and (e.pupil_id = any(app.ints('app.conflicted_pupils'))) is not true
  ), them as (
    select distinct mine.pupil_id, other.pupil_id as sibling_id
    from mine
    join people_householdmember me on me.pupil_id = mine.pupil_id
    join people_householdmember other on other.household_id = me.household_id and other.pupil_id <> me.pupil_id
    where (other.pupil_id = any(app.ints('app.conflicted_pupils'))) is not true
  )
  select them.pupil_id, them.sibling_id, coalesce(bool_or(last.byte in (78, 79)), false)
    and not exists (
      select from follow_up_daystep d where d.pupil_id = them.sibling_id and d."on" = on_date and d.kind = 'accounted'
        and not exists (select from follow_up_daystep later where later.pupil_id = d.pupil_id and later."on" = on_date
          and later.kind = 'not_accounted' and later.id > d.id))
  from them
  left join people_enrolment e on e.pupil_id = them.sibling_id and app.on_roll(e.begins_on, e.ends_on, on_date)
  left join registers_sheet s on s.enrolment_id = e.id
  left join schools_calendar c on c.id = s.calendar_id
    and array_position(c.sessions, ((on_date - date '1970-01-01') * 2)) is not null
  left join lateral (
    select coalesce(
      nullif(get_byte(s.marks, array_position(c.sessions, (on_date - date '1970-01-01') * 2 + 1) - 1), 46),
      nullif(get_byte(s.marks, array_position(c.sessions, (on_date - date '1970-01-01') * 2) - 1), 46)) as byte
  ) last on true
  group by them.pupil_id, them.sibling_id
$$;
