"""Everything that has to be right before scores reach a CRM, looked at step by step."""
