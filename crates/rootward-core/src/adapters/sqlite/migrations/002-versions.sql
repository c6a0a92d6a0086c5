-- Versions are 64 bits without a sign, which SQLite's integers cannot hold: eight bytes, highest first, compare as numbers do.

CREATE TABLE new_anchor (
    repository TEXT PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE,
    how        TEXT NOT NULL, -- JSON
    version    BLOB NOT NULL,
    sha256     BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    at         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_anchor SELECT repository, how, unhex(printf('%016X', version)), sha256, bytes, at FROM anchor;
DROP TABLE anchor;
ALTER TABLE new_anchor RENAME TO anchor;

CREATE TABLE new_proven_root (
    repository TEXT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    version    BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (repository, version)
) STRICT;
INSERT INTO new_proven_root SELECT repository, unhex(printf('%016X', version)), bytes FROM proven_root;
DROP TABLE proven_root;
ALTER TABLE new_proven_root RENAME TO proven_root;

CREATE TABLE new_proven_document (
    repository TEXT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    role       TEXT NOT NULL,
    version    BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (repository, role)
) STRICT;
INSERT INTO new_proven_document SELECT repository, role, unhex(printf('%016X', version)), bytes FROM proven_document;
DROP TABLE proven_document;
ALTER TABLE new_proven_document RENAME TO proven_document;

CREATE TABLE new_last_read (
    repository TEXT PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE,
    at         TEXT,
    failure    TEXT, -- JSON
    walked_at  TEXT,
    first_root BLOB,
    last_root  BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO new_last_read
    SELECT repository, at, failure, walked_at,
           CASE WHEN first_root IS NULL THEN NULL ELSE unhex(printf('%016X', first_root)) END,
           CASE WHEN last_root IS NULL THEN NULL ELSE unhex(printf('%016X', last_root)) END
    FROM last_read;
DROP TABLE last_read;
ALTER TABLE new_last_read RENAME TO last_read;
