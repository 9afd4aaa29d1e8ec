"""The vault: pseudonym, sampling and signing keys."""
