-- Tells the planner how the tables of the roll look after many pupils came onto it; without that, the first questions about them (and
-- brothers and sisters among them) are asked as if the tables were still empty. Says nothing of any row.
create or replace function app.count_the_roll() returns void language sql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
  analyze people_pupil, people_enrolment, people_placement, people_identifier, people_pupildetail, people_contact, people_status,
    people_dailywatch, people_householdmember
$$;
