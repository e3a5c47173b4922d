//! The files that COPY and ADD bring into an image.

use source::{EntryKind, Tree};
use syntax::dockerfile::scope::{Scope, base_stages, reachable_stages, visit_scopes};
use syntax::dockerfile::{Dockerfile, Instruction, Kind};
use syntax::dockerignore::{self, Builder, Matcher, Presence, select};

use crate::file_system::{Copy, FileSystem, Node};
use crate::ignore_rules::IgnoreRules;
use crate::record::Document;
use crate::stages::{in_context, is_remote};

/// The files and links that the last stage of a Dockerfile takes from the context, which is the whole tree, and where
/// they lie: paths in the image without the first `/`, in byte order. What RUN makes, what a base image holds, what
/// an archive or a URL of an ADD brings is not known here. A variable that nothing sets is empty.
///
/// `BuildKit` means that of Engine 28.5. Other builders differ in what they leave out, and in wildcards and
/// destinations as buildah does.
///
/// # Errors
/// Why the build fails, or why it cannot be told.
pub fn image_files(tree: &dyn Tree, dockerfile: &str, builder: Builder) -> Result<Vec<String>, String> {
    let document = Document::read(tree, dockerfile).map_err(|problem| problem.message)?;
    let parsed = syntax::dockerfile::parse(&document.text);
    if let Some(error) = parsed.errors.first() {
        return Err(format!("line {}: {}", document.place(error.span).line, error.message));
    }
    let context = context(tree, dockerfile, builder)?;
    let steps = steps(&parsed.tree, builder)?;
    let last = parsed.tree.stages.len().checked_sub(1).ok_or("has no stage")?;
    let bases = base_stages(&parsed.tree, &|_| None);
    let mut stages: Vec<FileSystem> = Vec::new();
    for (index, base) in bases.into_iter().enumerate() {
        let mut stage = base.and_then(|base| stages.get(base)).cloned().unwrap_or_default();
        for step in steps.iter().filter(|step| step.stage == index) {
            step.run(&mut stage, &stages, &context, builder)
                .map_err(|why| format!("line {}: {why}", step.line))?;
        }
        stages.push(stage);
    }
    Ok(stages.get(last).map(|stage| stage.files().map(str::to_owned).collect()).unwrap_or_default())
}

/// What the builder is sent of the tree.
fn context(tree: &dyn Tree, dockerfile: &str, builder: Builder) -> Result<FileSystem, String> {
    let rules = IgnoreRules::load(tree, "", dockerfile, builder);
    if let Some(problem) = rules.problems.first().filter(|_| builder.stops_on_bad_pattern()) {
        return Err(format!("{}: {}", problem.path, problem.message));
    }
    let walk = tree.walk(&|_| true);
    if let Some((path, error)) = walk.unreadable.first() {
        return Err(format!("{path} {error}"));
    }
    let entries = walk.entries.iter().map(|entry| (entry.path.as_str(), entry.kind == EntryKind::Directory));
    let rows = select(&rules.matcher, entries).into_iter();
    let mut sent = FileSystem::default();
    for row in rows.filter(|row| matches!(row.presence, Presence::Included | Presence::OnlyParent)) {
        let kind = tree.kind(row.path).unwrap_or(EntryKind::Other);
        if let Some(node) = Node::of(kind, || tree.link_target(row.path)) {
            sent.insert(row.path, node);
        }
    }
    Ok(sent)
}

/// An instruction that changes files, variables replaced.
struct Step {
    stage: usize,
    /// 1-based.
    line: u32,
    what: What,
}

enum What {
    /// The directory of a WORKDIR.
    Directory(String),
    Copy {
        /// The stage that is copied from; `None`: the context.
        from: Option<usize>,
        sources: Vec<String>,
        /// Files whose text stands in the Dockerfile itself.
        written: Vec<String>,
        destination: String,
        excluded: Option<Box<Matcher>>,
        keeps_parents: bool,
    },
}

/// The steps of the stages that are built, in the order of the file.
fn steps(dockerfile: &Dockerfile, builder: Builder) -> Result<Vec<Step>, String> {
    let last = dockerfile.stages.len().saturating_sub(1);
    let reached = reachable_stages(dockerfile, last, &|_| None);
    let mut steps = Vec::new();
    visit_scopes(dockerfile, &|_| None, &mut |index, scope| {
        let Some(instruction) = dockerfile.instructions.get(index) else { return };
        let Some(stage) = instruction.stage.filter(|stage| reached.contains(stage)) else { return };
        let what = what(dockerfile, instruction, scope, builder).transpose();
        steps.extend(what.map(|what| (index, what.map(|what| Step { stage, line: instruction.line, what }))));
    });
    // A stage is visited after its base, which may be before stages that it copies from.
    steps.sort_by_key(|(index, _)| *index);
    steps.into_iter().map(|(_, step)| step).collect()
}

