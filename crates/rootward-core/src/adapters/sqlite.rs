//! The vault: one SQLite file in the data folder.
//!
//! Write-ahead log, `synchronous=FULL`, foreign keys. Migrations are SQL files counted by `user_version`; a file made by
//! a newer program is refused, never guessed at.

mod attestations;

use std::{
    any::Any,
    fs::OpenOptions,
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rootward_tuf::{Instant, RoleName};
use rusqlite::{
    Connection, OptionalExtension, Row, Transaction, params,
    types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::ports::{
    AddedRootRecord, AnchorRecord, AttestationRecord, Failure, LastRead, Proven, RepositoryRecord, Vault,
    claimed_version,
};

/// Each raises `user_version` by one.
const MIGRATIONS: [&str; 3] = [
    include_str!("sqlite/migrations/001-first.sql"),
    include_str!("sqlite/migrations/002-versions.sql"),
    include_str!("sqlite/migrations/003-attestations.sql"),
];

/// The desk's memory in an SQLite file.
pub struct SqliteVault {
    connection: Mutex<Connection>,
    /// Let go of with the vault.
    held: Vec<Box<dyn Any + Send + Sync>>,
}

impl SqliteVault {
    /// Opens the file, makes it with mode 0600 when it is absent, and brings its tables up to date.
    ///
    /// Fails with `data-folder-newer` when a newer program made it and with `data-folder-unusable` when it is no
    /// database.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let unusable = |error: &dyn std::fmt::Display| {
            Failure::fault(
                "data-folder-unusable",
                format!("the desk's database cannot be opened: {error}"),
            )
            .with("file", path.display().to_string())
        };
        make_private(path).map_err(|error| unusable(&error))?;
        let mut connection = Connection::open(path).map_err(|error| unusable(&error))?;
        let found = prepare(&connection).map_err(|error| unusable(&error))?;
        let Some(missing) = usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found..)) else {
            let newest = MIGRATIONS.len();
            return Err(Failure::fault(
                "data-folder-newer",
                format!("the data folder was made by a newer program: its tables are version {found}, expected at most {newest}"),
            )
            .with("file", path.display().to_string()));
        };
        migrate(&mut connection, found, missing).map_err(|error| unusable(&error))?;
        Ok(SqliteVault {
            connection: Mutex::new(connection),
            held: Vec::new(),
        })
    }

    /// Keeps something, such as the data folder's lock, for as long as the vault is open.
    pub fn holding(mut self, held: impl Any + Send + Sync) -> Self {
        self.held.push(Box::new(held));
        self
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction that was left by a panic has been rolled back when it was dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Failure> {
        read(&self.connection()).map_err(failed)
    }

    fn write(&self, write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>) -> Result<(), Failure> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(failed)?;
        write(&transaction).and_then(|()| transaction.commit()).map_err(failed)
    }
}

impl Vault for SqliteVault {
    fn repositories(&self) -> Result<Vec<RepositoryRecord>, Failure> {
        self.read(|connection| {
            let columns = "SELECT id, name, source, practice, registered_at FROM repository ORDER BY name, id";
            let mut statement = connection.prepare_cached(columns)?;
            let records = statement.query_map([], |row| {
                Ok(RepositoryRecord {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    source: json(row, 2)?,
                    practice: row.get(3)?,
                    registered_at: moment(row, 4)?,
                })
            })?;
            records.collect()
        })
    }

    fn save_repository(&self, record: &RepositoryRecord) -> Result<(), Failure> {
        let source = to_json(&record.source)?;
        self.write(|transaction| {
            let registered_at = record.registered_at.to_string();
            // No REPLACE: it would delete the row, and with it whatever belongs to it.
            transaction.execute(
                "INSERT INTO repository (id, name, source, practice, registered_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET name = ?2, source = ?3, practice = ?4, registered_at = ?5",
                params![record.id, record.name, source, record.practice, registered_at],
            )?;
            Ok(())
        })
    }

    fn forget(&self, id: &str) -> Result<(), Failure> {
        self.write(|transaction| {
            transaction
                .execute("DELETE FROM repository WHERE id = ?1", [id])
                .map(drop)
        })
    }

