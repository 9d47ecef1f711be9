-- Search by name: the ids of pupils of some schools, in order of name, at most p_limit. p_words: each begins one of the child's names.
-- p_whole: or this does. p_before and p_after, if a comma was typed: this begins a name and that the forename. p_numbers: or the pupil is
-- one of these. Null and '' leave a condition out.
--
-- Under a row policy PostgreSQL uses no index for the beginning of a word and would compare the names of every pupil of every school. This
-- function therefore runs as the owner, with the condition of the pupils' row policy written out; the caller reads the rows of the result
-- under the row policy itself.
create or replace function app.pupils_named(p_schools int[], p_words text[], p_whole text, p_before text, p_after text, p_numbers int[],
  p_limit int)
returns setof int language plpgsql stable security definer set search_path = pg_catalog, public, app, pg_temp
set plan_cache_mode = force_custom_plan as $$
declare
  me int := app.me();  -- without an access context: an error, as for a table with a row policy
  schools int[] := app.ints('app.schools');
  allocated int[] := app.ints('app.caseload_pupils');
  shut int[] := app.ints('app.conflicted_pupils');
  begins constant text := '%L:*';
  asked tsquery := case when p_before <> '' then format(begins, p_before)
    else (select '(' || string_agg(format(begins, word), ' & ') || ') | ' || format(begins, p_whole) from unnest(p_words) as word) end;
begin
  return query
  select p.id from people_pupil p
  where (array_to_tsvector(array_remove(string_to_array(
          left(p.surname_key || ' ' || p.forename_key || ' ' || p.names_key, 500), ' '), '')) @@ asked
        and (p_after is null or p.forename_key ^@ p_after) or p.id = any(p_numbers))
    and p.school_ids && p_schools
    and (p.school_ids && schools or p.id = any(allocated)) and (p.id = any(shut)) is not true
  order by p.surname_key, p.forename_key, p.id limit p_limit;
end $$;

-- Finds a pupil by the beginning of any word of any name.
create index if not exists pupil_names on people_pupil using gin (array_to_tsvector(array_remove(string_to_array(
  left(surname_key || ' ' || forename_key || ' ' || names_key, 500), ' '), '')));
