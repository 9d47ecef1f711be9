-- Updates the planner's statistics of the roll's tables after an import of many pupils. Without that, the first queries about them (and
-- about brothers and sisters among them) are planned as if the tables were still empty. Returns nothing about any row.
create or replace function app.count_the_roll() returns void language sql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
  analyze people_pupil, people_enrolment, people_placement, people_identifier, people_pupildetail, people_contact, people_status,
    people_vulnerablelisting, people_householdmember
$$;
