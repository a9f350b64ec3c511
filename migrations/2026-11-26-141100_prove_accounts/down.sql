DROP TABLE throttles;
DROP TABLE one_time_codes;
DROP INDEX sessions_address_key_idx;
ALTER TABLE sessions DROP COLUMN device, DROP COLUMN last_used_at, DROP COLUMN address_key;
-- The hash of a password nobody knows.
UPDATE accounts SET password_hash =
    '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$X0nIAiLQN9OZRfXtRqYPkqSRpbLmDfyB2yYPNVCTVTE'
    WHERE password_hash IS NULL;
UPDATE accounts SET status = 'disabled' WHERE status = 'deactivated';
ALTER TABLE accounts
    ALTER COLUMN password_hash SET NOT NULL,
    DROP COLUMN password_long,
    DROP COLUMN email_verified_at,
    DROP COLUMN mobile_verified_at,
    DROP CONSTRAINT accounts_status_known,
    ADD CONSTRAINT accounts_status_known CHECK (status IN ('active', 'disabled'));
