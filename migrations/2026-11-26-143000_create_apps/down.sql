DROP TABLE app_usage;
DROP TABLE authorization_codes;
DELETE FROM refresh_tokens USING sessions WHERE session_id = sessions.id AND sessions.app_id IS NOT NULL;
DELETE FROM sessions WHERE app_id IS NOT NULL;
ALTER TABLE sessions
    DROP COLUMN app_id,
    DROP COLUMN key_id,
    DROP COLUMN authorization_id,
    DROP COLUMN scopes;
DROP TABLE app_authorizations;
DROP TABLE app_keys;
DROP TABLE apps;
-- What they wrote stays, so their accounts do.
DELETE FROM memberships USING accounts WHERE account_id = accounts.id AND accounts.kind = 'app';
UPDATE accounts SET status = 'disabled', email = id || '@apps.invalid' WHERE kind = 'app';
ALTER TABLE accounts DROP CONSTRAINT accounts_reachable;
ALTER TABLE accounts DROP COLUMN kind;
ALTER TABLE accounts ADD CONSTRAINT accounts_reachable CHECK (email IS NOT NULL OR mobile IS NOT NULL);
