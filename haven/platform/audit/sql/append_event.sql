-- Functions that write audit events and checkpoints. The application may call them and has no rights on the tables.

-- Transaction numbers count within one server, and start again in a database restored on another one. The segment is the number that the
-- server got when it was initialised; events and checkpoints carry it beside the transaction number.
create or replace function app.segment() returns bigint language sql stable set search_path = pg_catalog, pg_temp as $$
  select system_identifier from pg_control_system()
$$;

create or replace function app.append_event(
  p_at timestamptz, p_actor_name text, p_verb text, p_kind text, p_ref text, p_school int, p_access_scope int, p_pupils int[],
  p_reason text, p_detail jsonb, p_request text
) returns void language sql security definer set search_path = pg_catalog, public, app, pg_temp as $$
  insert into audit_auditevent (at, actor_id, actor_name, verb, about_kind, about_ref, school_id, access_scope, pupil_ids, reason, detail,
                                request_ref, segment, xid)
  values (p_at, nullif(current_setting('app.user_id', true), '')::int, p_actor_name, p_verb, p_kind, p_ref, p_school, p_access_scope,
          coalesce(p_pupils, '{}'), p_reason, p_detail, p_request, app.segment(), pg_current_xact_id()::text::bigint)
$$;

create or replace function app.event_digest(e audit_auditevent) returns bytea language sql stable
set search_path = pg_catalog, public, pg_temp as $$
  select sha256(convert_to(jsonb_build_array(e.id, extract(epoch from e.at), e.actor_id, e.actor_name, e.verb, e.about_kind, e.about_ref,
    e.school_id, e.access_scope, e.pupil_ids, e.reason, e.detail, e.request_ref, e.xid)::text, 'UTF8'))
$$;

-- The segments of the record. One index lookup for each, whatever the number of events.
create or replace function app.segments() returns setof bigint language sql stable set search_path = pg_catalog, public, app, pg_temp as $$
  with recursive known as (
    (select segment from audit_auditevent order by segment limit 1)
    union all
    select (select e.segment from audit_auditevent e where e.segment > known.segment order by e.segment limit 1) from known where known.segment is not null
  )
  select segment from known where segment is not null
$$;

-- Puts the events of one segment that are below the given transaction number and in no checkpoint into a checkpoint. Called by
-- app.write_checkpoint alone.
create or replace function app.checkpoint_window(p_at timestamptz, p_segment bigint, p_upper bigint) returns int language plpgsql
set search_path = pg_catalog, public, app, pg_temp as $$
declare
  before bytea; lower_xid bigint; event_count int; body bytea;
begin
  select digest into before from audit_auditcheckpoint order by id desc limit 1;
  select coalesce(max(to_xid), 0) into lower_xid from audit_auditcheckpoint where segment = p_segment;
  select count(*), sha256(coalesce(string_agg(app.event_digest(e), ''::bytea order by e.id), ''::bytea))
    into event_count, body from audit_auditevent e where e.segment = p_segment and e.xid >= lower_xid and e.xid < p_upper;
  if event_count = 0 then return 0; end if;
  insert into audit_auditcheckpoint (written_at, segment, from_xid, to_xid, events, previous, digest)
  values (p_at, p_segment, lower_xid, p_upper, event_count, coalesce(before, ''::bytea), sha256(coalesce(before, ''::bytea) || body));
  return event_count;
end $$;

-- Puts every event of completed transactions that is in no checkpoint into one, in order, late commits included: an event belongs to the
-- window of its transaction number, and a window closes only below the oldest running transaction. A segment of an earlier server (the
-- database was restored here) has no running transactions, so the rest of it goes into a checkpoint whole.
create or replace function app.write_checkpoint(p_at timestamptz) returns int language plpgsql security definer
set search_path = pg_catalog, public, app, pg_temp as $$
declare
  here bigint := app.segment(); upper_xid bigint; event_count int := 0; earlier bigint;
begin
  perform pg_advisory_xact_lock(4215010, 0);
  for earlier in select e from app.segments() e where e <> here loop
    select max(xid) + 1 into upper_xid from audit_auditevent where segment = earlier;
    event_count := event_count + app.checkpoint_window(p_at, earlier, upper_xid);
  end loop;
  upper_xid := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
  return event_count + app.checkpoint_window(p_at, here, upper_xid);
end $$;

-- The first checkpoint that does not match its events or its predecessor; no row if the chain is intact.
create or replace function app.broken_checkpoint() returns table (block bigint, why text) language plpgsql stable security definer
set search_path = pg_catalog, public, app, pg_temp as $$
declare
  b record; before bytea := ''; event_count int; body bytea;
begin
  for b in select *, coalesce(lag(to_xid) over (partition by segment order by id), 0) as left_off from audit_auditcheckpoint order by id loop
    select count(*), sha256(coalesce(string_agg(app.event_digest(e), ''::bytea order by e.id), ''::bytea))
      into event_count, body from audit_auditevent e where e.segment = b.segment and e.xid >= b.from_xid and e.xid < b.to_xid;
    if b.previous is distinct from before then block := b.id; why := 'the block before it was changed or removed'; return next; return; end if;
    if b.from_xid <> b.left_off then block := b.id; why := 'its window does not begin where the one before it ended'; return next; return; end if;
    if event_count <> b.events then block := b.id; why := format('%s events were sealed and %s are there', b.events, event_count); return next; return; end if;
    if b.digest is distinct from sha256(b.previous || body) then block := b.id; why := 'an event in it was changed'; return next; return; end if;
    before := b.digest;
  end loop;
end $$;

-- The time of the newest event: the demonstration's clock never goes back behind it. Returns only a time.
create or replace function app.newest_event_at() returns timestamptz language sql stable security definer
set search_path = pg_catalog, public, app, pg_temp as $$
  select max(at) from audit_auditevent
$$;

create or replace function app.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the table % only grows: a row is never changed or removed', tg_table_name;
end $$;

drop trigger if exists only_grows on audit_auditevent;
create trigger only_grows before update or delete on audit_auditevent for each row execute function app.refuse_change();
drop trigger if exists only_grows on audit_auditcheckpoint;
create trigger only_grows before update or delete on audit_auditcheckpoint for each row execute function app.refuse_change();
