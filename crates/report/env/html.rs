//! The table of variables as one page for a browser: no script is needed to read it, and nothing is loaded.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Cell, Column, EVERYWHERE, Row, State, Variables, text};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn write(table: &Variables, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    head(&mut page, table);
    page.push_str("<div class=\"frame\"><table>\n<thead><tr><th scope=\"col\">Variable</th>");
    for column in &table.environments {
        column_head(&mut page, column);
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        write_row(&mut page, row, &table.environments);
    }
    page.push_str("</tbody></table></div>\n<p id=\"none\" hidden>No variable matches.</p>\n");
    // Writing to a string does not fail, here and below.
    let _ = write!(page, "</main>\n<script>{SCRIPT}</script>\n</body></html>\n");
    out.write_all(page.as_bytes())
}

fn head(page: &mut String, table: &Variables) {
    let missing = table.cells(State::Missing).count();
    let gaps = table.cells(State::Gap).count();
    let differing = table.rows.iter().filter(|row| row.differs).count();
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'\">\n\
         <title>Variables by environment</title>\n<style>{STYLE}</style></head>\n<body><main>\n\
         <header><h1>Variables by environment</h1>\n<p class=\"sum\">\
         <b>{}</b> variables <span class=\"bad\"><b>{missing}</b> missing</span> \
         <span class=\"gap\"><b>{gaps}</b> gaps</span> <span><b>{differing}</b> differ</span></p>\n\
         <form><input type=\"search\" id=\"filter\" placeholder=\"Filter by name, value or file\" \
         aria-label=\"Filter\" autocomplete=\"off\">\n",
        table.rows.len()
    );
    for (name, label) in [("missing", "Missing"), ("gap", "Gaps"), ("differs", "Differing")] {
        let _ =
            writeln!(page, "<label><input type=\"checkbox\" name=\"{name}\"><span>{label}</span></label>");
    }
    page.push_str("</form></header>\n");
}

fn column_head(page: &mut String, column: &Column) {
    let (name, kind) = match (column.name.as_str(), column.is_deployed) {
        (EVERYWHERE, _) => ("everywhere", "no environment named"),
        (name, true) => (name, "deployed"),
        (name, false) => (name, "not deployed"),
    };
    let class = if column.is_deployed { " class=\"deployed\"" } else { "" };
    let _ = write!(page, "<th scope=\"col\"{class}>{}<small>{kind}</small></th>", escaped(name));
}

fn write_row(page: &mut String, row: &Row, columns: &[Column]) {
    let has = |state| row.cells.iter().any(|cell| cell.state == state);
    let marks = [("missing", has(State::Missing)), ("gap", has(State::Gap)), ("differs", row.differs)];
    let classes: Vec<&str> = marks.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
    let secret = if row.is_secret { "<small>secret</small>" } else { "" };
    let _ = write!(
        page,
        "<tr class=\"{}\"><th scope=\"row\"><code>{}</code>{secret}</th>",
        classes.join(" "),
        escaped(&row.name)
    );
    for (cell, column) in row.cells.iter().zip(columns) {
        write_cell(page, cell, column);
    }
    page.push_str("</tr>\n");
}

fn write_cell(page: &mut String, cell: &Cell, column: &Column) {
    let class = match cell.state {
        State::Unset => "unset",
        State::Set => "set",
        State::Everywhere => "everywhere",
        State::Default => "default",
        State::Gap => "gap",
        State::Missing => "missing",
    };
    let glance = text::glance(cell);
    let shown = if cell.state == State::Unset { "–" } else { &glance };
    let _ = write!(page, "<td class=\"{class}\" data-environment=\"{}\">", escaped(&column.name));
    let _ = write!(page, "<code class=\"value\" title=\"{0}\">{1}</code>", escaped(&glance), escaped(shown));
    let places = cell.set.len() + cell.read.len();
    match (cell.set.as_slice(), places) {
        (_, 0) => {}
        ([one], 1) => {
            let _ = write!(page, "<div class=\"at\">{}</div>", link(&one.path, one.line));
        }
        (set, _) => {
            let summary = match (set.len(), cell.read.len()) {
                (0, read) => format!("read in {}", counted(read)),
                (set, 0) => format!("set in {}", counted(set)),
                (set, read) => format!("set in {}, read in {read}", counted(set)),
            };
            let _ = write!(page, "<details><summary>{summary}</summary><ul>");
            for set in set {
                let _ = write!(
                    page,
                    "<li><b>set</b> {} <code>{}</code></li>",
                    link(&set.path, set.line),
                    escaped(&set.value)
                );
            }
            for read in &cell.read {
                let how = if read.is_required { "required" } else { "read" };
                let _ = write!(page, "<li><b>{how}</b> {}</li>", link(&read.path, read.line));
            }
            page.push_str("</ul></details>");
        }
    }
    page.push_str("</td>");
}

fn counted(places: usize) -> String {
    if places == 1 { "1 place".to_owned() } else { format!("{places} places") }
}

/// A link to a line, relative to the root of the repository.
fn link(path: &str, line: u32) -> String {
    format!("<a href=\"{}#L{line}\">{}:{line}</a>", address(path), escaped(path))
}

/// A path as part of an address: every other byte than letters, digits, `-._~` and `/` is written as `%XX`, a colon too,
/// so that no path can be taken for a scheme.
fn address(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut address, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
        address
    })
}

/// A text in which no letter means anything to a browser.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            _ => shown.push(letter),
        }
    }
    shown
}
