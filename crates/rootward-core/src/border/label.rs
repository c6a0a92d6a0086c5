//! The card that is kept with a token: a page without script that prints on a label. It never holds a secret.

use crate::border::{ReadyView, visible};

/// The card, dated.
pub fn label_card(view: &ReadyView, date: &str) -> String {
    let mut rows = vec![("Token", view.label.clone()), ("Made ready", date.to_owned())];
    if let Some(slot) = &view.slot {
        rows.push(("Slot", format!("{} ({})", slot.slot, slot.slot_name)));
        rows.push(("Key", slot.algorithm.clone()));
        rows.push((
            "Physical key",
            grouped(slot.physical_key.as_deref().unwrap_or("not told")),
        ));
        rows.push(("PIN, touch", format!("{}; {}", slot.pin_policy, slot.touch_policy)));
    }
    if let Some(attestation) = &view.attestation {
        let said = match &attestation.problem {
            None => format!("{}; {}", attestation.held, attestation.verdict),
            Some(problem) => format!("not proven: {}", problem.code),
        };
        rows.push(("Attestation", said));
    }
    if view.slot.is_some() && view.attestation.is_none() {
        rows.push(("Attestation", "none: no module proves where a key was born".to_owned()));
    }
    rows.push(("If it is lost", view.loss.text()));
    let rows = rows
        .iter()
        .map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>\n", escaped(name), escaped(value)));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{title}</title><style>{STYLE}</style></head><body><article><h1>{title}</h1>\n<dl>\n{rows}</dl>\n\
         <p>No PIN and no PUK stands on this card. Keep those apart from the token, and apart from each other.</p>\
         </article></body></html>\n",
        title = escaped(&view.label),
        rows = rows.collect::<String>(),
    )
}

const STYLE: &str = "article{width:86mm;border:1px solid;padding:4mm;font:9pt/1.35 system-ui,sans-serif}\
    h1{font-size:12pt;margin:0 0 2mm}dl{display:grid;grid-template-columns:max-content 1fr;gap:1mm 3mm;margin:0}\
    dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}p{margin:2mm 0 0;font-size:8pt}@media print{@page{margin:10mm}}";

/// `sha256:` and eight groups of eight digits, as people compare them.
fn grouped(physical: &str) -> String {
    let digits: Vec<char> = physical.trim_start_matches("sha256:").chars().collect();
    let groups: Vec<String> = digits.chunks(8).map(|group| group.iter().collect()).collect();
    format!("SHA-256 {}", groups.join(" "))
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for character in visible(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            other => safe.push(other),
        }
    }
    safe
}
