//! The table of expected verdicts beside the fixtures, row by row: each is held by a test, and a new one by nobody yet.

use super::{expected, fixtures, notary};

/// Which test holds a row, by folder, trusted root and clock; by folder alone where the table has no such columns.
fn holders() -> Vec<(&'static str, fn())> {
    let verdicts: fn() = super::every_real_tuf_repository_gets_its_expected_verdict;
    let sigstore: fn() = super::sigstore_is_walked_from_its_first_root_to_its_fifteenth;
    let clients: fn() =
        super::a_client_that_has_seen_a_later_step_refuses_an_earlier_one_unless_its_key_was_rotated_away;
    let signed: fn() = super::half_signed_roots_are_completed_by_the_signature_that_was_sent_for_them;
    let placeholders: fn() = super::placeholder_signatures_do_not_hinder_reading;
    let states: fn() = notary::every_state_of_the_notary_captures_gets_its_expected_verdict;
    let oldest: fn() = notary::the_oldest_notary_repository_is_read_and_uptane_is_neither_dialect;
    let roots: fn() = expected::every_root_that_can_be_trusted_leads_to_the_same_end;
    let files: fn() = expected::every_captured_file_is_the_target_its_metadata_lists;
    let odd: fn() = expected::a_set_of_files_with_odd_names_is_sound_when_fed_file_by_file;
    let neither: fn() = expected::what_is_of_neither_dialect_is_refused_by_both;
    let attested: fn() = expected::attested_keys_are_the_root_keys_and_chain_to_the_makers_authority;
    vec![
        (
            "real/sigstore-root-signing/metadata | root_history/1, 2, 3.root.json (3 rows) | 2026-08-21T00:00:00Z",
            sigstore,
        ),
        (
            "real/sigstore-root-signing/metadata | root_history/4.root.json | same",
            sigstore,
        ),
        (
            "real/sigstore-root-signing/metadata | root_history/5 .. 11.root.json (7 rows) | same",
            sigstore,
        ),
        (
            "real/sigstore-root-signing/metadata | root_history/12 .. 15.root.json (4 rows) | same",
            sigstore,
        ),
        (
            "real/sigstore-root-signing/metadata | root_history/15.root.json | 2026-08-28T19:25:55Z",
            verdicts,
        ),
        (
            "real/sigstore-root-signing/metadata | root_history/15.root.json | 2026-08-28T19:25:56Z",
            verdicts,
        ),
        (
            "real/sigstore-root-signing/metadata | any | 2026-10-14T00:00:00Z",
            roots,
        ),
        (
            "real/sigstore-root-signing/metadata | any | 2026-11-20T13:58:18Z and later",
            roots,
        ),
        ("real/sigstore-root-signing/targets | - | -", files),
        (
            "real/jku-tuf-demo/metadata | root_history/1, 2.root.json | 2026-08-21T00:00:00Z",
            roots,
        ),
        (
            "real/jku-tuf-demo/metadata | root_history/3, 4, 5.root.json | same",
            roots,
        ),
        (
            "real/jku-tuf-demo/metadata | any | 2026-08-23T19:35:30Z .. 2026-12-04T19:29:47Z",
            roots,
        ),
        (
            "real/jku-tuf-demo/metadata | any | 2026-12-04T19:29:48Z and later",
            roots,
        ),
        (
            "real/tuf-conformance/sigstore-root-signing | initial_root.json (= v12) | 2025-02-09T12:02:08Z (its `faketime`)",
            verdicts,
        ),
        (
            "real/tuf-conformance/sigstore-root-signing | metadata/1 .. 4.root.json | 2025-02-13T00:00:00Z",
            roots,
        ),
        (
            "real/tuf-conformance/sigstore-root-signing | metadata/5 .. 11.root.json | 2025-02-13T00:00:00Z",
            roots,
        ),
        (
            "real/tuf-conformance/sigstore-root-signing | initial_root.json | 2025-02-15T19:20:37Z",
            verdicts,
        ),
        (
            "real/tuf-conformance/tuf-on-ci-0.11 | initial_root.json (v1) | 2025-02-09T09:17:23Z (its `faketime`); also 2026-11-22T00:00:00Z",
            verdicts,
        ),
        (
            "real/tuf-conformance/tuf-on-ci-0.11 | initial_root.json | 2044-08-11T00:00:00Z",
            verdicts,
        ),
        (
            "real/tough-testdata/tuf-reference-impl | metadata/1.root.json | 2026-11-22T00:00:00Z",
            verdicts,
        ),
        (
            "real/tough-testdata/tuf-reference-impl | same | 2030-01-01T00:00:00Z",
            verdicts,
        ),
        (
            "real/tough-testdata/consistent-snapshots | metadata/1.root.json | 2026-11-22T00:00:00Z",
            verdicts,
        ),
        (
            "real/tough-testdata/expired-repository | metadata/1.root.json | 2026-11-22T00:00:00Z",
            verdicts,
        ),
        (
            "real/tough-testdata/expired-repository | same | 1998-12-31T00:00:00Z",
            verdicts,
        ),
        (
            "real/tough-testdata/rotated-root | 1.root.json (expired 1998) | 2026-11-22T00:00:00Z",
            verdicts,
        ),
        (
            "real/tough-testdata/rotated-root | 1 or 2.root.json | 2029-07-27T00:00:00Z",
            roots,
        ),
        (
            "real/tough-testdata/expired-root-json-signature | root.json | any >= 1970-03-30T03:30:30Z",
            roots,
        ),
        (
            "real/tough-testdata/invalid-root-json-signature | root.json | any",
            roots,
        ),
        ("real/tough-testdata/no-root-json-signatures | root.json | any", roots),
        (
            "real/tough-testdata/pem-encoded-ecdsa-sig-keys | root.json | 2022-12-01T00:00:00Z",
            verdicts,
        ),
        (
            "real/tough-testdata/pem-encoded-ecdsa-sig-keys | root.json | >= 2023-04-18T18:13:43Z",
            verdicts,
        ),
        (
            "real/tough-testdata/simple-rsa | root.json | 2026-11-22T00:00:00Z",
            verdicts,
        ),
        ("real/tough-testdata/targets | - | -", files),
        (
            "real/go-tuf/examples/multirepo | client/root.json (= 1.root.json) | 2026-11-22T00:00:00Z",
            verdicts,
        ),
        ("real/go-tuf/examples/multirepo | same | 2034-09-30T11:29:59Z", verdicts),
        (
            "real/go-tuf/.../repository/targets/{staging,sigstore-tuf-root}/root.json | root.json | 2022-12-01T00:00:00Z",
            roots,
        ),
        ("real/go-tuf/.../repository/targets/map.json | - | -", neither),
        (
            "real/python-tuf/repository_data/repository | metadata/1.root.json | 2026-11-22T00:00:00Z",
            verdicts,
        ),
        (
            "real/python-tuf/repository_data/repository | same | 2030-01-01T00:00:00Z",
            verdicts,
        ),
        (
            "real/python-tuf/generated_data/ed25519_metadata | root_with_ed25519.json | 2026-11-22T00:00:00Z",
            odd,
        ),
        (
            "real/rust-tuf-interop/fuchsia-go-tuf-5527fe/consistent-snapshot-false/{0,2,5} | 1.root.json | 2026-11-22T00:00:00Z",
            clients,
        ),
        (
            "real/rust-tuf-interop/fuchsia-go-tuf-transition-M4/consistent-snapshot-false/{0,2,5} | 1.root.json | same",
            clients,
        ),
        (
            "both of the above, one client, order 0 -> 2 -> 5 | state of the step before | same",
            clients,
        ),
        ("same, order 2 -> 0 | state of step 2 | same", clients),
        ("same, order 5 -> 2 or 5 -> 0 | state of step 5 | same", clients),
        (
            "real/rust-tuf-interop/metadata/consistent-snapshot-false/{0,2,5} | 1.root.json | any",
            roots,
        ),
        ("real/rust-tuf-interop/metadata/keys.json | - | -", neither),
        (
            "real/tuf-on-ci/tests/expected/{basic, delegated, online-version-bump, signing-event-creation, target-file-changes, target-files-in-delegated-roles} | 1.root.json | 2021-02-04T00:00:00Z (none expired)",
            placeholders,
        ),
        (
            "real/tuf-on-ci/repo/test/{test_repo1,test_repo2} | root.json | 2021-02-03T12:00:00Z",
            verdicts,
        ),
        ("real/rstuf-cli/root.json | root.json | 2026-11-22T00:00:00Z", verdicts),
        (
            "real/rstuf-cli/root/v1.json, v2.json | itself | 2025-06-01T00:00:00Z",
            verdicts,
        ),
        (
            "real/rstuf-cli/payload/ceremony.json | inner root v1 | 2025-06-01T00:00:00Z",
            signed,
        ),
        (
            "real/rstuf-cli/payload/update.json | ceremony's root v1 | 2025-06-01T00:00:00Z",
            signed,
        ),
        ("real/rstuf-cli/payload/sign.json | - | -", signed),
        (
            "real/sigstore-ceremony/2021-06-18/repository | 1.root.json | 2021-07-01T00:00:00Z",
            verdicts,
        ),
        (
            "real/sigstore-ceremony/2021-06-18/repository | same | 2021-12-18T16:00:00Z",
            verdicts,
        ),
        (
            "real/sigstore-ceremony/2021-06-18/repository | same | 2021-12-18T19:28:13Z and later",
            verdicts,
        ),
        (
            "real/notary/notary0.1/.../samplerepo/metadata | root.json, GUN docker.com/notary0.1/samplerepo | 2026-11-22T00:00:00Z",
            oldest,
        ),
        (
            "real/uptane/samples/.../initial_w_no_update/full_metadata_archive/{director,imagerepo}/metadata | root.json | any",
            neither,
        ),
        (
            "real/uptane/samples/.../initial_w_no_update/director_targets.json | - | any",
            neither,
        ),
        ("real/uptane/samples/sample_*.json | - | -", neither),
        (
            "real/uptane/tests/test_data/{director_metadata,image_repo_metadata}/root.json | - | any",
            neither,
        ),
        (
            "real/uptane/demo, real/uptane/tests/test_data/pinned.json | - | -",
            neither,
        ),
        ("a-fresh, a-fresh-2targets, a-server-snapshot", states),
        ("a-timestamp-rotated, a-targets-rotated", states),
        ("b-delegations-added", states),
        ("b-delegations-signed, b-witness", states),
        ("b-purged", states),
        ("c-rotation-0-before, c-rotation-1-root", states),
        ("c-rotation-3-root", states),
        ("c-rotation-4-targets", states),
        ("d-delegkey-0-delegated", states),
        ("d-delegkey-1-alice-signs", states),
        ("d-delegkey-2-thief", states),
        ("d-delegkey-3-thief-subdelegates", states),
        ("d-delegkey-4-revoked", states),
        (
            "e-targetskey-0-before, e-targetskey-1-thief, e-targetskey-2-rotated, e-targetskey-3-restored",
            states,
        ),
        ("g-docker-1-signer-add", states),
        ("g-docker-2-signed", states),
        ("13078778", attested),
        ("14454335", attested),
        ("14470876", attested),
        ("15938765", attested),
        ("15938791", attested),
    ]
}

