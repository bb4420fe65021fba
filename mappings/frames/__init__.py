"""What a mapping says, done to frames of records: features, outcomes, examples, enriched columns. Polars lives here."""
