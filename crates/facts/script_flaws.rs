//! Scripts that something starts and that cannot run: no shell reads them, or the kernel does not execute them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rayon::prelude::*;
use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, Place, Span, file_name, is_illustration};
use syntax::shell::{self, OperatorBefore};

use crate::collect::shell_text::ShellText;
use crate::image::Image;
use crate::inventory::Inventory;
use crate::record::{Document, Use, UseKind};
use crate::shell_flaws::{self, ShellFlaw};
use crate::{Problem, Stated};

/// What keeps a script from running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFlaw {
    /// The script's file name; `None` for the text of a step or an instruction.
    pub script: Option<String>,
    /// Where the fault stands: in the script, or where a script without the right is started.
    pub at: Place,
    /// What is wrong.
    pub kind: ScriptFlawKind,
    /// Where the script is started, if that is another place.
    pub started_at: Option<Place>,
}

/// The ways in which a script cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptFlawKind {
    /// A shell refuses the text: why, in words.
    Refused(String),
    /// It ends where an argument is missing, and is started with fewer.
    ArgumentMissing {
        /// So many arguments it demands.
        needed: usize,
        /// So many it is given.
        given: usize,
    },
    /// It is committed without the right to be executed, and is started as a program.
    NotExecutable,
    /// Its first line ends in a carriage return, which then belongs to the interpreter's name.
    CarriageReturn,
    /// It has no first line that names an interpreter, and the kernel itself is to execute it: `exec format error`
    /// (measured: dockerd 20.10.24).
    NoInterpreter,
}

/// A command of a script that a container starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedCommand {
    /// Its words, the program first.
    pub words: Vec<Stated<String>>,
    /// Whether a condition decides if it runs.
    pub is_conditional: bool,
}

/// Where a script of the tree is started.
struct Started<'a> {
    path: &'a str,
    at: &'a Place,
    /// As a program, not as the argument of a shell.
    directly: bool,
    /// By a container, as what it runs or as a part of that.
    by_container: bool,
    /// By the container's runtime, without a shell that would take over.
    by_runtime: bool,
    /// How many arguments it is given, where that is certain.
    arguments: Option<usize>,
}

/// What is wrong with the scripts that images, workflows and scripts start.
#[derive(Debug, Default)]
pub(crate) struct StartedScripts {
    /// What keeps them from running.
    pub flaws: Vec<ScriptFlaw>,
    /// Places of shell scripts that do something else than they seem to.
    pub shell_flaws: Vec<ShellFlaw>,
    /// The commands of those that containers start.
    pub commands: Vec<StartedCommand>,
    /// Those that could not be read; each blocks.
    pub problems: Vec<Problem>,
}

impl StartedScripts {
    pub(crate) fn of(inventory: &Inventory<'_>, images: &[Image], uses: &[Use]) -> Self {
        let by_images = images.iter().flat_map(|image| &image.entry).filter_map(|entry| {
            let script = entry.script.as_ref()?;
            let (directly, by_runtime) = (script.directly, script.by_runtime);
            Some(Started {
                path: &script.path,
                at: &entry.at,
                directly,
                by_container: true,
                by_runtime,
                arguments: None,
            })
        });
        let by_uses = uses.iter().filter_map(|used| match used.what {
            UseKind::Script { directly, arguments } => Some(Started {
                path: &used.path,
                at: &used.at,
                directly,
                by_container: false,
                by_runtime: false,
                arguments,
            }),
            _ => None,
        });
        let started = by_images.chain(by_uses).filter(|one| !is_illustration(&one.at.path));
        let mut scripts: BTreeMap<&str, Vec<Started<'_>>> = BTreeMap::new();
        for one in started.filter(|one| inventory.is_file(one.path)) {
            scripts.entry(one.path).or_default().push(one);
        }
        let known = OnceLock::new();
        let keeps_rights = || *known.get_or_init(|| keeps_rights(inventory));
        let judged: Vec<_> = scripts
            .into_par_iter()
            .map(|(path, starts)| judge(inventory, path, &starts, &keeps_rights))
            .collect();
        let mut found = Self::default();
        for one in judged {
            match one {
                Ok(one) => {
                    found.flaws.extend(one.flaws);
                    found.shell_flaws.extend(one.shell_flaws);
                    found.commands.extend(one.commands);
                }
                Err(problem) => found.problems.push(problem),
            }
        }
        found
    }
}