fn what(
    dockerfile: &Dockerfile,
    instruction: &Instruction,
    scope: &Scope,
    builder: Builder,
) -> Result<Option<What>, String> {
    let workdir = scope.workdir().unwrap_or("");
    match &instruction.kind {
        Kind::Workdir(path) => {
            Ok(Some(What::Directory(in_container(&expanded(&path.value, scope)?, workdir))))
        }
        Kind::Copy { sources, destination, from } | Kind::Add { sources, destination, from } => {
            let at = |why: &str| format!("line {}: {why}", instruction.line);
            let from = from.as_ref().map(|from| match dockerfile.stage(&from.value) {
                Some(stage) => Ok(stage),
                None => Err(at(&format!(
                    "`{}` is no stage, and what that image holds is not known here",
                    from.value
                ))),
            });
            let keeps_parents = instruction.flag("parents").is_some();
            let has_frontend = dockerfile.directives.iter().any(|directive| directive.name.value == "syntax");
            if keeps_parents && builder == Builder::Buildkit && !has_frontend {
                return Err(at(
                    "`--parents` needs a newer Dockerfile frontend than that of Engine 28.5; add `# \
                    syntax=docker/dockerfile:1`",
                ));
            }
            let local = sources.iter().filter(|source| !is_remote(&source.value));
            let local = local.map(|source| Ok(in_context(&expanded(&source.value, scope)?)));
            Ok(Some(What::Copy {
                from: from.transpose()?,
                sources: local.collect::<Result<_, String>>()?,
                written: instruction.heredocs.iter().map(|heredoc| heredoc.name.value.clone()).collect(),
                destination: in_container(&expanded(&destination.value, scope)?, workdir),
                excluded: excluded(instruction, scope)?.map(Box::new),
                keeps_parents,
            }))
        }
        Kind::Onbuild(inner)
            if matches!(inner.kind, Kind::Copy { .. } | Kind::Add { .. } | Kind::Workdir(_)) =>
        {
            Err(format!("line {}: what ONBUILD copies is not followed", instruction.line))
        }
        _ => Ok(None),
    }
}

/// `--exclude`, compiled.
fn excluded(instruction: &Instruction, scope: &Scope) -> Result<Option<Matcher>, String> {
    let flags = instruction.flags.iter().filter(|flag| flag.name.value == "exclude");
    let values = flags.filter_map(|flag| flag.value.as_ref()).map(|value| expanded(&value.value, scope));
    let patterns = values.collect::<Result<Vec<_>, _>>()?;
    if patterns.is_empty() {
        return Ok(None);
    }
    let file = dockerignore::parse(&patterns.join("\n"));
    let matcher = Matcher::new(&file.tree, Builder::Buildkit);
    match file.errors.first().or(matcher.errors.first()) {
        Some(error) => Err(format!("line {}: --exclude: {}", instruction.line, error.message)),
        None => Ok(Some(matcher.tree)),
    }
}

/// A word with its variables; one that nothing sets is empty.
fn expanded(word: &str, scope: &Scope) -> Result<String, String> {
    scope.expand(word).map(|expanded| expanded.text).map_err(|error| error.message)
}

/// A path in the image without the first `/`; what must be a directory keeps its last `/`.
fn in_container(path: &str, workdir: &str) -> String {
    let is_directory = path.ends_with('/') || path == "." || path.ends_with("/.");
    let inside =
        if path.starts_with('/') { in_context(path) } else { in_context(&format!("{workdir}/{path}")) };
    if is_directory { inside + "/" } else { inside }
}

impl Step {
    fn run(
        &self,
        stage: &mut FileSystem,
        stages: &[FileSystem],
        context: &FileSystem,
        builder: Builder,
    ) -> Result<(), String> {
        match &self.what {
            What::Directory(path) => stage.make_directory(path.trim_end_matches('/')),
            What::Copy { from, sources, written, destination, excluded, keeps_parents } => {
                let other = match from {
                    None => context,
                    Some(from) => stages.get(*from).ok_or("copies from a stage that comes later")?,
                };
                let is_buildkit = builder == Builder::Buildkit;
                let into_directory = !is_buildkit && sources.len() + written.len() > 1;
                let destination = if into_directory {
                    format!("{}/", destination.trim_end_matches('/'))
                } else {
                    destination.clone()
                };
                let copy = Copy {
                    sources,
                    destination: &destination,
                    excluded: excluded.as_deref(),
                    keeps_parents: *keeps_parents,
                    needs_match: !is_buildkit,
                };
                stage.copy(other, &copy)?;
                written.iter().try_for_each(|name| stage.write(name, &destination))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::Memory;

    fn built(dockerfile: &str, ignore: &str) -> Result<Vec<String>, String> {
        let files = [("app/main.py", ""), ("app/sub/y.py", ""), ("req.txt", ""), ("req-dev.txt", "")];
        let mut tree: Memory = files.into_iter().collect();
        tree.insert("Dockerfile", dockerfile);
        tree.insert(".dockerignore", ignore);
        tree.insert_link("link", "app");
        image_files(&tree, "Dockerfile", Builder::Buildkit)
    }

    #[test]
    fn a_destination_that_exists_takes_files_in() {
        let text = "FROM scratch\nWORKDIR /srv\nCOPY req.txt /srv\nCOPY req*.txt ./\nCOPY req.txt other\n";
        assert_eq!(built(text, "").unwrap(), ["srv/other", "srv/req-dev.txt", "srv/req.txt"]);
        let text = "FROM scratch\nCOPY app /x\nCOPY req.txt /x/main.py/\n";
        assert!(built(text, "").unwrap_err().starts_with("line 3: `/x/main.py` is no directory"));
    }

    #[test]
    fn links_are_followed_at_the_top_only() {
        assert_eq!(built("FROM scratch\nCOPY link /x\n", "").unwrap(), ["x/main.py", "x/sub/y.py"]);
        assert_eq!(built("FROM scratch\nCOPY . /x\n", "app\nreq*\n.d*\nDockerfile\n").unwrap(), ["x/link"]);
        assert!(built("FROM scratch\nCOPY link /x\n", "app").is_err());
    }

    #[test]
    fn a_stage_holds_what_the_stages_it_copies_from_hold() {
        let text = "FROM scratch AS base\nFROM scratch AS build\nCOPY app /src\nFROM base\nCOPY --from=build /src/sub /y\n";
        assert_eq!(built(text, "").unwrap(), ["y/y.py"]);
        let unreached = "FROM scratch AS broken\nCOPY nope /\nFROM scratch\nCOPY --exclude=**/*.py app /x\n";
        assert_eq!(built(unreached, "").unwrap(), [""; 0]);
    }
}
