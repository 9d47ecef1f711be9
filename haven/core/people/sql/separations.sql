-- The dates on which each of these pupils of a school was kept off site for safety, without a reason: sessions of a separation are never
-- counted as suspension. The status itself is under the row policy of safeguarding. For users who may see the registers of the school, for
-- all pupils or for those of a caseload, without pupils with whom they have a conflict of interest.
create or replace function app.separations(p_school int, p_pupils int[]) returns table (pupil_id int, begins_on date, ends_on date)
language sql stable security definer set search_path = pg_catalog, public, app, pg_temp as $$
  select s.pupil_id, s.begins_on, s.ends_on from people_status s
  where app.me() is not null and s.school_id = p_school and s.pupil_id = any(p_pupils) and s.kind = 'safeguarding_separation'
    and (app.access_scope(p_school, 1) = any(app.ints('app.readable_scopes'))
      or app.access_scope(p_school, 1) = any(app.ints('app.caseload_scopes')) and s.pupil_id = any(app.ints('app.caseload_pupils')))
    and (s.pupil_id = any(app.ints('app.conflicted_pupils'))) is not true
$$;
