//! Ignore files that no build reads, and lines of others that do nothing.

use facts::{Facts, IgnoreFileFact, RootOnlyLine, UnreadIgnoreFile};
use serde::Deserialize;
use source::{Place, Span};

use crate::{Check, Edit, Fault, Fix, Safety};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Which {
    /// Files that no build reads.
    UnreadFile,
    /// `!` lines that bring nothing back.
    IdleLine,
    /// Lines that leave out installed packages at the root alone.
    RootOnly,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Empty: nothing is looked for.
    #[serde(default)]
    find: Option<Which>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let files = facts.ignore_files.iter();
        match self.find {
            Some(Which::UnreadFile) => files.filter_map(unread).collect(),
            Some(Which::IdleLine) => files.flat_map(idle).collect(),
            Some(Which::RootOnly) => {
                files.filter_map(|file| file.root_only.as_ref()).map(root_only).collect()
            }
            None => Vec::new(),
        }
    }
}

fn root_only(line: &RootOnlyLine) -> Fault {
    let RootOnlyLine { at, pattern, folder, copied_at } = line;
    let message = format!(
        "`{pattern}` matches at the root of the context alone, and the packages are installed in `{folder}/`: a build from \
         a folder in which somebody has worked lays that machine's modules over those of the image. Write `**/{pattern}`"
    );
    let mut fault = Fault::new(pattern.clone(), at.clone(), message)
        .because(copied_at.clone(), format!("this brings `{folder}/node_modules` as well"));
    let edit = Edit { path: at.path.to_string(), span: at.span, text: format!("**/{pattern}") };
    fault.fix = Some(Fix { title: format!("Write `**/{pattern}`"), safety: Safety::Safe, edits: vec![edit] });
    fault
}

fn unread(file: &IgnoreFileFact) -> Option<Fault> {
    let path = &file.path;
    let at = Place { path: path.clone(), line: 1, span: Span::at(0) };
    Some(match file.unread.as_ref()? {
        UnreadIgnoreFile::NoDockerfile { dockerfile } => Fault::new(
            "unread",
            at,
            format!(
                "no build reads this file: it belongs to `{dockerfile}`, which does not exist; everything it \
                lists is sent"
            ),
        ),
        UnreadIgnoreFile::OtherContext { dockerfile, line, context, built_by, sent } => {
            let (context, instead) = match context.as_str() {
                "" => ("the root", ".dockerignore".to_owned()),
                context => (context, format!("{context}/.dockerignore")),
            };
            let message = format!(
                "no build reads this file: the context of {dockerfile} is {context}, so builders read \
                `{instead}` or `{dockerfile}.dockerignore`; what {} is sent",
                matched(sent)
            );
            let from = Place { path: dockerfile.clone(), line: *line, span: Span::at(0) };
            let at_build = built_by.clone().unwrap_or(from);
            Fault::new("unread", at, message)
                .because(at_build, format!("this is built with {context} as its context"))
        }
    })
}

/// `` `a`, `b` and 3 more of its lines match ``
fn matched(patterns: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = patterns.iter().take(SHOWN).map(|pattern| format!("`{pattern}`")).collect();
    match (patterns.len(), patterns.len().saturating_sub(SHOWN)) {
        (1, _) => format!("{} matches", shown.join("")),
        (_, 0) => format!("{} match", shown.join(", ")),
        (_, more) => format!("{} and {more} more of its lines match", shown.join(", ")),
    }
}

fn idle(file: &IgnoreFileFact) -> Vec<Fault> {
    let faults = file.idle.iter().map(|line| {
        let message = format!("`{}` brings nothing back: {}", line.pattern, line.reason);
        Fault::new(line.pattern.clone(), line.at.clone(), message)
    });
    faults.collect()
}
