//! The event log, listings and what is kept about them.

diesel::table! {
    events_pending (id) {
        id -> Int8,
        event_id -> Uuid,
        #[sql_name = "type"]
        event_type -> Text,
        entity -> Text,
        entity_id -> Uuid,
        version -> Int4,
        audience -> Text,
        enterprise_ids -> Array<Uuid>,
        actor -> Nullable<Uuid>,
        changed -> Jsonb,
        at -> Timestamptz,
        detail_hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    events (seq) {
        seq -> Int8,
        event_id -> Uuid,
        #[sql_name = "type"]
        event_type -> Text,
        entity -> Text,
        entity_id -> Uuid,
        version -> Int4,
        audience -> Text,
        enterprise_ids -> Array<Uuid>,
        actor -> Nullable<Uuid>,
        changed -> Jsonb,
        at -> Timestamptz,
        hash -> Bytea,
        detail_hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    audit_details (event_id) {
        event_id -> Uuid,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        app_id -> Nullable<Uuid>,
        how -> Nullable<Text>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        salt -> Nullable<Bytea>,
        erased_at -> Nullable<Timestamptz>,
        erasure_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    listings (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        status -> Text,
        version -> Int4,
        terms -> Jsonb,
        external_id -> Nullable<Text>,
        valid_until -> Timestamptz,
        outcome -> Nullable<Text>,
        counterpart_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        published_at -> Nullable<Timestamptz>,
        confirmed_at -> Timestamptz,
        urgency_confirmed_at -> Nullable<Timestamptz>,
        urgency_confirmed_by -> Nullable<Uuid>,
        mandate_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    listing_ledger (listing_id, period) {
        listing_id -> Uuid,
        period -> Int2,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        quantity -> Numeric,
        reserved -> Numeric,
        committed -> Numeric,
        fulfilled -> Numeric,
    }
}

diesel::table! {
    reference_items (scheme, code) {
        scheme -> Text,
        code -> Text,
        document -> Jsonb,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reference_versions (scheme) {
        scheme -> Text,
        version -> Int4,
        sha256 -> Bytea,
        loaded_at -> Timestamptz,
        source -> Text,
    }
}

diesel::table! {
    matching_policies (version) {
        version -> Int4,
        document -> Jsonb,
        created_at -> Timestamptz,
        author_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    matching_statistics (version) {
        version -> Int4,
        as_of -> Timestamptz,
        document -> Nullable<Jsonb>,
    }
}

diesel::table! {
    bundles (id) {
        id -> Uuid,
        listing_id -> Uuid,
        enterprise_id -> Uuid,
        needed -> Numeric,
        unit_code -> Text,
        plan -> Jsonb,
        policy_version -> Int4,
        stats_version -> Int4,
        as_of -> Timestamptz,
        created_by -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    contact_requests (id) {
        id -> Uuid,
        listing_id -> Uuid,
        owner_id -> Uuid,
        requester_id -> Uuid,
        status -> Text,
        message -> Text,
        quantity -> Nullable<Numeric>,
        unit_code -> Nullable<Text>,
        requested_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        reason -> Nullable<Text>,
        version -> Int4,
    }
}

diesel::table! {
    contact_releases (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        listing_id -> Uuid,
        contact_request_id -> Nullable<Uuid>,
        account_id -> Uuid,
        to_enterprise_id -> Nullable<Uuid>,
        rule -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    consents (id) {
        id -> Uuid,
        account_id -> Uuid,
        purpose -> Text,
        text_version -> Int4,
        given -> Bool,
        at -> Timestamptz,
    }
}

diesel::table! {
    matches (id) {
        id -> Uuid,
        need_id -> Uuid,
        offer_id -> Uuid,
        need_version -> Int4,
        offer_version -> Int4,
        policy_version -> Int4,
        stats_version -> Int4,
        as_of -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    match_sides (match_id, side) {
        match_id -> Uuid,
        side -> Text,
        enterprise_id -> Uuid,
        listing_id -> Uuid,
        status -> Text,
        explanation -> Jsonb,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        notified_need_version -> Nullable<Int4>,
        notified_offer_version -> Nullable<Int4>,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    notifications (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        kind -> Text,
        params -> Jsonb,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    consumers (name) {
        name -> Text,
        position -> Int8,
    }
}
