//! Reports as text for people: trees with lines, and every hidden character made visible.

use std::io::{self, Write};

use rootward_core::border::{
    AnchorHow, DialectView, Failure, HistoryReport, KeyReport, NodeReport, TreeReport, VersionReport, counted, visible,
};

/// Text from outside as it may be shown.
pub fn shown(text: &str) -> String {
    visible(text)
}

/// A failure and its facts, on stderr.
pub fn failure(failure: &Failure, err: &mut dyn Write) -> io::Result<()> {
    writeln!(err, "rootwardctl: {} ({})", shown(&failure.message), failure.code)?;
    for (name, value) in &failure.details {
        writeln!(err, "  {name}: {}", shown(value))?;
    }
    Ok(())
}

/// A tree or a verdict. `now` is the clock that standings were judged by.
pub fn tree(report: &TreeReport, now: impl Fn(&str) -> Option<i32>) -> String {
    let mut lines = vec![
        format!("{} at {}", dialect(report.dialect), shown(&report.source)),
        format!("standing  {}, checked {}", report.standing.as_str(), report.at),
        format!("trust     {}", trust(report.anchor)),
    ];
    if let Some(gun) = &report.gun {
        lines.insert(1, format!("name      {}", shown(gun)));
    }
    if let (Some(accepted), Some(versions)) = (report.accepted, &report.root_versions) {
        lines.push(match (versions.first(), versions.last()) {
            (Some(first), Some(last)) if first == last => format!("walked    root v{first}"),
            (Some(first), Some(last)) => format!("walked    root v{first} to v{last}"),
            _ => "walked    nothing".to_owned(),
        });
        lines.push(format!("verdict   {}", if accepted { "accepted" } else { "refused" }));
    }
    lines.push(String::new());
    let mut rows = Vec::new();
    for (place, node) in report.nodes.iter().enumerate() {
        branch(node, "", place + 1 == report.nodes.len(), &now, &mut rows);
    }
    lines.extend(align(rows));
    lines.join("\n")
}

/// All root versions and what each changed.
pub fn history(report: &HistoryReport) -> String {
    let mut lines = vec![format!("{} at {}", dialect(report.dialect), shown(&report.source))];
    for version in &report.versions {
        lines.push(String::new());
        lines.push(format!(
            "root v{}  {} of {} needed, until {}",
            version.version,
            version.threshold,
            counted(version.keys.len() as u64, "key"),
            shown(&version.expires)
        ));
        lines.push(format!("  sha256 {}", version.sha256));
        lines.push(format!("  {}", descent(version)));
        for difference in &version.differences {
            lines.push(format!("  · {}", difference.sentence));
        }
        if version.compared_with.is_some() && version.differences.is_empty() {
            lines.push("  · nothing changed but version and signatures".to_owned());
        }
    }
    lines.join("\n")
}

/// A line of the tree: what stands left, and columns to be aligned; or a remark below a node.
enum Row {
    Node { left: String, columns: [String; 3] },
    Remark(String),
}

fn branch(node: &NodeReport, indent: &str, is_last: bool, now: &impl Fn(&str) -> Option<i32>, rows: &mut Vec<Row>) {
    let version = node
        .version
        .map_or_else(|| "–".to_owned(), |version| format!("v{version}"));
    let end = node.expires.as_deref().map_or_else(String::new, |expires| {
        format!("until {}{}", shown(expires), now(expires).map(left).unwrap_or_default())
    });
    rows.push(Row::Node {
        left: format!(
            "{indent}{} {} {version}",
            if is_last { "└─" } else { "├─" },
            shown(&node.role)
        ),
        columns: [node.standing.as_str().to_owned(), signatures(node), end],
    });
    let inner = format!("{indent}{}", if is_last { "   " } else { "│  " });
    let below = if node.children.is_empty() { "   " } else { "│  " };
    for finding in &node.findings {
        let mark = if finding.severity == "info" { "·" } else { "!" };
        rows.push(Row::Remark(format!("{inner}{below}{mark} {}", finding.message)));
    }
    let paths = node
        .paths
        .iter()
        .chain(&node.path_hash_prefixes)
        .map(|path| format!("\"{}\"", shown(path)));
    let paths: Vec<String> = paths.take(4).collect();
    if !paths.is_empty() {
        let more = (node.paths.len() + node.path_hash_prefixes.len()).saturating_sub(paths.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let stop = if node.terminating { ", terminating" } else { "" };
        rows.push(Row::Remark(format!(
            "{inner}{below}for {}{more}{stop}",
            paths.join(", ")
        )));
    }
    for (place, child) in node.children.iter().enumerate() {
        branch(child, &inner, place + 1 == node.children.len(), now, rows);
    }
}

fn align(rows: Vec<Row>) -> Vec<String> {
    let width = |text: &str| text.chars().count();
    // One very long name must not push everything else off the screen.
    let widest = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).filter(|width| *width <= 60).max().unwrap_or(0);
    let left = widest(&|row| match row {
        Row::Node { left, .. } => width(left),
        Row::Remark(_) => 0,
    });
    let column = |place: usize| {
        widest(&|row| match row {
            Row::Node { columns, .. } => width(&columns[place]),
            Row::Remark(_) => 0,
        })
    };
    let (first, second) = (column(0), column(1));
    let lines = rows.iter().map(|row| match row {
        Row::Node { left: text, columns } => {
            let line = format!(
                "{text:left$}  {:first$}  {:second$}  {}",
                columns[0], columns[1], columns[2]
            );
            line.trim_end().to_owned()
        }
        Row::Remark(text) => text.clone(),
    });
    lines.collect()
}

fn signatures(node: &NodeReport) -> String {
    match (node.version, node.threshold) {
        (None, 0) => String::new(),
        (None, needed) => format!("{needed} needed"),
        (Some(_), needed) => format!("{} of {needed}", node.valid_signatures),
    }
}

fn left(days: i32) -> String {
    match days {
        0 => " (today)".to_owned(),
        days if days < 0 => format!(" ({} ago)", counted(u64::from(days.unsigned_abs()), "day")),
        days => format!(" (in {})", counted(u64::from(days.unsigned_abs()), "day")),
    }
}

fn dialect(dialect: DialectView) -> &'static str {
    match dialect {
        DialectView::Tuf1 => "TUF repository",
        DialectView::Notary => "Notary repository",
    }
}

fn trust(anchor: Option<AnchorHow>) -> &'static str {
    match anchor {
        None => "none: nobody vouches for a root, so nothing here is proven",
        Some(AnchorHow::Given) => "a root file given now",
        Some(AnchorHow::Pinned) => "a pinned root",
        Some(AnchorHow::Stored) => "the root this desk trusts already",
        Some(AnchorHow::FirstUse) => "first use: the root was taken on faith",
    }
}

fn descent(version: &VersionReport) -> String {
    let signed: Vec<&KeyReport> = version.keys.iter().filter(|key| key.signed).collect();
    let own = format!("{} of its own keys signed", signed.len());
    match (version.follows, version.compared_with) {
        (Some(true), _) => format!("{own}; it follows from the version before"),
        (Some(false), _) => format!("{own}; it does not follow from the version before"),
        (None, Some(before)) => format!("{own}; compared with v{before}, the version before it is not here"),
        (None, None) => format!("{own}; the oldest version here"),
    }
}
