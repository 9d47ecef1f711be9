-- When was each of these pupils of a school kept off site for safety? The dates alone, and no reason: sessions of a separation are never
-- counted as suspension, for whoever counts. The status itself stays under the row policy of safeguarding. For viewers to whom the registers of
-- the school are open, for all pupils or for those of a caseload, and for no pupil from whom they are shut out.
create or replace function app.separations(p_school int, p_pupils int[]) returns table (pupil_id int, begins_on date, ends_on date)
language sql stable security definer set search_path = pg_catalog, public, app, pg_temp as $$
  select s.pupil_id, s.begins_on, s.ends_on from people_status s
  where app.me() is not null and s.school_id = p_school and s.pupil_id = any(p_pupils) and s.kind = 'safeguarding_separation'
    and (p_school * 8 + 1 = any(app.ints('app.readable_scopes'))
      or p_school * 8 + 1 = any(app.ints('app.caseload_scopes')) and s.pupil_id = any(app.ints('app.caseload_pupils')))
    and (s.pupil_id = any(app.ints('app.conflicted_pupils'))) is not true
$$;
