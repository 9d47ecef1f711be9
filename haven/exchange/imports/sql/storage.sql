-- The pieces of a file arrive compressed, so PostgreSQL does not try to compress them again.
alter table imports_importfile alter column content set storage external;
