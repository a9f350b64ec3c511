//! People, their sessions and the programs that act for them.

diesel::table! {
    accounts (id) {
        id -> Uuid,
        email -> Nullable<Text>,
        mobile -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        display_name -> Text,
        status -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        kind -> Text,
        password_long -> Bool,
        email_verified_at -> Nullable<Timestamptz>,
        mobile_verified_at -> Nullable<Timestamptz>,
        status_reason -> Nullable<Text>,
        status_changed_at -> Nullable<Timestamptz>,
        status_changed_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    second_factors (account_id) {
        account_id -> Uuid,
        sealed -> Bytea,
        created_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        last_step -> Int8,
    }
}

diesel::table! {
    recovery_codes (account_id, code_hash) {
        account_id -> Uuid,
        code_hash -> Bytea,
    }
}

diesel::table! {
    sign_in_tickets (ticket_hash) {
        ticket_hash -> Bytea,
        account_id -> Uuid,
        address_key -> Bytea,
        tries -> Int4,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    one_time_codes (id) {
        id -> Uuid,
        target -> Bytea,
        code_hash -> Bytea,
        tries -> Int4,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    throttles (key) {
        key -> Bytea,
        count -> Int4,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        algorithm -> Text,
        public_key -> Bytea,
        sealed -> Bytea,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
        ends_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    platform_roles (account_id, role, region_code) {
        account_id -> Uuid,
        role -> Text,
        region_code -> Text,
        granted_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        account_id -> Uuid,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        device -> Text,
        last_used_at -> Timestamptz,
        address_key -> Nullable<Bytea>,
        app_id -> Nullable<Uuid>,
        key_id -> Nullable<Uuid>,
        authorization_id -> Nullable<Uuid>,
        scopes -> Nullable<Array<Text>>,
    }
}

diesel::table! {
    apps (id) {
        id -> Uuid,
        enterprise_id -> Nullable<Uuid>,
        account_id -> Uuid,
        public -> Bool,
        name -> Text,
        description -> Nullable<Text>,
        redirect_uris -> Array<Text>,
        scopes -> Array<Text>,
        status -> Text,
        reason -> Nullable<Text>,
        requests_per_minute -> Nullable<Int4>,
        requests_per_day -> Nullable<Int4>,
        version -> Int4,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    app_keys (id) {
        id -> Uuid,
        app_id -> Uuid,
        public_id -> Text,
        secret_hash -> Bytea,
        name -> Nullable<Text>,
        scopes -> Array<Text>,
        created_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    app_authorizations (id) {
        id -> Uuid,
        app_id -> Uuid,
        account_id -> Uuid,
        enterprise_id -> Nullable<Uuid>,
        delegate_id -> Nullable<Uuid>,
        scopes -> Array<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    authorization_codes (code_hash) {
        code_hash -> Bytea,
        authorization_id -> Uuid,
        redirect_uri -> Text,
        code_challenge -> Text,
        scopes -> Array<Text>,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        session_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    app_usage (app_id, day) {
        app_id -> Uuid,
        day -> Date,
        requests -> Int8,
        refused -> Int8,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Bytea,
        session_id -> Uuid,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        successor_hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    outbox (id) {
        id -> Uuid,
        channel -> Text,
        template -> Text,
        sealed -> Nullable<Bytea>,
        attempts -> Int4,
        created_at -> Timestamptz,
        due_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        failure -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (account_id, key) {
        account_id -> Uuid,
        key -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        headers -> Jsonb,
        body -> Bytea,
        created_at -> Timestamptz,
    }
}
