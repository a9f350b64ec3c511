-- An owner closes an enterprise: told among the decisions about it.
ALTER TABLE enterprise_decisions
    DROP CONSTRAINT enterprise_decisions_action_known,
    ADD CONSTRAINT enterprise_decisions_action_known
        CHECK (action IN ('verified', 'rejected', 'suspended', 'restored', 'upheld', 'merged', 'closed'));
