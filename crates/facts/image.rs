//! What is built from a Dockerfile: the files it takes, what it starts, and what that needs.

use std::sync::Arc;

use source::Place;

use crate::How;
use crate::layout::Layout;

/// One build of one Dockerfile with one context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The Dockerfile's path.
    pub dockerfile: Arc<str>,
    /// The context directory; `""` is the root.
    pub context: String,
    /// Whether something names the context, or some source of the Dockerfile exists in it; not where builds are named
    /// in this tree and this variant of a Dockerfile is in none of them.
    pub context_is_certain: bool,
    /// Whether the context is a guess and nothing that the Dockerfile takes or runs lies in any that it may be.
    pub context_is_unknown: bool,
    /// The ignore file that the builder reads.
    pub ignore_file: Option<Arc<str>>,
    /// The builder whose matching decided.
    pub builder: &'static str,
    /// The stage that is built, where one is named.
    pub target: Option<String>,
    /// 1-based line of the `FROM` of the stage that is built; 1 where there is none.
    pub line: u32,
    /// Compose files, workflows, scripts and configuration that build it; empty where only its name speaks for it.
    pub built_by: Vec<Place>,
    /// The services that those who build it build it for; sorted.
    pub built_for: Vec<String>,
    /// The services that are deployed with what this build makes, told by the image's name; sorted.
    pub run_by: Vec<String>,
    /// Environment, service, deployed or not.
    pub scope: crate::Scope,
    /// The sources of COPY and ADD.
    pub copies: Vec<Copied>,
    /// The folder above the context that has all of several sources which the context lacks.
    pub whole_from: Option<String>,
    /// Where what it takes from the context lies.
    pub(crate) layout: Layout,
    /// The folder that its program starts in, absolute in the container, without the first `/`.
    pub(crate) workdir: String,
    /// What the container starts, as written.
    pub entry: Vec<EntryPoint>,
    /// The files that the image needs: what COPY names file by file, and what its program may load; sorted.
    pub needs: Vec<Arc<str>>,
    /// Those of them that its Python program loads in any case, before it does anything else; sorted.
    pub at_start: Vec<Arc<str>>,
    /// Variables that the command or the scripts which start it set for its program; `None` where these read others from
    /// files.
    pub sets: Option<Vec<String>>,
    /// Modules that the code of the image imports, and files that it opens, which the context leaves out, by path.
    pub left_out: Vec<LeftOut>,
    /// Files that a command of the image needs, that lie in the tree and that no COPY brings, by path.
    pub not_copied: Vec<NotCopied>,
    /// Modules that its code imports in any case and that stand nowhere in the tree, by the place of the import.
    pub nowhere: Vec<Nowhere>,
    /// RUN instructions that cannot succeed, in order, and what starts the container.
    pub unmet: Vec<UnmetRun>,
    /// Programs that the container starts and nothing installs.
    pub uninstalled: Vec<Uninstalled>,
    /// Source that is left out and whose language is not followed, by language and line of the ignore file.
    pub excluded_source: Vec<ExcludedSource>,
    /// Files among those that the image takes from the context which can hold secrets, by path.
    pub held: Vec<Held>,
}

impl Image {
    /// Whether a service runs it, as far as files tell.
    #[must_use]
    pub fn is_for(&self, service: &str) -> bool {
        let named = self.built_for.iter().chain(&self.run_by).chain(&self.scope.service);
        named.into_iter().any(|own| own == service)
    }
}

/// A file that an image holds and that can hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The file in the tree.
    pub path: Arc<str>,
    /// What it is.
    pub kind: HeldKind,
    /// The certificate beside a private key that vouches for itself, as those for tests on one machine do.
    pub self_signed: Option<Arc<str>>,
    /// The source of COPY or ADD that brings it.
    pub copied_at: Place,
    /// What to add to the ignore file so that this file alone is left out: an empty range at its end, and the line;
    /// `None` where there is no ignore file, and for a file that the image needs.
    pub ignore: Option<(Place, String)>,
}

/// What a file is that can hold secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeldKind {
    /// A text with a private key in it.
    PrivateKey,
    /// The state of Terraform, which holds every value in plain text.
    TerraformState,
    /// An env file; its settings tell whether it holds secrets.
    EnvFile,
}

