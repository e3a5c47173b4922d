//! The short form of a volume: `source:target:options`.

use super::VolumeKind;

/// A volume as its short form states it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Short {
    /// Bytes of the text that name the source.
    pub(super) source: Option<std::ops::Range<usize>>,
    pub(super) target: String,
    pub(super) read_only: bool,
    pub(super) kind: VolumeKind,
}

/// Reads `spec` as compose-go's `format.ParseVolume` does.
///
/// # Errors
/// An empty part, or too many.
pub(super) fn parse(spec: &str) -> Result<Short, String> {
    if spec.is_empty() {
        return Err("an empty string is no volume".to_owned());
    }
    // One or two characters are a path in the container, whatever they are.
    if spec.len() <= 2 {
        return Ok(Short {
            source: None,
            target: spec.to_owned(),
            read_only: false,
            kind: VolumeKind::Anonymous,
        });
    }
    let parts = parts(spec);
    let text = |range: &std::ops::Range<usize>| spec.get(range.clone()).unwrap_or("");
    if parts.iter().any(std::ops::Range::is_empty) {
        return Err(format!("`{spec}` has an empty part between its colons"));
    }
    match parts.as_slice() {
        [target] => Ok(Short {
            source: None,
            target: text(target).to_owned(),
            read_only: false,
            kind: VolumeKind::Anonymous,
        }),
        [source, target, options @ ..] if options.len() < 2 => {
            let mut flags = options.first().map_or("", text).split(',');
            let kind = if is_path(text(source)) { VolumeKind::Bind } else { VolumeKind::Named };
            let read_only = flags.rfind(|flag| matches!(*flag, "ro" | "rw")) == Some("ro");
            Ok(Short { source: Some(source.clone()), target: text(target).to_owned(), read_only, kind })
        }
        _ => Err(format!("`{spec}` has too many colons")),
    }
}

/// The parts between colons; those of `${X:-y}` and of `C:\` divide nothing.
fn parts(spec: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = spec.as_bytes();
    let mut parts = Vec::new();
    let mut start = 0;
    let mut open = 0_usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'$' if bytes.get(at + 1) == Some(&b'{') => open += 1,
            b'}' => open = open.saturating_sub(1),
            b':' if open == 0 && !is_drive(spec.get(start..at).unwrap_or("")) => {
                parts.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(start..bytes.len());
    parts
}

fn is_drive(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(char::is_alphabetic) && characters.next().is_none()
}

/// Whether a source is a path of the host rather than the name of a volume.
pub(super) fn is_path(source: &str) -> bool {
    let is_windows =
        source.starts_with("\\\\") || source.split_once(':').is_some_and(|(drive, _)| is_drive(drive));
    source.starts_with(['.', '/', '~']) || is_windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source_and_target(spec: &str) -> (Option<&str>, String) {
        let short = parse(spec).unwrap();
        (short.source.map(|range| &spec[range]), short.target)
    }

    #[test]
    fn colons_divide_except_in_drives_and_variables() {
        assert_eq!(source_and_target("./a:/b:ro"), (Some("./a"), "/b".into()));
        assert_eq!(source_and_target("${D:-./a}:/b"), (Some("${D:-./a}"), "/b".into()));
        assert_eq!(source_and_target("C:\\a:/b"), (Some("C:\\a"), "/b".into()));
        assert_eq!(source_and_target("v:/v"), (None, "v:/v".into()));
        assert!(parse("aa::/b").is_err() && parse("aa:bb:cc:dd").is_err());
    }
}
