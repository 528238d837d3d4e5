"""How it is decided whether a change of settings made anything better: pure, and replayable from the ledger."""
