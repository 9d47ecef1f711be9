"""Register sheets, takes and amendments, planned absence, the morning's follow-up and the end of the day."""