#[test]
fn every_row_of_the_table_is_held_by_a_test() {
    let Some(place) = fixtures() else { return };
    let table = std::fs::read_to_string(place.join("EXPECTED.md")).unwrap();
    let holders = holders();
    assert!(holders.iter().all(|(_, holds)| *holds as usize != 0));
    let held: Vec<&str> = holders.iter().map(|(row, _)| *row).collect();
    assert_eq!(rows_of(&table), held);
}

/// The rows of the tables of fixtures; the table of policies before them is what the rows are instances of.
fn rows_of(table: &str) -> Vec<String> {
    let mut rows = Vec::new();
    let (mut header, mut folder): (Vec<&str>, &str) = (Vec::new(), "");
    for line in table.lines() {
        let Some(line) = line.strip_prefix('|') else {
            header.clear();
            continue;
        };
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if header.is_empty() {
            header = cells;
        } else if !matches!(header[0], "folder" | "serial") || cells[0].starts_with("---") {
            continue;
        } else {
            if cells[0] != "same" {
                folder = cells[0];
            }
            let cell = |name: &str| header.iter().position(|title| *title == name).map(|place| cells[place]);
            let more = ["trusted root", "clock"].iter().filter_map(|name| cell(name));
            rows.push([folder].into_iter().chain(more).collect::<Vec<_>>().join(" | "));
        }
    }
    rows
}
