-- The access context: computed once in each transaction by app.set_access_context() from memberships, role grants, caseload and conflicts
-- in force on the context's day (app.on). The day comes from Haven's clock and not from the server's. Record categories: 0 roll, 1
-- attendance, 2 pastoral, 3 safeguarding, 4 staff. Access scopes: app.access_scope().

-- `at_school`: the grants at that school alone; null for all schools.
drop function if exists app.my_grants(int);
create or replace function app.my_grants(uid int, at_school int default null)
returns table (school int, role text, record_category int, scope text, may_write boolean)
language sql stable security definer set search_path = pg_catalog, public, app, pg_temp as $$
  select distinct s.id, m.role, g.record_category::int, g.scope, g.may_write
  from accounts_membership m
  join accounts_user u on u.id = m.user_id and u.is_active
  join accounts_rolegrant g on g.role = m.role
  join schools_school s on s.id = m.school_id or s.trust_id = m.trust_id or s.local_authority_id = m.local_authority_id
                        or (m.role = 'service' and m.school_id is null and m.trust_id is null and m.local_authority_id is null)
  where m.user_id = uid and app.in_force(m.begins_on, m.ends_on, (select app.the_day()))
    and (at_school is null or s.id = at_school)
$$;

create or replace function app.conflicted_pupils_of(uid int) returns int[] language sql stable security definer
set search_path = pg_catalog, public, app, pg_temp as $$
  select array_agg(distinct pupil_id) from accounts_conflict
  where user_id = uid and app.in_force(begins_on, ends_on, (select app.the_day()))
$$;

-- '' and never '{}' for an empty list: ints() then gives NULL and the strict operators return at once. With `at_school` the user reads and
-- writes at that school alone, so the lists that each row is compared with are short.
drop function if exists app.set_access_context(int);
drop function if exists app.set_access_context(int, date);
create or replace function app.set_access_context(uid int, day date, at_school int default null) returns void language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
declare readable_scopes text; caseload_scopes text; writable_scopes text; schools text; writable_schools text; auditing text;
begin
  perform set_config('app.on', day::text, true);
  select array_agg(distinct app.access_scope(school, record_category)) filter (where scope = 'all')::text,
         array_agg(distinct app.access_scope(school, record_category)) filter (where scope = 'allocated')::text,
         array_agg(distinct app.access_scope(school, record_category)) filter (where may_write)::text,
         array_agg(distinct school) filter (where record_category = 0 and scope = 'all')::text,
         array_agg(distinct school) filter (where record_category = 0 and may_write)::text,
         array_agg(distinct school) filter (where role in ('dsl', 'head', 'data_protection_officer'))::text
    into readable_scopes, caseload_scopes, writable_scopes, schools, writable_schools, auditing
    from app.my_grants(uid, at_school);
  perform set_config('app.user_id', uid::text, true),
          set_config('app.readable_scopes', coalesce(readable_scopes, ''), true),
          set_config('app.caseload_scopes', coalesce(caseload_scopes, ''), true),
          set_config('app.writable_scopes', coalesce(writable_scopes, ''), true),
          set_config('app.schools', coalesce(schools, ''), true),
          set_config('app.writable_schools', coalesce(writable_schools, ''), true),
          set_config('app.auditing', coalesce(auditing, ''), true),
          set_config('app.caseload_pupils', coalesce(app.caseload_pupils_of(uid)::text, ''), true),
          set_config('app.conflicted_pupils', coalesce(app.conflicted_pupils_of(uid)::text, ''), true);
end $$;
