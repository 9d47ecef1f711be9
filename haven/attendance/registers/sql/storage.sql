-- A register row is updated with each day's mark. Half of each page stays free, so that the new version fits beside the old one and no
-- index changes.
alter table registers_sheet set (fillfactor = 50);
