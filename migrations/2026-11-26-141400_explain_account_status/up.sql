-- Why an account was disabled or restored, by whom and when; nobody: from the command line.
ALTER TABLE accounts
    ADD COLUMN status_reason text,
    ADD COLUMN status_changed_at timestamptz,
    ADD COLUMN status_changed_by uuid;
