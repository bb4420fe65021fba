"""A mapping held against the CRM, against the data, and against the mapping before it."""
