-- What was erased does not come back: an address nobody can have takes its place.
ALTER TABLE accounts DROP CONSTRAINT accounts_erased_nameless;
UPDATE accounts SET status = 'deactivated', email = 'erased-' || id || '@invalid' WHERE status = 'erased';
ALTER TABLE accounts
    DROP CONSTRAINT accounts_reachable,
    ADD CONSTRAINT accounts_reachable CHECK (kind = 'app' OR email IS NOT NULL OR mobile IS NOT NULL),
    DROP CONSTRAINT accounts_status_known,
    ADD CONSTRAINT accounts_status_known CHECK (status IN ('active', 'disabled', 'deactivated'));