/// One source of a COPY or ADD instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The source as written.
    pub written: String,
    /// The source relative to the context, after expansion.
    pub source: String,
    /// The destination as written.
    pub destination: String,
    /// Where the source stands.
    pub at: Place,
    /// The stage or image that it is copied from; `None` for the build context.
    pub from: Option<CopiedFrom>,
    /// What the context holds of it; unknown where it comes from a stage or an image.
    pub status: CopyStatus,
    /// Whether a step before the build makes it.
    pub made: bool,
}

impl Copied {
    /// Whether the source is a word of the shell, which COPY does not have: `||`, `2>/dev/null`.
    #[must_use]
    pub fn is_shell_operator(&self) -> bool {
        is_shell_operator(&self.written)
    }
}

/// Whether a word joins or redirects commands where a shell reads it.
pub(crate) fn is_shell_operator(word: &str) -> bool {
    let redirects = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&').starts_with('>');
    redirects || matches!(word, "||" | "&&" | "|" | ";" | "<")
}

/// The value of `--from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedFrom {
    /// As written.
    pub name: String,
    /// Where.
    pub at: Place,
}

/// What the context holds of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyStatus {
    /// Files, all or some of them.
    Present,
    /// Nothing stands there in the tree. `similar` is the nearest path that does.
    Missing {
        /// Whether `.gitignore` matches it, so that it is made before the build.
        generated: bool,
        /// The nearest path that exists.
        similar: Option<String>,
    },
    /// It stands in the tree, and the ignore file leaves all of it out.
    Excluded {
        /// The deciding line of the ignore file.
        by: Place,
        /// The pattern as written.
        pattern: String,
        /// Whether the build goes on with an empty directory instead of failing.
        silently: bool,
    },
    /// A wildcard that matches nothing in the context.
    NoMatch {
        /// The line that leaves out what it would match in the tree, and its pattern.
        excluded_by: Option<(Place, String)>,
        /// Whether this is the instruction's only source.
        only_source: bool,
        /// Whether `.gitignore` matches what it would match, so that it is made before the build.
        generated: bool,
    },
    /// A variable that is not set makes it empty, and the builder takes the whole context instead.
    WholeContext {
        /// The variable.
        variable: String,
        /// The `ARG` before the first `FROM` that gives it a value, which the stage does not see.
        outside: Option<Place>,
        /// Whether the image that the stage starts from may set it.
        may_be_inherited: bool,
    },
    /// It depends on a value that is not known here.
    Unknown,
}

/// A command that starts code of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPoint {
    /// What is started, as written: `app.main:app`, `server.py`.
    pub written: String,
    /// Where.
    pub at: Place,
    /// The script of the tree that it is.
    pub script: Option<StartScript>,
}

/// A script of the tree that a container starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartScript {
    /// Its path.
    pub path: String,
    /// Whether it is started as a program, not as the argument of a shell.
    pub directly: bool,
    /// Whether the container's runtime executes it, with no program before it.
    pub by_runtime: bool,
}

/// A program of a Python package that the container starts and nothing installs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uninstalled {
    /// The program, which has the name of its package.
    pub program: String,
    /// Where it is started.
    pub at: Place,
    /// Whether the lists of packages name all that is installed.
    pub is_certain: bool,
}

/// A command of a RUN instruction, or the one that starts the container, that lacks what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmetRun {
    /// The command as written: `npm ci`.
    pub command: String,
    /// Where its instruction stands.
    pub at: Place,
    /// When it runs.
    pub phase: Phase,
    /// What it lacks.
    pub lacks: Lack,
}

/// What a command of a RUN instruction lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// A file that nothing before it brings.
    File(LackingFile),
    /// A script that the package does not have.
    Script(LackingScript),
    /// A program of a development dependency, which an install left out.
    Program(LackingProgram),
}

/// A file that nothing before a command brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LackingFile {
    /// The names of which one would do.
    pub names: Vec<String>,
    /// The directory of the container, absolute.
    pub directory: String,
    /// The COPY that should have brought it, whose wildcard matches nothing.
    pub brought_by: Option<Place>,
    /// The line of the ignore file that leaves it out, and its pattern.
    pub excluded_by: Option<(Place, String)>,
    /// Where a file of this path lies, seen from the root of the container.
    pub lies_at: Option<String>,
}

/// A script that a package does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LackingScript {
    /// Its name.
    pub name: String,
    /// The file that would hold it.
    pub manifest: Arc<str>,
    /// The names that there are.
    pub known: Vec<String>,
}

