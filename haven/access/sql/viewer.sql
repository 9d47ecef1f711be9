-- Who a viewer is: computed once a transaction by app.enter() from memberships, role grants, caseload and conflicts in force on the
-- viewer's day (app.on), which Haven's clock gives and not the server's.
-- Compartments: 0 roll, 1 attendance, 2 pastoral, 3 safeguarding, 4 staff. zone = school * 8 + compartment.

-- `at_school`: the grants at that school alone; at every school without one.
drop function if exists app.my_grants(int);
create or replace function app.my_grants(uid int, at_school int default null)
returns table (school int, role text, compartment int, scope text, may_write boolean)
language sql stable security definer set search_path = pg_catalog, public, app, pg_temp as $$
  select distinct s.id, m.role, g.compartment::int, g.scope, g.may_write
  from access_membership m
  join access_user u on u.id = m.user_id and u.is_active
  join access_rolegrant g on g.role = m.role
  join schools_school s on s.id = m.school_id or s.trust_id = m.trust_id or s.local_authority_id = m.local_authority_id
                        or (m.role = 'service' and m.school_id is null and m.trust_id is null and m.local_authority_id is null)
  where m.user_id = uid and m.begins_on <= (select app.the_day()) and (m.ends_on is null or m.ends_on >= (select app.the_day()))
    and (at_school is null or s.id = at_school)
$$;

create or replace function app.my_shut(uid int) returns int[] language sql stable security definer
set search_path = pg_catalog, public, app, pg_temp as $$
  select array_agg(distinct pupil_id) from access_conflict
  where user_id = uid and begins_on <= (select app.the_day()) and (ends_on is null or ends_on >= (select app.the_day()))
$$;

-- '' and never '{}' for an empty list: ints() then gives NULL and the strict operators return at once.
-- Whoever comes for one school (`at_school`) sees and writes there alone: the lists that each row is compared with are then short.
drop function if exists app.enter(int);
drop function if exists app.enter(int, date);
create or replace function app.enter(uid int, day date, at_school int default null) returns void language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
declare zones text; azones text; wzones text; schools text; wschools text; auditing text;
begin
  perform set_config('app.on', day::text, true);
  select array_agg(distinct school * 8 + compartment) filter (where scope = 'all')::text,
         array_agg(distinct school * 8 + compartment) filter (where scope = 'allocated')::text,
         array_agg(distinct school * 8 + compartment) filter (where may_write)::text,
         array_agg(distinct school) filter (where compartment = 0 and scope = 'all')::text,
         array_agg(distinct school) filter (where compartment = 0 and may_write)::text,
         array_agg(distinct school) filter (where role in ('dsl', 'head', 'data_protection_officer'))::text
    into zones, azones, wzones, schools, wschools, auditing
    from app.my_grants(uid, at_school);
  perform set_config('app.user_id', uid::text, true),
          set_config('app.zones', coalesce(zones, ''), true),
          set_config('app.azones', coalesce(azones, ''), true),
          set_config('app.wzones', coalesce(wzones, ''), true),
          set_config('app.schools', coalesce(schools, ''), true),
          set_config('app.wschools', coalesce(wschools, ''), true),
          set_config('app.auditing', coalesce(auditing, ''), true),
          set_config('app.alloc', coalesce(app.my_alloc(uid)::text, ''), true),
          set_config('app.shut', coalesce(app.my_shut(uid)::text, ''), true);
end $$;
