-- The bureau's roster. Phones and names of people in it serve verification and nothing else.
CREATE TABLE roster_entries (
    uscc text PRIMARY KEY,
    legal_name text NOT NULL,
    -- E.164.
    mobile text,
    contact text,
    -- None: from the command line.
    loaded_by uuid REFERENCES accounts (id),
    loaded_at timestamptz NOT NULL
);
