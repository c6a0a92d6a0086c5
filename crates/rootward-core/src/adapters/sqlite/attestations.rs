//! What devices said of keys, and added roots, in the vault's tables.

use rusqlite::{Connection, Transaction, params};

use super::moment;
use crate::ports::{AddedRootRecord, Attestation, AttestationRecord};

pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<AttestationRecord>> {
    let mut statement = connection.prepare_cached("SELECT physical, at FROM attestation ORDER BY physical")?;
    let named = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, moment(row, 1)?)))?;
    let named = named.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut records = Vec::new();
    for (physical, at) in named {
        let certificates = "SELECT der FROM attestation_certificate WHERE physical = ?1 ORDER BY place";
        let mut statement = connection.prepare_cached(certificates)?;
        let certificates = statement.query_map([&physical], |row| row.get(0))?;
        let mut certificates = certificates.collect::<rusqlite::Result<Vec<Vec<u8>>>>()?.into_iter();
        let attestation = Attestation {
            slot: certificates.next().unwrap_or_default(),
            device: certificates.next().unwrap_or_default(),
            between: certificates.collect(),
        };
        records.push(AttestationRecord {
            physical,
            attestation,
            at,
        });
    }
    Ok(records)
}

pub(super) fn save(transaction: &Transaction<'_>, record: &AttestationRecord) -> rusqlite::Result<()> {
    // What hangs on it goes with it.
    transaction.execute("DELETE FROM attestation WHERE physical = ?1", [&record.physical])?;
    transaction.execute(
        "INSERT INTO attestation (physical, at) VALUES (?1, ?2)",
        [&record.physical, &record.at.to_string()],
    )?;
    let attestation = &record.attestation;
    let certificates = [&attestation.slot, &attestation.device]
        .into_iter()
        .chain(&attestation.between);
    let mut insert =
        transaction.prepare_cached("INSERT INTO attestation_certificate (physical, place, der) VALUES (?1, ?2, ?3)")?;
    for (place, der) in certificates.enumerate() {
        insert.execute(params![record.physical, place, der])?;
    }
    Ok(())
}

pub(super) fn roots(connection: &Connection) -> rusqlite::Result<Vec<AddedRootRecord>> {
    let mut statement = connection.prepare_cached("SELECT bytes, sha256, at FROM added_root ORDER BY at, sha256")?;
    let roots = statement.query_map([], |row| {
        Ok(AddedRootRecord {
            bytes: row.get(0)?,
            sha256: row.get(1)?,
            at: moment(row, 2)?,
        })
    })?;
    roots.collect()
}

pub(super) fn add_root(transaction: &Transaction<'_>, root: &AddedRootRecord) -> rusqlite::Result<()> {
    let insert = "INSERT INTO added_root (sha256, bytes, at) VALUES (?1, ?2, ?3)
                  ON CONFLICT (sha256) DO UPDATE SET bytes = ?2";
    let added = transaction.execute(insert, params![root.sha256, root.bytes, root.at.to_string()]);
    added.map(drop)
}

pub(super) fn forget_root(transaction: &Transaction<'_>, sha256: &[u8; 32]) -> rusqlite::Result<()> {
    let forgotten = transaction.execute("DELETE FROM added_root WHERE sha256 = ?1", [sha256]);
    forgotten.map(drop)
}

#[cfg(test)]
mod tests {
    use crate::adapters::SqliteVault;
    use crate::ports::{AddedRootRecord, Attestation, AttestationRecord, Instant, Vault};

    fn record(physical: &str, between: &[&[u8]]) -> AttestationRecord {
        AttestationRecord {
            physical: physical.into(),
            attestation: Attestation {
                slot: b"key".to_vec(),
                device: b"device".to_vec(),
                between: between.iter().map(|der| der.to_vec()).collect(),
            },
            at: Instant::parse("2026-11-23T10:00:00Z").expect("a moment"),
        }
    }

    #[test]
    fn what_devices_said_and_added_roots_are_there_after_opening_again() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("desk.sqlite");
        let root = |sha256: u8, minute: u8| AddedRootRecord {
            bytes: vec![sha256],
            sha256: [sha256; 32],
            at: Instant::parse(&format!("2026-11-23T10:0{minute}:00Z")).expect("a moment"),
        };
        let vault = SqliteVault::open(&path).expect("a vault");
        vault
            .save_attestation(&record("sha256:b", &[b"one", b"two"]))
            .expect("kept");
        vault.save_attestation(&record("sha256:a", &[])).expect("kept");
        vault
            .save_attestation(&record("sha256:b", &[b"other"]))
            .expect("replaced");
        vault.add_root(&root(9, 1)).expect("added");
        vault.add_root(&root(1, 2)).expect("added");
        vault.add_root(&root(9, 3)).expect("added before");
        drop(vault);
        let vault = SqliteVault::open(&path).expect("a vault");
        let kept = vault.attestations().expect("attestations");
        assert_eq!(kept, [record("sha256:a", &[]), record("sha256:b", &[b"other"])]);
        assert_eq!(vault.added_roots().expect("roots"), [root(9, 1), root(1, 2)]);
        vault.forget_root(&[9; 32]).expect("forgotten");
        vault.forget_root(&[7; 32]).expect("an unknown one is fine");
        assert_eq!(vault.added_roots().expect("roots"), [root(1, 2)]);
    }
}