    fn anchor(&self, id: &str) -> Result<Option<AnchorRecord>, Failure> {
        self.read(|connection| {
            let columns = "SELECT how, version, sha256, bytes, at FROM anchor WHERE repository = ?1";
            let anchor = connection.prepare_cached(columns)?.query_row([id], |row| {
                Ok(AnchorRecord {
                    how: json(row, 0)?,
                    version: row.get::<_, Version>(1)?.0,
                    sha256: row.get(2)?,
                    bytes: row.get(3)?,
                    at: moment(row, 4)?,
                })
            });
            anchor.optional()
        })
    }

    fn set_anchor(&self, id: &str, anchor: &AnchorRecord) -> Result<(), Failure> {
        let how = to_json(&anchor.how)?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO anchor (repository, how, version, sha256, bytes, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    id,
                    how,
                    Version(anchor.version),
                    anchor.sha256,
                    anchor.bytes,
                    anchor.at.to_string()
                ],
            )?;
            Ok(())
        })
    }

    fn proven(&self, id: &str) -> Result<Proven, Failure> {
        self.read(|connection| {
            let roots = "SELECT version, bytes FROM proven_root WHERE repository = ?1 ORDER BY version";
            let documents = "SELECT role, bytes FROM proven_document WHERE repository = ?1 ORDER BY role";
            Ok(Proven {
                roots: pairs::<Version>(connection, roots, id)?
                    .into_iter()
                    .map(|(version, bytes)| (version.0, bytes))
                    .collect(),
                documents: pairs::<String>(connection, documents, id)?
                    .into_iter()
                    .filter_map(|(role, bytes)| Some((RoleName::new(role).ok()?, bytes)))
                    .collect(),
                forget: Vec::new(),
            })
        })
    }

    fn keep(&self, id: &str, proven: &Proven) -> Result<(), Failure> {
        let mut documents = Vec::new();
        for (role, bytes) in &proven.documents {
            let version = claimed_version(bytes).ok_or_else(|| {
                Failure::fault(
                    "disk-failed",
                    format!("expected a version in the document of {role} to be kept"),
                )
            })?;
            documents.push((role.as_str(), version, bytes));
        }
        self.write(|transaction| {
            let newest = "SELECT max(version) FROM proven_root WHERE repository = ?1";
            let newest: Option<Version> = transaction.query_row(newest, [id], |row| row.get(0))?;
            let may_lower = proven
                .roots
                .iter()
                .any(|(version, _)| newest.is_some_and(|newest| *version > newest.0))
                || !proven.forget.is_empty();
            for role in &proven.forget {
                transaction.execute(
                    "DELETE FROM proven_document WHERE repository = ?1 AND role = ?2",
                    params![id, role.as_str()],
                )?;
            }
            for (version, bytes) in &proven.roots {
                transaction.execute(
                    "INSERT INTO proven_root (repository, version, bytes) VALUES (?1, ?2, ?3)
                     ON CONFLICT (repository, version) DO UPDATE SET bytes = ?3",
                    params![id, Version(*version), bytes],
                )?;
            }
            for (role, version, bytes) in documents {
                transaction.execute(
                    "INSERT INTO proven_document (repository, role, version, bytes) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (repository, role) DO UPDATE SET version = ?3, bytes = ?4 WHERE version <= ?3 OR ?5",
                    params![id, role, Version(version), bytes, may_lower],
                )?;
            }
            Ok(())
        })
    }

    fn last_read(&self, id: &str) -> Result<LastRead, Failure> {
        self.read(|connection| {
            let columns = "SELECT at, failure, walked_at, first_root, last_root FROM last_read WHERE repository = ?1";
            let read = connection.prepare_cached(columns)?.query_row([id], |row| {
                Ok(LastRead {
                    at: some(row, 0, moment)?,
                    failure: some(row, 1, json)?,
                    documents: Vec::new(),
                    walked: match some(row, 2, moment)? {
                        Some(at) => Some((at, row.get::<_, Version>(3)?.0, row.get::<_, Version>(4)?.0)),
                        None => None,
                    },
                })
            });
            let documents = "SELECT name, bytes FROM last_document WHERE repository = ?1 ORDER BY name";
            Ok(LastRead {
                documents: pairs(connection, documents, id)?,
                ..read.optional()?.unwrap_or_default()
            })
        })
    }

    fn save_last_read(&self, id: &str, read: &LastRead) -> Result<(), Failure> {
        let failure = read.failure.as_ref().map(to_json).transpose()?;
        self.write(|transaction| {
            let walked = read.walked.as_ref();
            transaction.execute(
                "INSERT OR REPLACE INTO last_read (repository, at, failure, walked_at, first_root, last_root)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    id,
                    read.at.map(|at| at.to_string()),
                    failure,
                    walked.map(|(at, ..)| at.to_string()),
                    walked.map(|(_, first, _)| Version(*first)),
                    walked.map(|(.., last)| Version(*last)),
                ],
            )?;
            transaction.execute("DELETE FROM last_document WHERE repository = ?1", [id])?;
            let mut insert = transaction
                .prepare_cached("INSERT OR REPLACE INTO last_document (repository, name, bytes) VALUES (?1, ?2, ?3)")?;
            for (name, bytes) in &read.documents {
                insert.execute(params![id, name, bytes])?;
            }
            Ok(())
        })
    }

    fn attestations(&self) -> Result<Vec<AttestationRecord>, Failure> {
        self.read(attestations::all)
    }

    fn save_attestation(&self, record: &AttestationRecord) -> Result<(), Failure> {
        self.write(|transaction| attestations::save(transaction, record))
    }

    fn added_roots(&self) -> Result<Vec<AddedRootRecord>, Failure> {
        self.read(attestations::roots)
    }

    fn add_root(&self, root: &AddedRootRecord) -> Result<(), Failure> {
        self.write(|transaction| attestations::add_root(transaction, root))
    }

    fn forget_root(&self, sha256: &[u8; 32]) -> Result<(), Failure> {
        self.write(|transaction| attestations::forget_root(transaction, sha256))
    }

    fn setting(&self, name: &str) -> Result<Option<String>, Failure> {
        self.read(|connection| {
            let value = "SELECT value FROM setting WHERE name = ?1";
            connection
                .prepare_cached(value)?
                .query_row([name], |row| row.get(0))
                .optional()
        })
    }

    fn set_setting(&self, name: &str, value: &str) -> Result<(), Failure> {
        self.write(|transaction| {
            let set = "INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)";
            transaction.execute(set, [name, value]).map(drop)
        })
    }
}

