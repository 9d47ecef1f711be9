-- The functions that every policy uses: the current user and the context's lists, all local to the transaction. A setting once set comes
-- back as '' and not as NULL, hence nullif everywhere.

create or replace function app.me() returns int language plpgsql stable parallel safe as $$
declare found text := current_setting('app.user_id', true);
begin
  if found is null or found = '' then
    raise insufficient_privilege using message = 'nobody is entered as a viewer: wrap this in access_context(...)';
  end if;
  return found::int;
end $$;

-- The day on which grants, caseloads and conflicts are evaluated.
create or replace function app.the_day() returns date language plpgsql stable parallel safe as $$
declare found text := current_setting('app.on', true);
begin
  if found is null or found = '' then
    raise insufficient_privilege using message = 'nobody is entered as a viewer: wrap this in access_context(...)';
  end if;
  return found::date;
end $$;

-- In plpgsql, because PostgreSQL would inline a function in SQL again for each list of each table with a row policy. That took as long as
-- all other planning of a statement that finds one row.
create or replace function app.ints(setting text) returns int[] language plpgsql stable parallel safe as $$
begin
  return nullif(current_setting(setting, true), '')::int[];
end $$;

-- What is in force on a day, by the rule of platform/dated.py: what ends on a day has ended on it.
create or replace function app.in_force(begins_on date, ends_on date, p_on date) returns boolean language sql immutable parallel safe as $$
  select begins_on <= p_on and (ends_on is null or ends_on > p_on)
$$;

-- Who is on roll on a day: the last day on roll belongs to it. For enrolments and placements alone.
create or replace function app.on_roll(begins_on date, ends_on date, p_on date) returns boolean language sql immutable parallel safe as $$
  select begins_on <= p_on and (ends_on is null or ends_on >= p_on)
$$;
