//! Pages that are saved for people: HTML without script, which loads nothing and prints well.

use super::{Sentence, Voice, visible};

/// HTML written from the inside out: text is escaped on its way in, names of elements are ours.
pub(super) struct Page(String);

const STYLE: &str = "\
    body{font:14px/1.5 system-ui,sans-serif;color:#1b1b1a;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;break-after:avoid}\
    table{border-collapse:collapse;width:100%}\
    th,td{border-bottom:1px solid #bbb;padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:top}\
    td.long{overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.85em}\
    th:empty,td:empty{min-width:1.5rem}\
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:#555}\
    dd{margin:0;overflow-wrap:anywhere}\
    code,.evidence{font-family:ui-monospace,monospace;overflow-wrap:anywhere}\
    ul.said{list-style:none;padding:0}ul.said li{padding-left:1.5rem;text-indent:-1.5rem}\
    .removed::before{content:'\\2013\\a0\\a0'}.added::before{content:'+\\a0\\a0'}\
    .changed::before{content:'~\\a0\\a0'}.same::before{content:'=\\a0\\a0'}\
    .warning::before{content:'!\\a0\\a0'}.note::before{content:'\\b7\\a0\\a0'}\
    .practice{border:2px solid;padding:.5rem}td:last-child{min-width:6rem}tr{break-inside:avoid}\
    @media print{body{margin:0;max-width:none}details>*{display:block}}";

impl Page {
    pub(super) fn new(title: &str) -> Self {
        let mut page = Page(String::from(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
        ));
        // Belt and braces: even a flaw in the escaping could load and run nothing.
        page.0.push_str(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        );
        page.element("title", title);
        page.0.push_str(&format!("<style>{STYLE}</style></head><body>\n"));
        page
    }

    pub(super) fn open(&mut self, name: &str, class: &str) -> &mut Self {
        match class {
            "" => self.0.push_str(&format!("<{name}>")),
            class => self.0.push_str(&format!("<{name} class=\"{class}\">")),
        }
        self
    }

    pub(super) fn close(&mut self, name: &str) -> &mut Self {
        self.0.push_str(&format!("</{name}>\n"));
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for character in visible(text).chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    pub(super) fn element(&mut self, name: &str, text: &str) -> &mut Self {
        self.open(name, "").text(text).close(name)
    }

    pub(super) fn parts(&mut self, sentence: &Sentence) -> &mut Self {
        for part in &sentence.parts {
            match part.voice {
                Voice::Plain => self.text(&part.text),
                Voice::Subject => self.open("strong", "").text(&part.text).inline("strong"),
                Voice::Evidence => self.open("code", "").text(&part.text).inline("code"),
                Voice::Removed => self.open("del", "").text(&part.text).inline("del"),
                Voice::Added => self.open("ins", "").text(&part.text).inline("ins"),
            };
        }
        self
    }

    fn inline(&mut self, name: &str) -> &mut Self {
        self.0.push_str(&format!("</{name}>"));
        self
    }

    pub(super) fn facts(&mut self, facts: &[(&str, &str)]) -> &mut Self {
        self.open("dl", "");
        for (name, value) in facts {
            self.element("dt", name).element("dd", value);
        }
        self.close("dl")
    }

    /// Opens a table; the caller closes `tbody` and `table`.
    pub(super) fn table(&mut self, heads: &[&str]) -> &mut Self {
        self.open("table", "").open("thead", "").open("tr", "");
        for head in heads {
            self.element("th", head);
        }
        self.close("tr").close("thead").open("tbody", "")
    }

    pub(super) fn row(&mut self, cells: &[&str]) -> &mut Self {
        self.open("tr", "");
        for cell in cells {
            // Digests may break anywhere; words may not, or narrow columns fall to pieces.
            let class = if cell.len() > 40 && !cell.contains(' ') {
                "long"
            } else {
                ""
            };
            self.open("td", class).text(cell).close("td");
        }
        self.close("tr")
    }

    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</body></html>\n");
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let mut page = Page::new("<script>alert(1)</script>");
        page.element("p", "\"><img src=x onerror=alert(1)>&\u{202e}'");
        let html = page.finish();
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains('\u{202e}'),
            "{html}"
        );
        assert!(
            html.contains("&lt;script&gt;") && html.contains("&quot;&gt;&lt;img"),
            "{html}"
        );
    }
}