/// A version as the tables hold it: eight bytes, highest first, because SQLite's integers have a sign.
#[derive(Clone, Copy)]
struct Version(u64);

impl ToSql for Version {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.to_be_bytes().to_vec()))
    }
}

impl FromSql for Version {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 8]>::column_result(value).map(|bytes| Version(u64::from_be_bytes(bytes)))
    }
}

/// SQLite gives its log and shared memory the mode of the file, so the file is made first.
fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

/// Sets the connection up and tells the version of its tables.
fn prepare(connection: &Connection) -> rusqlite::Result<i64> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Views and triggers of a file somebody else wrote may not call functions.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn migrate(connection: &mut Connection, found: i64, missing: &[&str]) -> rusqlite::Result<()> {
    for (version, migration) in (found + 1..).zip(missing) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

fn pairs<T: FromSql>(connection: &Connection, columns: &str, id: &str) -> rusqlite::Result<Vec<(T, Vec<u8>)>> {
    let mut statement = connection.prepare_cached(columns)?;
    let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn some<T>(
    row: &Row<'_>,
    column: usize,
    read: fn(&Row<'_>, usize) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    if row.get_ref(column)? == ValueRef::Null {
        return Ok(None);
    }
    read(row, column).map(Some)
}

fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Instant> {
    let text: String = row.get(column)?;
    Instant::parse(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::fault("disk-failed", error.to_string()))
}

fn failed(error: rusqlite::Error) -> Failure {
    Failure::fault("disk-failed", format!("the desk's database failed: {error}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::ports::{AnchorHow, SourceSpec};

    fn now() -> Instant {
        Instant::parse("2026-11-22T10:00:00.5Z").unwrap()
    }

    fn record(id: &str) -> RepositoryRecord {
        RepositoryRecord {
            id: id.into(),
            name: format!("name of {id}"),
            source: SourceSpec::Folder {
                path: "/a".into(),
                gun: None,
            },
            practice: true,
            registered_at: now(),
        }
    }

    fn document(version: u64, note: &str) -> Vec<u8> {
        format!(r#"{{"signed":{{"version":{version}}},"note":"{note}"}}"#).into_bytes()
    }

    fn targets(bytes: Vec<u8>) -> Proven {
        Proven {
            roots: vec![(1, document(1, "root"))],
            documents: vec![(RoleName::targets(), bytes)],
            forget: Vec::new(),
        }
    }

    #[test]
    fn what_was_saved_is_there_after_opening_again() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("desk.sqlite");
        let vault = SqliteVault::open(&path).unwrap();
        let anchor = AnchorRecord {
            how: AnchorHow::FirstUse,
            version: 3,
            sha256: [7; 32],
            bytes: b"root".to_vec(),
            at: now(),
        };
        let read = LastRead {
            at: Some(now()),
            failure: Some(Failure::fault("network-failed", "why").with("host", "h")),
            documents: vec![("1.root".into(), b"a".to_vec()), ("targets".into(), b"b".to_vec())],
            walked: Some((now(), 1, 3)),
        };
        vault.save_repository(&record("b")).unwrap();
        vault.save_repository(&record("a")).unwrap();
        vault.set_anchor("a", &anchor).unwrap();
        vault.save_last_read("a", &read).unwrap();
        vault.keep("a", &targets(document(1, ""))).unwrap();
        vault.set_setting("limits", "{}").unwrap();
        // Saving again changes the record and keeps what belongs to it.
        vault.save_repository(&record("a")).unwrap();
        drop(vault);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);

        let vault = SqliteVault::open(&path).unwrap();
        assert_eq!(vault.repositories().unwrap(), [record("a"), record("b")]);
        assert_eq!(vault.anchor("a").unwrap(), Some(anchor));
        assert_eq!(vault.last_read("a").unwrap(), read);
        assert_eq!(vault.last_read("b").unwrap(), LastRead::default());
        assert_eq!(vault.proven("a").unwrap(), targets(document(1, "")));
        assert_eq!(vault.setting("limits").unwrap().as_deref(), Some("{}"));
        vault.forget("a").unwrap();
        assert_eq!(vault.proven("a").unwrap(), Proven::default());
        assert_eq!(
            (vault.anchor("a").unwrap(), vault.repositories().unwrap().len()),
            (None, 1)
        );
    }

    #[test]
    fn a_version_is_lowered_only_together_with_a_newer_root() {
        let place = tempfile::tempdir().unwrap();
        let vault = SqliteVault::open(&place.path().join("desk.sqlite")).unwrap();
        vault.save_repository(&record("a")).unwrap();
        for (given, kept) in [(4, "4"), (3, "4"), (5, "5")] {
            vault.keep("a", &targets(document(given, &given.to_string()))).unwrap();
            let proven = vault.proven("a").unwrap();
            assert_eq!(proven.documents[0].1, document(kept.parse().unwrap(), kept));
        }
        let with_root = |root: u64, version: u64| Proven {
            roots: vec![(root, document(root, "root"))],
            documents: vec![(RoleName::timestamp(), document(version, ""))],
            forget: Vec::new(),
        };
        for (root, given, kept) in [(1, 9, 9), (1, 2, 9), (2, 2, 2), (2, 1, 2)] {
            vault.keep("a", &with_root(root, given)).unwrap();
            let proven = vault.proven("a").unwrap();
            let timestamp = proven
                .documents
                .iter()
                .find(|(role, _)| *role == RoleName::timestamp())
                .unwrap();
            assert_eq!(timestamp.1, document(kept, ""), "root {root}, version {given}");
        }
        // A root that came alone had the timestamp forgotten: it may begin anew, and so may what was lowered with it.
        let alone = Proven {
            forget: vec![RoleName::timestamp()],
            ..Proven::default()
        };
        vault.keep("a", &alone).unwrap();
        assert_eq!(vault.proven("a").unwrap().documents.len(), 1);
        vault.keep("a", &with_root(2, 1)).unwrap();
        assert_eq!(vault.proven("a").unwrap().documents[1].1, document(1, ""));
        vault.keep("a", &targets(document(5, "same version"))).unwrap();
        assert_eq!(vault.proven("a").unwrap().documents[0].1, document(5, "same version"));
        assert_eq!(
            vault.keep("a", &targets(b"no version".to_vec())).unwrap_err().code,
            "disk-failed"
        );
        assert_eq!(
            vault.keep("unknown", &targets(document(1, ""))).unwrap_err().code,
            "disk-failed"
        );
    }

    #[test]
    fn versions_beyond_what_sqlite_counts_to_are_kept_and_compared() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("desk.sqlite");
        let vault = SqliteVault::open(&path).unwrap();
        vault.save_repository(&record("a")).unwrap();
        let highest = u64::MAX;
        for (given, kept) in [
            (highest - 1, highest - 1),
            (7, highest - 1),
            (highest, highest),
            (1 << 63, highest),
        ] {
            vault.keep("a", &targets(document(given, ""))).unwrap();
            assert_eq!(vault.proven("a").unwrap().documents[0].1, document(kept, ""));
        }
        let read = LastRead {
            walked: Some((now(), 1, highest)),
            ..LastRead::default()
        };
        vault.save_last_read("a", &read).unwrap();
        assert_eq!(vault.last_read("a").unwrap(), read);
    }

    #[test]
    fn versions_kept_by_the_first_tables_are_carried_over() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("desk.sqlite");
        let first = Connection::open(&path).unwrap();
        first.execute_batch(MIGRATIONS[0]).unwrap();
        first.pragma_update(None, "user_version", 1).unwrap();
        first
            .execute_batch(
                r#"INSERT INTO repository VALUES ('a', 'A', '{"kind":"folder","path":"/a","gun":null}', 0, '2026-11-22T10:00:00Z');
                   INSERT INTO anchor VALUES ('a', '"first-use"', 3, zeroblob(32), x'00', '2026-11-22T10:00:00Z');
                   INSERT INTO proven_root VALUES ('a', 3, x'01'), ('a', 256, x'02');
                   INSERT INTO proven_document VALUES ('a', 'targets', 300, x'03');
                   INSERT INTO last_read VALUES ('a', NULL, NULL, '2026-11-22T10:00:00Z', 1, 256);"#,
            )
            .unwrap();
        drop(first);
        let vault = SqliteVault::open(&path).unwrap();
        assert_eq!(vault.anchor("a").unwrap().unwrap().version, 3);
        assert_eq!(vault.proven("a").unwrap().roots, [(3, vec![1]), (256, vec![2])]);
        let walked = vault.last_read("a").unwrap().walked.unwrap();
        assert_eq!((walked.1, walked.2), (1, 256));
        vault.keep("a", &targets(document(299, ""))).unwrap();
        assert_eq!(vault.proven("a").unwrap().documents[0].1, [3]);
        vault.forget("a").unwrap();
        assert_eq!(vault.proven("a").unwrap(), Proven::default());
    }

    #[test]
    fn a_newer_or_broken_file_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("desk.sqlite");
        drop(SqliteVault::open(&path).unwrap());
        let newer = Connection::open(&path).unwrap();
        for (version, code) in [(99, "data-folder-newer"), (-1, "data-folder-newer")] {
            newer.pragma_update(None, "user_version", version).unwrap();
            assert_eq!(SqliteVault::open(&path).err().unwrap().code, code);
        }
        drop(newer);
        let broken = place.path().join("broken");
        std::fs::write(&broken, [b'x'; 4096]).unwrap();
        assert_eq!(SqliteVault::open(&broken).err().unwrap().code, "data-folder-unusable");
    }
}
