-- What the desk remembers. Moments are RFC 3339 text, documents are the bytes as read.

CREATE TABLE repository (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    source        TEXT NOT NULL, -- JSON
    practice      INTEGER NOT NULL,
    registered_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE anchor (
    repository TEXT PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE,
    how        TEXT NOT NULL, -- JSON
    version    INTEGER NOT NULL,
    sha256     BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    at         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE proven_root (
    repository TEXT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    version    INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (repository, version)
) STRICT;

CREATE TABLE proven_document (
    repository TEXT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    role       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (repository, role)
) STRICT;

CREATE TABLE last_read (
    repository TEXT PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE,
    at         TEXT,
    failure    TEXT, -- JSON
    walked_at  TEXT,
    first_root INTEGER,
    last_root  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE last_document (
    repository TEXT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    name       TEXT NOT NULL, -- `role` or `N.root`
    bytes      BLOB NOT NULL,
    PRIMARY KEY (repository, name)
) STRICT;

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
