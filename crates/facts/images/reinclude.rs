//! Lines that would bring modules back which an ignore file leaves out, as every builder would understand them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use source::{EntryKind, Place, Span, directory_of, file_name};
use syntax::dockerignore::{Builder, Matcher, Presence, exact_pattern, parse_as, select};

use crate::image::{Image, LeftOut, Reinclude};
use crate::inventory::Inventory;
use crate::record::Document;
use crate::{Disagreement, How};

/// The builders that read a `.dockerignore`. The fix must hold for all of them, since another builder may be used later.
const READERS: [Builder; 5] =
    [Builder::Buildkit, Builder::Legacy, Builder::Docker20, Builder::Buildah, Builder::Kaniko];

/// Gives each module that is needed and left out the lines that would bring it back, together with all others that the
/// same line leaves out of the same context.
pub(super) fn propose(inventory: &Inventory<'_>, images: &mut [Image]) {
    let mut groups: BTreeMap<(String, Place), Group> = BTreeMap::new();
    for image in images.iter() {
        let Some(builder) = image.builder.parse().ok().filter(|builder| READERS.contains(builder)) else {
            continue;
        };
        for left in image.left_out.iter().filter(|left| is_needed(left)) {
            let group = groups.entry((image.context.clone(), left.by.clone())).or_default();
            if inventory.is_directory(&left.path) {
                let files =
                    inventory.below(&left.path).iter().filter(|entry| entry.kind != EntryKind::Directory);
                group.needed.extend(files.map(|entry| Arc::from(entry.path.as_str())));
            } else {
                group.needed.insert(Arc::clone(&left.path));
            }
            group.builders.insert(builder);
        }
    }
    let proposals = proposals(inventory, groups);
    for image in images {
        for left in image.left_out.iter_mut().filter(|left| is_needed(left)) {
            let key = (image.context.clone(), left.by.clone());
            left.reinclude = proposals.get(&key).map(Arc::clone);
        }
    }
}

/// Gives each file that builders disagree on the lines that bring it to all of them, together with all others that the
/// same line leaves out.
pub(super) fn propose_agreement(inventory: &Inventory<'_>, disagreements: &mut [Disagreement]) {
    let mut groups: BTreeMap<(String, Place), Group> = BTreeMap::new();
    for one in disagreements.iter() {
        let group = groups.entry((one.context.clone(), one.by.clone())).or_default();
        group.needed.insert(Arc::clone(&one.path));
        group.builders.extend(one.left_out_by.parse::<Builder>());
    }
    // Another file, `.gcloudignore` say, is read by one builder alone: it is not what they differ on.
    groups.retain(|_, group| group.builders.iter().all(|builder| READERS.contains(builder)));
    let proposals = proposals(inventory, groups);
    for one in disagreements {
        let proposal = proposals.get(&(one.context.clone(), one.by.clone()));
        one.reinclude = proposal.filter(|proposal| proposal.is_exact).map(Arc::clone);
    }
}

/// The best proposal for each group that has one, by context and deciding line.
fn proposals(
    inventory: &Inventory<'_>,
    groups: BTreeMap<(String, Place), Group>,
) -> BTreeMap<(String, Place), Arc<Reinclude>> {
    let groups: Vec<_> = groups.into_iter().collect();
    groups
        .into_par_iter()
        .filter_map(|(key, group)| {
            let proposal = Proposal::new(inventory, &key.0, &key.1, &group)?.best()?;
            Some((key, Arc::new(proposal)))
        })
        .collect()
}

/// Whether the program breaks somewhere without the module.
fn is_needed(left: &LeftOut) -> bool {
    left.reachable && matches!(left.how, How::TopLevel | How::Lazy)
}

/// What one line of an ignore file leaves out of one context.
#[derive(Default)]
struct Group {
    needed: BTreeSet<Arc<str>>,
    /// The builders that build with it here.
    builders: BTreeSet<Builder>,
}

struct Proposal<'g> {
    group: &'g Group,
    document: Document,
    by: &'g Place,
    /// What stands in the context: path in it, and whether that is a directory.
    entries: Vec<(&'g str, bool)>,
    /// The needed modules in the context.
    needed: BTreeSet<&'g str>,
    /// Empty `__init__.py` files; they come along with their package and say nothing.
    empty: BTreeSet<&'g str>,
}

