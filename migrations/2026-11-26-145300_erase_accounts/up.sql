-- Of an erased account only the id and the dates are left, to which the trade record points.
ALTER TABLE accounts
    DROP CONSTRAINT accounts_status_known,
    ADD CONSTRAINT accounts_status_known CHECK (status IN ('active', 'disabled', 'deactivated', 'erased')),
    DROP CONSTRAINT accounts_reachable,
    ADD CONSTRAINT accounts_reachable CHECK (
        kind = 'app' OR status = 'erased' OR email IS NOT NULL OR mobile IS NOT NULL),
    ADD CONSTRAINT accounts_erased_nameless CHECK (
        status <> 'erased' OR num_nonnulls(email, mobile, password_hash, email_verified_at, mobile_verified_at) = 0);
