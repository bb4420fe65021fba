"""Which records are the same person or company."""