/// What keeps a script from running where it is started, each place once, and what is not what it seems in it; a problem
/// where it cannot be read.
fn judge(
    inventory: &Inventory<'_>,
    path: &str,
    starts: &[Started<'_>],
    keeps_rights: &(dyn Fn() -> bool + Sync),
) -> Result<StartedScripts, Problem> {
    let document = match Document::read(inventory.tree(), path) {
        Ok(document) => document,
        Err(problem) if is_text(path) => return Err(Problem { blocking: true, ..problem }),
        Err(_) => return Ok(StartedScripts::default()),
    };
    let lacks_right = || inventory.tree().mode(path).is_some_and(|mode| mode & 0o111 == 0) && keeps_rights();
    let mut flaws: Vec<ScriptFlaw> = Vec::new();
    for started in starts {
        let flaw = flaw(inventory, started, &document, &lacks_right);
        let is_new = |flaw: &ScriptFlaw| flaws.iter().all(|told| told.at != flaw.at);
        flaws.extend(flaw.filter(is_new));
    }
    let mut judged = StartedScripts { flaws, ..StartedScripts::default() };
    if is_for_shell(&document) {
        let shell = ShellText::of_file(&document);
        judged.shell_flaws = shell_flaws::of_script(&shell);
        if starts.iter().any(|started| started.by_container) {
            judged.commands = commands(&shell);
        }
    }
    Ok(judged)
}

/// The commands of a script for a shell.
fn commands(text: &ShellText<'_>) -> Vec<StartedCommand> {
    let script = text.script();
    let is_inside = |command: &shell::Command| {
        let around = |block: &&shell::Block| {
            block.span.start <= command.span.start && command.span.end <= block.span.end
        };
        let may_be_left_out = |block: &shell::Block| block.kind != shell::BlockKind::Group;
        script.blocks.iter().filter(around).any(may_be_left_out)
    };
    let stated = |word: &shell::Word| Stated { value: word.text.clone(), at: text.place(word.span) };
    let of_command = |command: &shell::Command| StartedCommand {
        words: command.words.iter().map(stated).collect(),
        is_conditional: is_inside(command)
            || matches!(command.operator_before, OperatorBefore::And | OperatorBefore::Or),
    };
    script.commands.iter().filter(|command| !command.words.is_empty()).map(of_command).collect()
}

/// Whether a file that is started should be a text: a program may lie in the tree as well.
fn is_text(path: &str) -> bool {
    matches!(FileKind::of(path), FileKind::Shell | FileKind::Python | FileKind::TypeScript)
}

fn flaw(
    inventory: &Inventory<'_>,
    started: &Started<'_>,
    document: &Document,
    lacks_right: &dyn Fn() -> bool,
) -> Option<ScriptFlaw> {
    let first = document.text.lines().next().unwrap_or("").trim_start_matches('\u{feff}');
    let told = |at: Place, kind| {
        let started_at = (at != *started.at).then(|| started.at.clone());
        Some(ScriptFlaw { script: Some(file_name(started.path).to_owned()), at, kind, started_at })
    };
    let first_line = || document.place(Span::new(0, first.len()));
    let mended = |sign: &[u8]| {
        let caller = inventory.tree().read(&started.at.path, MAX_CONFIG_BYTES).unwrap_or_default();
        memchr::memmem::find(&caller, sign).is_some()
    };
    if started.directly
        && first.starts_with("#!")
        && document.text.as_bytes().get(first.len()) == Some(&b'\r')
    {
        let is_mended = mended(b"dos2unix") || mended(br"\r");
        return if is_mended { None } else { told(first_line(), ScriptFlawKind::CarriageReturn) };
    }
    if let Some((span, message)) = refused(document) {
        return told(document.place(span), ScriptFlawKind::Refused(message));
    }
    if started.directly && lacks_right() && !mended(b"chmod") {
        return told(started.at.clone(), ScriptFlawKind::NotExecutable);
    }
    if let Some(given) = started.arguments.filter(|_| is_for_shell(document)) {
        let needed = shell_flaws::demanded_arguments(&document.text);
        if needed > given {
            return told(started.at.clone(), ScriptFlawKind::ArgumentMissing { needed, given });
        }
    }
    let is_text = !document.text.contains('\0') && !first.is_empty();
    if started.by_runtime && is_text && !first.starts_with("#!") {
        return told(first_line(), ScriptFlawKind::NoInterpreter);
    }
    None
}

/// Why no shell reads a script, and where; of scripts for other programs nothing is known.
fn refused(document: &Document) -> Option<(Span, String)> {
    is_for_shell(document).then_some(())?;
    let refused = shell::parse(&document.text).tree.refused?;
    is_certain(&document.text).then_some((refused.span, refused.message))
}

/// The flaw of a script by itself.
pub(crate) fn of_file(document: &Document) -> Option<ScriptFlaw> {
    (!is_illustration(&document.path)).then_some(())?;
    let (span, message) = refused(document)?;
    Some(ScriptFlaw {
        script: Some(file_name(&document.path).to_owned()),
        at: document.place(span),
        kind: ScriptFlawKind::Refused(message),
        started_at: None,
    })
}

/// The flaw of the text of a Dockerfile's instruction, as it stands at `span`.
pub(crate) fn of_instruction(document: &Document, span: Span) -> Option<ScriptFlaw> {
    (!is_illustration(&document.path)).then_some(())?;
    let refused = shell::parse_run(document.slice(span)).tree.refused?;
    let at = document.place(refused.span.shifted(span.start));
    is_certain(document.slice(span)).then_some(of_unnamed(at, refused.message))
}

/// The flaw of the text of a step that stands at `span`; here-documents need it without its indentation.
pub(crate) fn of_step(document: &Document, text: &str, span: Span) -> Option<ScriptFlaw> {
    let refused = shell::parse(text).tree.refused.filter(|_| is_certain(text))?;
    let before = text.get(..refused.span.start).unwrap_or("").matches('\n').count();
    let mut lines = document.slice(span).split_inclusive('\n');
    let start = span.start + lines.by_ref().take(before).map(str::len).sum::<usize>();
    let line = lines.next().unwrap_or("");
    let indent = line.len() - line.trim_start().len();
    let at = Span::new(start + indent, start + indent.max(line.trim_end().len()));
    Some(of_unnamed(document.place(at), refused.message))
}

fn of_unnamed(at: Place, why: String) -> ScriptFlaw {
    ScriptFlaw { script: None, at, kind: ScriptFlawKind::Refused(why), started_at: None }
}

/// Whether what a template puts in is no part of the text's grammar.
fn is_certain(text: &str) -> bool {
    !["{%", "%{", "<%", "{{"].iter().any(|sign| text.replace("${{", "").contains(sign))
}

/// Whether a file is for `sh` or bash: by its first line, else by its name.
fn is_for_shell(document: &Document) -> bool {
    let first = document.text.lines().next().unwrap_or("").trim_start_matches('\u{feff}');
    match first.strip_prefix("#!") {
        Some(interpreter) => interpreter
            .split_whitespace()
            .any(|word| matches!(file_name(word), "sh" | "bash" | "dash" | "ash")),
        None => FileKind::of(&document.path) == FileKind::Shell,
    }
}

/// Whether the tree keeps the right to execute: some script of it has it.
fn keeps_rights(inventory: &Inventory<'_>) -> bool {
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let mut scripts = files.filter(|entry| FileKind::of(&entry.path) == FileKind::Shell);
    scripts.any(|entry| inventory.tree().mode(&entry.path).is_some_and(|mode| mode & 0o111 != 0))
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use super::ScriptFlawKind;
    use crate::{Declared, collect};

    const WORKFLOW: &str = "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      \
                            - uses: actions/checkout@v5\n      - run: ./deploy.sh\n";

    fn kinds(tree: &Memory) -> Vec<ScriptFlawKind> {
        collect(tree, &Declared::default()).script_flaws.into_iter().map(|flaw| flaw.kind).collect()
    }

    #[test]
    fn rights_are_judged_where_the_tree_keeps_some() {
        let files = [
            (".github/workflows/deploy.yml", WORKFLOW),
            ("deploy.sh", "#!/bin/sh\ndocker push api\n"),
            ("other.sh", "#!/bin/sh\n"),
        ];
        let mut tree: Memory = files.into_iter().collect();
        assert_eq!(kinds(&tree), []);
        tree.make_executable("other.sh");
        assert_eq!(kinds(&tree), [ScriptFlawKind::NotExecutable]);
        tree.make_executable("deploy.sh");
        assert_eq!(kinds(&tree), []);
    }

    #[test]
    fn an_interpreter_with_a_carriage_return_is_none() {
        let script = ("deploy.sh", "#!/bin/sh\r\ndocker push api\r\n");
        let tree: Memory = [(".github/workflows/deploy.yml", WORKFLOW), script].into_iter().collect();
        assert_eq!(kinds(&tree), [ScriptFlawKind::CarriageReturn]);
    }
}