impl<'g> Proposal<'g> {
    fn new(inventory: &'g Inventory<'_>, context: &str, by: &'g Place, group: &'g Group) -> Option<Self> {
        let inside = |path: &'g str| match context {
            "" => Some(path),
            directory => path.strip_prefix(directory)?.strip_prefix('/'),
        };
        let needed: BTreeSet<&str> = group.needed.iter().filter_map(|path| inside(path)).collect();
        // A pattern cannot hold blanks at its ends or line ends.
        let can_be_written = |path: &&str| path.trim() == *path && !path.contains(char::is_control);
        if needed.is_empty() || !needed.iter().all(can_be_written) {
            return None;
        }
        let below = inventory.below(context).iter();
        let entries =
            below.filter_map(|entry| Some((inside(&entry.path)?, entry.kind == EntryKind::Directory)));
        let entries: Vec<(&str, bool)> = entries.collect();
        let is_empty = |path: &&str| {
            let whole = source::join(context, path);
            file_name(path) == "__init__.py" && whole.and_then(|path| inventory.tree().size(&path)) == Some(0)
        };
        let empty = entries.iter().map(|(path, _)| *path).filter(is_empty).collect();
        let document = Document::read(inventory.tree(), &by.path).ok()?;
        Some(Self { group, document, by, entries, needed, empty })
    }

    /// The shortest lines that bring back the modules and nothing else; lines that bring back the modules at all where
    /// there are none.
    fn best(&self) -> Option<Reinclude> {
        let directories = self.directories();
        let files: BTreeSet<String> =
            self.needed.iter().map(|path| format!("!{}", exact_pattern(path))).collect();
        let (after, end) = (self.end_of_deciding_line(), self.document.text.len());
        let before: Vec<_> = READERS.iter().map(|builder| self.sent(&self.document.text, *builder)).collect();
        let mut fallback = None;
        for (lines, at) in [(&directories, after), (&files, after), (&directories, end), (&files, end)] {
            let Some(proposed) = self.judged(lines, at, &before) else { continue };
            if proposed.is_exact {
                return Some(proposed);
            }
            fallback = fallback.or(Some(proposed));
        }
        fallback
    }

    /// A line for each directory of which everything is needed, and for each file elsewhere.
    fn directories(&self) -> BTreeSet<String> {
        let is_wanted = |path: &str| self.needed.contains(path) || self.empty.contains(path);
        let all_wanted = |directory: &str| {
            let mut files = self.entries.iter().filter(|(path, is_directory)| {
                !is_directory && path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
            });
            files.all(|(path, _)| is_wanted(path))
        };
        let widest = |path: &&str| {
            let mut found = *path;
            while !directory_of(found).is_empty() && all_wanted(directory_of(found)) {
                found = directory_of(found);
            }
            if found == *path {
                format!("!{}", exact_pattern(path))
            } else {
                format!("!{}/", exact_pattern(found))
            }
        };
        self.needed.iter().map(widest).collect()
    }

    /// The byte after the deciding line, before its line end.
    fn end_of_deciding_line(&self) -> usize {
        let text = &self.document.text;
        let rest = text.get(self.by.span.end..).unwrap_or("");
        let line = rest.split('\n').next().unwrap_or("");
        self.by.span.end + line.trim_end_matches('\r').len()
    }

    /// The lines at a place, if the builders that build here then send the modules. `before` is what each of [`READERS`]
    /// sends today.
    fn judged(&self, lines: &BTreeSet<String>, at: usize, before: &[BTreeSet<&str>]) -> Option<Reinclude> {
        let text = &self.document.text;
        let inserted = self.inserted(lines, at);
        let changed = [text.get(..at)?, &inserted, text.get(at..)?].concat();
        let mut is_exact = true;
        for (builder, before) in READERS.into_iter().zip(before) {
            let sent = self.sent(&changed, builder);
            let brings_all = self.needed.is_subset(&sent);
            if !brings_all && self.group.builders.contains(&builder) {
                return None;
            }
            let mut others = sent.difference(before).filter(|path| !self.needed.contains(*path));
            is_exact &= brings_all && others.all(|path| self.empty.contains(path));
        }
        Some(Reinclude {
            at: self.document.place(Span::at(at)),
            text: inserted,
            lines: lines.iter().cloned().collect(),
            modules: self.group.needed.iter().map(Arc::clone).collect(),
            is_exact,
        })
    }

    /// The lines with the line ends of the file.
    fn inserted(&self, lines: &BTreeSet<String>, at: usize) -> String {
        let text = &self.document.text;
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let begins_line = text.get(..at).is_none_or(|before| before.is_empty() || before.ends_with('\n'));
        let line = |line: &String| if begins_line { format!("{line}{end}") } else { format!("{end}{line}") };
        lines.iter().map(line).collect()
    }

    /// The files that a builder sends with this text as the ignore file.
    fn sent(&self, text: &str, builder: Builder) -> BTreeSet<&'g str> {
        let matcher = Matcher::new(&parse_as(text, builder).tree, builder).tree;
        let rows = select(&matcher, self.entries.iter().copied());
        let files = rows.into_iter().filter(|row| !row.is_dir && row.presence == Presence::Included);
        files.map(|row| row.path).collect()
    }
}
