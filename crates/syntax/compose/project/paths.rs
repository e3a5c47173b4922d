//! Paths in a project: by name only, relative to the root, with `..` where they leave it.

use crate::compose::path::Path;
use crate::compose::value::{Data, Map, Value};
use crate::compose::volumes;

/// `path` as seen from `directory`; absolute paths, `~` and URLs stay.
pub(super) fn join(directory: &str, path: &str) -> String {
    if is_absolute(path) {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if directory.starts_with('/') { format!("/{joined}") } else { joined }
}

/// `to` as seen from `from`, both relative to the root.
pub(super) fn relative(from: &str, to: &str) -> String {
    if is_absolute(to) {
        return to.to_owned();
    }
    let (from, to) = (join("", from), join("", to));
    let divide = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let (from, to): (Vec<String>, Vec<String>) = (divide(&from), divide(&to));
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other && *one != "..").count();
    let up = from.iter().skip(common).map(|_| "..".to_owned());
    up.chain(to.into_iter().skip(common)).collect::<Vec<_>>().join("/")
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '~'])
}

/// Makes every path of a model start at `directory` (compose-go's `ResolveRelativePaths`).
pub(super) fn resolve(model: &mut Map, directory: &str) {
    map(model, Path::ROOT, directory);
}

fn map(map: &mut Map, path: Path<'_>, directory: &str) {
    for entry in &mut map.entries {
        value(&mut entry.value, path.to(&entry.key.name), directory);
    }
}

fn value(value: &mut Value, path: Path<'_>, directory: &str) {
    match path.keys().as_slice() {
        ["services", _, "build", "context"] | ["services", _, "build", "additional_contexts", _] => {
            join_text(value, directory, |text| !is_remote(text));
        }
        ["services", _, "build", "ssh", _]
        | ["services", _, "env_file", _, "path"]
        | ["services", _, "label_file", _]
        | ["services", _, "extends", "file"]
        | ["services", _, "develop", "watch", _, "path"]
        | ["configs" | "secrets", _, "file"] => join_text(value, directory, |text| !is_windows(text)),
        ["services", _, "volumes", _] => {
            if let Data::Map(volume) = &mut value.data
                && volume.get("type").and_then(Value::as_str) == Some("bind")
                && let Some(source) = volume.get_mut("source")
            {
                join_text(source, directory, |text| !is_windows(text));
            }
        }
        _ => match &mut value.data {
            Data::Map(entries) => map(entries, path, directory),
            Data::List(items) => {
                let path = path.item();
                for item in items {
                    self::value(item, path, directory);
                }
            }
            _ => {}
        },
    }
}

fn join_text(value: &mut Value, directory: &str, is_path: impl Fn(&str) -> bool) {
    if let Data::Str(text) = &mut value.data
        && !text.is_empty()
        && is_path(text)
    {
        let joined = join(directory, text);
        *text = if joined.is_empty() { ".".to_owned() } else { joined };
        value.origin.exact = 0;
    }
}

/// Whether a build context is not a folder.
fn is_remote(context: &str) -> bool {
    let prefixes = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"];
    context.contains("://") || prefixes.iter().any(|prefix| context.starts_with(prefix))
}

/// Whether a path is absolute on Windows.
fn is_windows(path: &str) -> bool {
    volumes::is_path(path) && !path.starts_with(['.', '/', '~'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_together_by_name() {
        assert_eq!(join("a/b", "../c"), "a/c");
        assert_eq!(join("", "../../x"), "../../x");
        assert_eq!(join("a", "."), "a");
        assert_eq!(join("a", "/x"), "/x");
        assert_eq!(relative("deploy", "sub/x"), "../sub/x");
        assert_eq!(join("deploy", &relative("deploy", "sub/x")), "sub/x");
        assert_eq!(relative("a", "a"), "");
    }
}
