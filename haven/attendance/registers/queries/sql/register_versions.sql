-- The version tokens of each school's registers. Several stand side by side while writers overlap (registers/sql/register_version.sql).
select school_id, string_agg(id::text, ' ' order by id)
from registers_registerversion
where school_id = any(%(schools)s)
group by school_id
