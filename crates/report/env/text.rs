//! The table of variables for people.

use std::io::{self, Write};

use super::{Cell, State, Variables};

/// No column is wider, in characters.
const WIDEST: usize = 32;

pub(super) fn write(table: &Variables, out: &mut dyn Write) -> io::Result<()> {
    if table.rows.is_empty() {
        return writeln!(out, "No variable is set or read here.");
    }
    let mut lines = vec![vec!["VARIABLE".to_owned()]];
    if let Some(head) = lines.first_mut() {
        head.extend(table.environments.iter().map(|column| column.name.clone()));
    }
    for row in &table.rows {
        let cells = row.cells.iter().map(|cell| cut(&glance(cell)));
        lines.push(std::iter::once(row.name.clone()).chain(cells).collect());
    }
    let columns = table.environments.len() + 1;
    let width = |at: usize| {
        let cells = lines.iter().filter_map(|line| line.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    writeln!(out)?;
    missing(table, out)?;
    gaps(table, out)?;
    summary(table, out)
}

/// What a cell says in a few letters.
pub(super) fn glance(cell: &Cell) -> String {
    match (cell.state, cell.set.as_slice()) {
        (_, [one]) => one.value.clone(),
        (State::Set, [first, rest @ ..]) if rest.iter().all(|set| set.value == first.value) => {
            first.value.clone()
        }
        (State::Set, several) => {
            let mut values: Vec<&str> = several.iter().map(|set| set.value.as_str()).collect();
            values.sort_unstable();
            values.dedup();
            format!("{} values", values.len())
        }
        (State::Everywhere, _) => "as everywhere".to_owned(),
        (State::Default, _) if cell.read.iter().any(|read| read.is_required) => "not known".to_owned(),
        (State::Default, _) => {
            let default = cell.read.iter().find_map(|read| read.default.as_deref());
            default.map_or_else(|| "may be absent".to_owned(), |value| format!("default {value}"))
        }
        (State::Missing, _) => "MISSING".to_owned(),
        (State::Gap, _) => "not set".to_owned(),
        (State::Unset, _) => "-".to_owned(),
    }
}

fn cut(text: &str) -> String {
    let mut text = text.replace(['\n', '\r', '\t'], " ");
    if text.chars().count() > WIDEST {
        text = text.chars().take(WIDEST - 1).chain(['…']).collect();
    }
    text
}

fn missing(table: &Variables, out: &mut dyn Write) -> io::Result<()> {
    for (at, (row, column, cell)) in table.cells(State::Missing).enumerate() {
        if at == 0 {
            writeln!(out, "Read without a default, and not set:")?;
        }
        let read = cell.read.iter().find(|read| read.is_required);
        let by = read.map_or_else(String::new, |read| format!(", read at {}:{}", read.path, read.line));
        writeln!(out, "  {} in {}{by}", row.name, column.name)?;
    }
    Ok(())
}

fn gaps(table: &Variables, out: &mut dyn Write) -> io::Result<()> {
    for (at, (row, column, _)) in table.cells(State::Gap).enumerate() {
        if at == 0 {
            writeln!(out, "Set in one deployed environment, and not in another:")?;
        }
        let deployed = table.environments.iter().zip(&row.cells).filter(|(column, _)| column.is_deployed);
        let set = deployed.flat_map(|(column, cell)| cell.set.iter().map(move |set| (column, set))).next();
        let by = set.map_or_else(String::new, |(column, set)| {
            format!(", set in {} at {}:{}", column.name, set.path, set.line)
        });
        writeln!(out, "  {} in {}{by}", row.name, column.name)?;
    }
    Ok(())
}

fn summary(table: &Variables, out: &mut dyn Write) -> io::Result<()> {
    let differing = table.rows.iter().filter(|row| row.differs).count();
    writeln!(
        out,
        "{} variables in {} environments: {} missing, {} gaps, {differing} differ between deployed environments",
        table.rows.len(),
        table.environments.len(),
        table.cells(State::Missing).count(),
        table.cells(State::Gap).count(),
    )
}
