-- False from just before a run publishes until its verify has written what is true now. Where a crash or a cancellation
-- came between, the sizes are counted anew and the history is derived again from the whole log.
ALTER TABLE table_states {{cluster}} ADD COLUMN IF NOT EXISTS is_settled Bool DEFAULT true;
