//! The tables as diesel sees them. Kept by hand beside the migrations; `tests/api` compares it with a migrated database.

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

diesel::allow_tables_to_appear_in_same_query!(accounts, platform_roles);
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

diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(memberships -> enterprises (enterprise_id));
diesel::joinable!(memberships -> accounts (account_id));
diesel::joinable!(listings -> enterprises (enterprise_id));
diesel::joinable!(listing_ledger -> listings (listing_id));
diesel::joinable!(match_sides -> matches (match_id));
diesel::allow_tables_to_appear_in_same_query!(sessions, accounts, refresh_tokens);
diesel::allow_tables_to_appear_in_same_query!(memberships, enterprises, accounts, listings, listing_ledger);
diesel::allow_tables_to_appear_in_same_query!(matches, match_sides);
diesel::allow_tables_to_appear_in_same_query!(apps, memberships);
diesel::joinable!(verifications -> enterprises (enterprise_id));
diesel::allow_tables_to_appear_in_same_query!(verifications, enterprises);
diesel::allow_tables_to_appear_in_same_query!(credential_files, verification_files, evidence_files);
