DELETE FROM enterprise_decisions WHERE action = 'closed';
ALTER TABLE enterprise_decisions
    DROP CONSTRAINT enterprise_decisions_action_known,
    ADD CONSTRAINT enterprise_decisions_action_known
        CHECK (action IN ('verified', 'rejected', 'suspended', 'restored', 'upheld', 'merged'));
