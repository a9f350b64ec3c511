-- One enterprise asks the poster of a listing for contact.
CREATE TABLE contact_requests (
    id uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings (id),
    -- Whose listing it is.
    owner_id uuid NOT NULL REFERENCES enterprises (id),
    requester_id uuid NOT NULL REFERENCES enterprises (id),
    status text NOT NULL CONSTRAINT contact_requests_status_known
        CHECK (status IN ('pending', 'accepted', 'declined', 'lapsed')),
    message text NOT NULL,
    quantity numeric(19, 6) CONSTRAINT contact_requests_quantity_positive CHECK (quantity > 0),
    unit_code text,
    requested_by uuid NOT NULL REFERENCES accounts (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_by uuid REFERENCES accounts (id),
    decided_at timestamptz,
    reason text,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT contact_requests_another CHECK (owner_id <> requester_id),
    CONSTRAINT contact_requests_quantity_in_unit CHECK ((quantity IS NULL) = (unit_code IS NULL)),
    CONSTRAINT contact_requests_decided CHECK ((status = 'pending') = (decided_at IS NULL)),
    CONSTRAINT contact_requests_lapsed_by_nobody CHECK (status IN ('accepted', 'declined') OR decided_by IS NULL)
);
CREATE UNIQUE INDEX contact_requests_open_key ON contact_requests (listing_id, requester_id) WHERE status = 'pending';
CREATE INDEX contact_requests_owner_id_idx ON contact_requests (owner_id, id);
CREATE INDEX contact_requests_requester_id_idx ON contact_requests (requester_id, id);
CREATE INDEX contact_requests_expires_at_idx ON contact_requests (expires_at) WHERE status = 'pending';

-- Who saw whose contacts, when, and under which rule. No contact itself.
CREATE TABLE contact_releases (
    id uuid PRIMARY KEY,
    -- Whose contacts.
    enterprise_id uuid NOT NULL REFERENCES enterprises (id),
    listing_id uuid NOT NULL REFERENCES listings (id),
    contact_request_id uuid REFERENCES contact_requests (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    -- For whom the account asked; none: for itself, or for the platform.
    to_enterprise_id uuid REFERENCES enterprises (id),
    rule text NOT NULL CONSTRAINT contact_releases_rule_known
        CHECK (rule IN ('public', 'verified', 'on_agreement', 'staff')),
    at timestamptz NOT NULL
);
CREATE INDEX contact_releases_enterprise_id_idx ON contact_releases (enterprise_id, id);
CREATE INDEX contact_releases_to_enterprise_id_idx ON contact_releases (to_enterprise_id);
CREATE TRIGGER contact_releases_are_append_only BEFORE UPDATE OR DELETE ON contact_releases
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contact_releases_are_not_truncated BEFORE TRUNCATE ON contact_releases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The program knows the kinds.
ALTER TABLE notifications
    DROP CONSTRAINT notifications_kind_known,
    ADD CONSTRAINT notifications_kind_known CHECK (kind ~ '^[a-z_]{1,60}$');
