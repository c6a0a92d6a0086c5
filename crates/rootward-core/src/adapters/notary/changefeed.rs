//! Which GUNs there are: Notary has no list, but its changefeed names every GUN that was ever changed.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Notary, answers};
use crate::{adapters::web::answered, ports::Failure};

/// Records asked for at once.
const PAGE: usize = 100;
/// Pages read at most: a server that never ends must not be followed for ever.
const PAGES: usize = 10_000;

#[derive(Deserialize)]
struct Page {
    // Null when nothing has happened since.
    records: Option<Vec<Record>>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "GUN")]
    gun: String,
    #[serde(rename = "Category")]
    category: String,
}

/// GUNs that were updated and not deleted since, sorted.
pub(super) async fn guns(server: &Notary) -> Result<Vec<String>, Failure> {
    let mut guns = BTreeSet::new();
    let mut last = "0".to_owned();
    for _ in 0..PAGES {
        let records = page(server, &last).await?;
        let is_last = records.len() < PAGE;
        let Some(newest) = records.last().map(|record| record.id.clone()) else {
            break;
        };
        if newest == last {
            break;
        }
        replay(&mut guns, records);
        if is_last {
            break;
        }
        last = newest;
    }
    Ok(guns.into_iter().collect())
}

/// Records come oldest first.
fn replay(guns: &mut BTreeSet<String>, records: Vec<Record>) {
    for Record { gun, category, .. } in records {
        if category == "deletion" {
            guns.remove(&gun);
        } else {
            guns.insert(gun);
        }
    }
}

async fn page(server: &Notary, after: &str) -> Result<Vec<Record>, Failure> {
    let mut url = server.base.join("v2/_trust/changefeed").map_err(|error| {
        Failure::fault(
            "bad-source",
            format!("{} cannot be a Notary server: {error}", server.base),
        )
    })?;
    url.query_pairs_mut()
        .append_pair("records", &PAGE.to_string())
        .append_pair("change_id", after);
    let answer = server.get(&url, server.page_bytes).await?;
    if answer.status != 200 {
        return Err(answers::failure(&answer));
    }
    let page: Page = serde_json::from_slice(&answer.body).map_err(|error| {
        answered(
            &answer,
            &format!("expected a page of its changefeed, got something else ({error})"),
        )
    })?;
    Ok(page.records.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_gun_is_gone_until_it_comes_back() {
        let feed = [
            ("a", "update"),
            ("b", "update"),
            ("a", "deletion"),
            ("c", "update"),
            ("c", "deletion"),
            ("c", "update"),
            ("never", "deletion"),
        ];
        let records = feed.map(|(gun, category)| Record {
            id: "1".into(),
            gun: gun.into(),
            category: category.into(),
        });
        let mut guns = BTreeSet::new();
        replay(&mut guns, records.into());
        assert_eq!(guns.into_iter().collect::<Vec<_>>(), ["b", "c"]);
    }
}
