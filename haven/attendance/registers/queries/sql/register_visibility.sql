-- Every setting that the row policies of sheets and enrolments compare a row with, as one text.
select concat_ws('/', current_database(), current_user, current_setting('app.user_id', true),
  current_setting('app.readable_scopes', true), current_setting('app.caseload_scopes', true), current_setting('app.caseload_pupils', true),
  current_setting('app.conflicted_pupils', true))
