"""The generations of the PostgreSQL password that client stations hold: fingerprints and ledger, never a password."""
