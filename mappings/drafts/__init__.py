"""A mapping drafted from what a CRM holds, each guess with its reason."""
