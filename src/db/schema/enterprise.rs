//! Enterprises: who acts for them, and what proves them.

diesel::table! {
    enterprises (id) {
        id -> Uuid,
        status -> Text,
        country -> Text,
        uscc -> Nullable<Text>,
        legal_name -> Text,
        profile -> Jsonb,
        standing -> Jsonb,
        merged_into -> Nullable<Uuid>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    credentials (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        status -> Text,
        scheme -> Text,
        number -> Text,
        issuer -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        covers -> Array<Text>,
        created_at -> Timestamptz,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        expiry_noted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    evidence_files (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        name -> Text,
        file_type -> Text,
        size -> Int4,
        sha256 -> Bytea,
        uploaded_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    credential_files (credential_id, file_id) {
        credential_id -> Uuid,
        file_id -> Uuid,
    }
}

diesel::table! {
    verifications (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        purpose -> Text,
        method -> Text,
        status -> Text,
        statement -> Nullable<Text>,
        identity -> Jsonb,
        version -> Int4,
        created_by -> Uuid,
        created_at -> Timestamptz,
        claimed_by -> Nullable<Uuid>,
        claimed_until -> Nullable<Timestamptz>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        reason_code -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    verification_files (verification_id, file_id) {
        verification_id -> Uuid,
        file_id -> Uuid,
    }
}

diesel::table! {
    enterprise_decisions (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        action -> Text,
        from_status -> Text,
        to_status -> Text,
        verification_id -> Nullable<Uuid>,
        method -> Nullable<Text>,
        level -> Nullable<Text>,
        reason_code -> Nullable<Text>,
        reason -> Nullable<Text>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Timestamptz,
    }
}

diesel::table! {
    uscc_exceptions (uscc) {
        uscc -> Text,
        reason -> Text,
        created_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    roster_entries (uscc) {
        uscc -> Text,
        legal_name -> Text,
        mobile -> Nullable<Text>,
        contact -> Nullable<Text>,
        loaded_by -> Nullable<Uuid>,
        loaded_at -> Timestamptz,
    }
}

diesel::table! {
    mandates (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        association_id -> Uuid,
        scopes -> Array<Text>,
        valid_until -> Nullable<Timestamptz>,
        created_by -> Uuid,
        created_at -> Timestamptz,
        revoked_by -> Nullable<Uuid>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    mandate_acts (id) {
        id -> Uuid,
        mandate_id -> Uuid,
        account_id -> Uuid,
        #[sql_name = "type"]
        event_type -> Text,
        entity -> Text,
        entity_id -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    enterprise_partners (enterprise_id, partner_id) {
        enterprise_id -> Uuid,
        partner_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    enterprise_designations (enterprise_id, list) {
        enterprise_id -> Uuid,
        list -> Text,
        issuer -> Text,
        created_at -> Timestamptz,
        created_by -> Uuid,
    }
}

diesel::table! {
    enterprise_blocks (enterprise_id, blocked_id) {
        enterprise_id -> Uuid,
        blocked_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    memberships (account_id, enterprise_id) {
        account_id -> Uuid,
        enterprise_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    invitations (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        role -> Text,
        email -> Nullable<Text>,
        mobile -> Nullable<Text>,
        token_hash -> Bytea,
        status -> Text,
        invited_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
    }
}
