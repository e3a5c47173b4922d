//! Where the files of a build context lie in the container.

use source::join;

use crate::inventory::Inventory;

/// The files of one stage's file system that come from the context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    mappings: Vec<Mapping>,
}

/// A file, or everything below a directory, that COPY brought from the tree into the container.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mapping {
    /// Absolute in the container, without the first `/`.
    container: String,
    /// Relative to the tree's root.
    source: String,
    /// Whether it is one file.
    is_file: bool,
}

impl Layout {
    /// Adds a file.
    pub(crate) fn add_file(&mut self, container: &str, source: &str) {
        self.add(container, source, true);
    }

    /// Adds everything below a directory.
    pub(crate) fn add_directory(&mut self, container: &str, source: &str) {
        self.add(container, source, false);
    }

    fn add(&mut self, container: &str, source: &str, is_file: bool) {
        let container = container.trim_matches('/').to_owned();
        self.mappings.push(Mapping { container, source: source.to_owned(), is_file });
    }

    /// Adds what lies at or below `from` in another layout, moved to `to`: `COPY --from=other from to`.
    pub(crate) fn add_from(&mut self, other: &Self, from: &str, to: &str) {
        let (from, to) = (from.trim_matches('/'), to.trim_matches('/'));
        for mapping in &other.mappings {
            if let Some(rest) = below(&mapping.container, from) {
                let container = joined(to, rest);
                self.mappings.push(Mapping { container, ..mapping.clone() });
            } else if let (Some(rest), false) = (below(from, &mapping.container), mapping.is_file) {
                // `from` is a part of what one COPY brought.
                let source = joined(&mapping.source, rest);
                self.mappings.push(Mapping { container: to.to_owned(), source, is_file: false });
            }
        }
    }

    /// The path in the tree of what the container has at `container`, whether or not the ignore file leaves it out;
    /// `None` where it does not come from the tree.
    #[must_use]
    pub(crate) fn find(&self, inventory: &Inventory<'_>, container: &str) -> Option<String> {
        let container = container.trim_matches('/');
        // A later COPY lies over an earlier one.
        self.mappings.iter().rev().find_map(|mapping| {
            let rest = below(container, &mapping.container)?;
            if mapping.is_file && !rest.is_empty() {
                return None;
            }
            let candidate = joined(&mapping.source, rest);
            inventory.kind(&candidate).is_some().then_some(candidate)
        })
    }

    /// The paths of the tree that would lie at `container` if they were there.
    pub(crate) fn sources(&self, container: &str) -> impl Iterator<Item = String> {
        let container = container.trim_matches('/');
        self.mappings.iter().filter_map(move |mapping| {
            let rest = below(container, &mapping.container)?;
            (!mapping.is_file || rest.is_empty()).then(|| joined(&mapping.source, rest))
        })
    }

    /// Whether anything of the tree lies at or below `container`, or might.
    #[must_use]
    pub(crate) fn touches(&self, inventory: &Inventory<'_>, container: &str) -> bool {
        let container = container.trim_matches('/');
        let is_inside = |mapping: &Mapping| below(&mapping.container, container).is_some();
        self.find(inventory, container).is_some() || self.mappings.iter().any(is_inside)
    }

    /// Where a file or directory of the tree lies in the container, unless something else lies over it.
    #[must_use]
    pub(crate) fn location(&self, inventory: &Inventory<'_>, source: &str) -> Option<String> {
        self.mappings.iter().rev().find_map(|mapping| {
            let rest = below(source, &mapping.source)?;
            if mapping.is_file && !rest.is_empty() {
                return None;
            }
            let container = joined(&mapping.container, rest);
            (self.find(inventory, &container).as_deref() == Some(source)).then_some(container)
        })
    }

    /// Every directory of the tree that is brought in, with where it lies.
    pub(crate) fn directories(&self) -> impl Iterator<Item = (&str, &str)> {
        let directories = self.mappings.iter().filter(|mapping| !mapping.is_file);
        directories.map(|mapping| (mapping.container.as_str(), mapping.source.as_str()))
    }
}

/// What of `path` lies below `directory`; `""` for the directory itself.
fn below<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    if directory.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

fn joined(directory: &str, rest: &str) -> String {
    join(directory, rest.trim_start_matches('/')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::Memory;

    #[test]
    fn later_copies_lie_over_earlier_ones_and_other_stages_are_moved() {
        let tree: Memory = [("api/app/main.py", ""), ("conf/main.py", "")].into_iter().collect();
        let inventory = Inventory::of(&tree);
        let mut build = Layout::default();
        build.add_directory("/src/app", "api/app");
        build.add_file("/src/app/main.py", "conf/main.py");
        assert_eq!(build.find(&inventory, "/src/app/main.py").as_deref(), Some("conf/main.py"));
        let mut image = Layout::default();
        image.add_from(&build, "/src", "/srv");
        assert_eq!(image.find(&inventory, "/srv/app").as_deref(), Some("api/app"));
        let mut part = Layout::default();
        part.add_from(&build, "/src/app", "/x");
        assert_eq!(part.find(&inventory, "/x/main.py").as_deref(), Some("conf/main.py"));
        assert_eq!(part.find(&inventory, "/x/other.py"), None);
    }
}
