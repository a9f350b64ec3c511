//! What moderators decide, what is noticed, and the history behind daily figures.

diesel::table! {
    moderation_policies (version) {
        version -> Int4,
        document -> Jsonb,
        created_at -> Timestamptz,
        author_id -> Uuid,
        reason -> Text,
    }
}

diesel::table! {
    moderation_holds (listing_id) {
        listing_id -> Uuid,
        region_code -> Nullable<Text>,
        reason -> Text,
        policy_version -> Int4,
        since -> Timestamptz,
        claimed_by -> Nullable<Uuid>,
        claimed_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    moderation_decisions (id) {
        id -> Uuid,
        listing_id -> Uuid,
        enterprise_id -> Uuid,
        region_code -> Nullable<Text>,
        decision -> Text,
        reasons -> Array<Text>,
        note -> Nullable<Text>,
        listing_version -> Int4,
        terms -> Jsonb,
        flags -> Array<Text>,
        policy_version -> Int4,
        waiting_since -> Nullable<Timestamptz>,
        appeal_id -> Nullable<Uuid>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Timestamptz,
    }
}

diesel::table! {
    moderation_appeals (id) {
        id -> Uuid,
        decision_id -> Uuid,
        listing_id -> Uuid,
        enterprise_id -> Uuid,
        region_code -> Nullable<Text>,
        text -> Text,
        status -> Text,
        note -> Nullable<Text>,
        created_by -> Uuid,
        created_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    listing_reports (id) {
        id -> Uuid,
        listing_id -> Uuid,
        enterprise_id -> Uuid,
        region_code -> Nullable<Text>,
        reporter_id -> Uuid,
        reason -> Text,
        text -> Nullable<Text>,
        listing_version -> Int4,
        status -> Text,
        note -> Nullable<Text>,
        created_at -> Timestamptz,
        resolved_by -> Nullable<Uuid>,
        resolved_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    listing_flags (id) {
        id -> Uuid,
        listing_id -> Uuid,
        enterprise_id -> Uuid,
        code -> Text,
        subject -> Text,
        params -> Jsonb,
        evidence -> Jsonb,
        listing_version -> Int4,
        raised_at -> Timestamptz,
        cleared_at -> Nullable<Timestamptz>,
        answer -> Nullable<Text>,
        answered_by -> Nullable<Uuid>,
        answered_at -> Nullable<Timestamptz>,
        policy_version -> Nullable<Int4>,
        cleared_version -> Nullable<Int4>,
        cleared_policy_version -> Nullable<Int4>,
    }
}

diesel::table! {
    listing_prints (listing_id) {
        listing_id -> Uuid,
        enterprise_id -> Uuid,
        side -> Text,
        kind -> Text,
        bands -> Array<Int8>,
        edition -> Int8,
    }
}

diesel::table! {
    listing_history (id) {
        id -> Int8,
        listing_id -> Uuid,
        enterprise_id -> Uuid,
        at -> Timestamptz,
        status -> Text,
        since -> Timestamptz,
        published -> Bool,
        outcome -> Nullable<Text>,
        side -> Text,
        kind -> Text,
        category -> Nullable<Text>,
        region_code -> Nullable<Text>,
        quantity -> Nullable<Numeric>,
        unit_code -> Nullable<Text>,
        basis -> Text,
        valid_until -> Timestamptz,
    }
}

diesel::table! {
    enterprise_history (id) {
        id -> Int8,
        enterprise_id -> Uuid,
        at -> Timestamptz,
        status -> Text,
        region_code -> Nullable<Text>,
        reconstructed_at -> Nullable<Timestamptz>,
    }
}
