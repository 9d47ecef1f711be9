"""Accounts, roles, memberships, caseloads and conflicts of interest; builds the access context that the row policies use."""