/// A program of a package that an install left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LackingProgram {
    /// The program.
    pub program: String,
    /// Where its package is named.
    pub declared: Place,
    /// The install, as written.
    pub install: String,
    /// Where the instruction of the install stands.
    pub installed_at: Place,
    /// The script that runs the program, where one does.
    pub script: Option<Place>,
    /// Whether the lock file says that nothing else needs the package.
    pub is_certain: bool,
}

/// What code needs a file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// It is a module that is imported.
    Import,
    /// It is a file or folder that is opened by a path that the code tells.
    Open,
    /// It is the program that the container starts.
    Start,
}

/// The languages whose imports are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Python.
    Python,
    /// TypeScript and JavaScript.
    JavaScript,
    /// Rust.
    Rust,
}

/// When a command of an image runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// By a RUN instruction, when the image is built.
    Build,
    /// When a container starts.
    Start,
}

/// A module or file that is needed and left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file or directory in the tree.
    pub path: Arc<str>,
    /// What it is needed for.
    pub need: Need,
    /// The language of the code that needs it.
    pub language: Language,
    /// When it is needed.
    pub phase: Phase,
    /// The command that needs it, as written: `npm run build`; `None` where nothing starts the code, or where an entry
    /// point of the image does.
    pub command: Option<String>,
    /// The module's full name; of a file that is opened the path in the code.
    pub module: String,
    /// The deciding line of the ignore file.
    pub by: Place,
    /// The deciding pattern as written.
    pub pattern: String,
    /// A later line of the ignore file that looks as if it brought the module back: its place, its pattern, and the
    /// reason why it does not.
    pub not_brought_back_by: Option<(Place, String, String)>,
    /// How the strongest chain of imports needs it.
    pub how: How,
    /// Whether the importing code is reached from an entry point.
    pub reachable: bool,
    /// The imports that lead to it, from the entry point on.
    pub chain: Vec<Link>,
    /// Lines that would bring it back; `None` where the program can do without it, or where none would.
    pub reinclude: Option<Arc<Reinclude>>,
}

/// Source of a language whose imports are not followed, left out by one line beside source that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedSource {
    /// The language: `Go`.
    pub language: &'static str,
    /// The first of the files.
    pub example: Arc<str>,
    /// How many there are.
    pub count: usize,
    /// The deciding line of the ignore file.
    pub by: Place,
    /// The deciding pattern as written.
    pub pattern: String,
}

/// A file that a command needs and no COPY brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCopied {
    /// The file or directory in the tree.
    pub path: Arc<str>,
    /// The language of the code that needs it.
    pub language: Language,
    /// When it is needed.
    pub phase: Phase,
    /// The command that needs it, as written.
    pub command: String,
    /// How the strongest chain of imports needs it.
    pub how: How,
    /// The command, and what leads from it to the file; the last one names it.
    pub chain: Vec<Link>,
    /// Whether nothing but COPY brings files into the image: it starts from an image that brings none of this
    /// repository.
    pub is_certain: bool,
}

/// A module that code imports and that stands nowhere in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nowhere {
    /// The file that it would be.
    pub path: String,
    /// What stands beside it under almost its name: other letters' case, one letter more.
    pub similar: Option<String>,
    /// The language of the code that imports it.
    pub language: Language,
    /// When it is needed.
    pub phase: Phase,
    /// The command that needs it, as written.
    pub command: String,
    /// The command and the imports that lead to it; the last one names it.
    pub chain: Vec<Link>,
    /// The package without an `__init__.py` that it is looked for in: installed packages may have a part of it.
    pub namespace: Option<String>,
}

/// Lines that would bring back all needed modules which one line of an ignore file leaves out of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reinclude {
    /// Where they would stand: an empty range, after the deciding line or at the end of the file.
    pub at: Place,
    /// The lines with the line ends of the file, as they would be inserted.
    pub text: String,
    /// The lines alone: `!app/services/monitoring/`.
    pub lines: Vec<String>,
    /// The modules that they bring back, relative to the root.
    pub modules: Vec<Arc<str>>,
    /// Whether every builder that reads such a file would then send all the modules, and of other files none that it
    /// does not send now but for empty `__init__.py` files. Otherwise only the builders that build here send them.
    pub is_exact: bool,
}

/// One import on the way to a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it is imported.
    pub at: Place,
    /// The imported module, as written.
    pub module: String,
}
