-- What devices said of keys, as it was handed in, and roots that somebody added here to vouch for devices.

CREATE TABLE attestation (
    physical TEXT PRIMARY KEY, -- `sha256:…` of the key
    at       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attestation_certificate (
    physical TEXT NOT NULL REFERENCES attestation (physical) ON DELETE CASCADE,
    place    INTEGER NOT NULL, -- 0 the key's, 1 the device's, others after them
    der      BLOB NOT NULL,
    PRIMARY KEY (physical, place)
) STRICT;

CREATE TABLE added_root (
    sha256 BLOB PRIMARY KEY, -- of the root's DER
    bytes  BLOB NOT NULL,    -- PEM or DER as given
    at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
