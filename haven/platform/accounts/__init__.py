"""Accounts, roles, memberships, caseloads, conflicts of interest; builds the viewer whom the row policies know."""
