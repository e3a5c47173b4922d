//! What a builder is sent: lists, reasons, differences, weights.

use std::io::{self, Write};

use facts::listing::{Answer, Listing, Weight};
use facts::{Builder, Exclusion};
use serde_json::{Value, json};

/// One path with what each builder does with it.
pub struct PathAnswers {
    /// The path.
    pub path: String,
    /// By builder, in the order of the command line's help.
    pub answers: Vec<(Builder, Answer)>,
}

/// The included files, one a line.
pub fn listing_text(listing: &Listing, out: &mut impl Write) -> io::Result<()> {
    listing.included.iter().try_for_each(|path| writeln!(out, "{path}"))
}

/// `{"version":1,"included":[..],"excluded":[{"path","by":{"file","line","pattern"}}]}`.
pub fn listing_json(listing: &Listing, out: &mut impl Write) -> io::Result<()> {
    let excluded: Vec<Value> = listing
        .excluded
        .iter()
        .map(|row| json!({ "path": row.path, "by": row.by.as_ref().map(line) }))
        .collect();
    write_json(&json!({ "version": 1, "included": listing.included, "excluded": excluded }), out)
}

/// For each path and builder, whether it is sent, the line that decides, and why later lines do not help.
pub fn answers_text(paths: &[PathAnswers], out: &mut impl Write) -> io::Result<()> {
    for path in paths {
        writeln!(out, "{}", path.path)?;
        for (builder, answer) in &path.answers {
            match &answer.excluded_by {
                None => writeln!(out, "  {:9} sent", builder.name())?,
                Some(exclusion) => {
                    writeln!(out, "  {:9} left out by {}", builder.name(), written(exclusion))?;
                    for line in &answer.not_brought_back {
                        writeln!(out, "            {}", line.reason)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// `{"version":1,"paths":[{"path","builders":[{"builder","included","by","not_brought_back_by":[..]}]}]}`.
pub fn answers_json(paths: &[PathAnswers], out: &mut impl Write) -> io::Result<()> {
    let builder = |(builder, answer): &(Builder, Answer)| {
        let lines = answer.not_brought_back.iter().map(|line| {
            json!({ "file": &*line.at.path, "line": line.at.line, "pattern": line.pattern, "reason": line.reason })
        });
        json!({
            "builder": builder.name(),
            "included": answer.excluded_by.is_none(),
            "by": answer.excluded_by.as_ref().map(line),
            "not_brought_back_by": lines.collect::<Vec<_>>(),
        })
    };
    let rows = paths.iter().map(
        |path| json!({ "path": path.path, "builders": path.answers.iter().map(builder).collect::<Vec<_>>() }),
    );
    write_json(&json!({ "version": 1, "paths": rows.collect::<Vec<_>>() }), out)
}

/// The heaviest directories, and the whole.
pub fn weights_text(whole: &Weight, heaviest: &[(String, Weight)], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{:>9}  {:>8} files  the whole context", size(whole.bytes), whole.files)?;
    heaviest.iter().try_for_each(|(path, weight)| {
        writeln!(out, "{:>9}  {:>8} files  {path}/", size(weight.bytes), weight.files)
    })
}

/// `{"version":1,"bytes","files","directories":[{"path","bytes","files"}]}`.
pub fn weights_json(whole: &Weight, heaviest: &[(String, Weight)], out: &mut impl Write) -> io::Result<()> {
    let rows = heaviest
        .iter()
        .map(|(path, weight)| json!({ "path": path, "bytes": weight.bytes, "files": weight.files }));
    let rows: Vec<Value> = rows.collect();
    write_json(&json!({ "version": 1, "bytes": whole.bytes, "files": whole.files, "directories": rows }), out)
}

fn line(exclusion: &Exclusion) -> Value {
    json!({ "file": &*exclusion.by.path, "line": exclusion.by.line, "pattern": exclusion.pattern })
}

fn written(exclusion: &Exclusion) -> String {
    format!("{}:{} `{}`", exclusion.by.path, exclusion.by.line, exclusion.pattern)
}

fn write_json(value: &Value, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// Bytes for people, in powers of 1024.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
    let mut amount = bytes as f64 / 1024.0;
    let mut unit = 0;
    while amount >= 1024.0 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS.get(unit).copied().unwrap_or("TiB"))
}
