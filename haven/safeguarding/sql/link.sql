-- Links a concern to a child on roll when its author could only name the child in words. The text of the concern does not
-- change. Only the columns that the row policy reads are set, on the concern and on its dependent rows. From then on the concern
-- is in the child's file, and people with a conflict of interest about that child do not see it. Receipts do not change: their
-- authors know already what they wrote.
-- The caller needs the safeguarding record category of the school, and no conflict of interest about the child.
-- p_was: the children linked when the page was shown. Returns true: linked. False: the links have changed meanwhile. Null: the
-- concern or the child is not available to the caller.
create or replace function app.link_concern(p_ref uuid, p_pupil int, p_was int[]) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, app, pg_temp as $$
declare
  it records_entry;
begin
  select * into it from records_entry e
  where e.ref = p_ref and e.form = 'concern' and e.record_category = 3 and e.fields ? 'child_name'
    and e.access_scope = any(app.ints('app.readable_scopes')) and e.access_scope = any(app.ints('app.writable_scopes'))
    and (e.pupil_ids && app.ints('app.conflicted_pupils')) is not true
    and (e.restricted_to is null or app.me() = any(e.restricted_to))
  for update;
  if not found or p_pupil = any(coalesce(app.ints('app.conflicted_pupils'), '{}'))
    or not exists (select from people_enrolment p where p.school_id = it.school_id and p.pupil_id = p_pupil) then
    return null;
  end if;
  if it.pupil_ids is distinct from p_was then
    return false;
  end if;
  update records_entry set pupil_ids = array[p_pupil] where id = it.id;
  update records_entrypupil set pupil_ids = array[p_pupil], pupil_id = p_pupil where entry_id = it.id;
  if not found then
    insert into records_entrypupil (school_id, record_category, author_id, author_name, author_role, pupil_ids, restricted_to,
        recorded_at, entry_id, pupil_id, role)
      values (it.school_id, it.record_category, it.author_id, it.author_name, it.author_role, array[p_pupil], it.restricted_to,
        it.recorded_at, it.id, p_pupil, 'subject');
  end if;
  update records_acknowledgement set pupil_ids = array[p_pupil] where entry_id = it.id;
  update tasks_task set pupil_ids = array[p_pupil] where about_entry_id = it.id;
  update tasks_taskstep set pupil_ids = array[p_pupil] where task_id in (select id from tasks_task where about_entry_id = it.id);
  -- Earlier addenda may name the child of a mistaken link, so they stay closed to that child's relatives as well.
  update records_addendum set pupil_ids = array(select distinct n from unnest(pupil_ids || p_pupil) n order by n)
    where entry_id = it.id;
  return true;
end $$;
