"""Trusts, local authorities, schools, sites, academic years, session times and the calendar of open sessions."""
