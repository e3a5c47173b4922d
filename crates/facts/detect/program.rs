//! The modules of a repository, read when an evaluation asks for them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use source::{FileKind, LineIndex, MAX_CODE_BYTES, Place, Span, directory_of, file_name, join};
use syntax::decision::{
    Expression, ExpressionKind, ImportedNames, Language, Module, Statement, StatementKind,
};
use syntax::decision::{bound_names, walk_functions};
use syntax::{python, rust, typescript};

use super::changers::{Changer, Changers};
use super::effects;
use super::files::Texts;
use super::regexes::Regexes;
use super::shipped::Shipped;
use super::signs::may_hold;
use crate::inventory::Inventory;
use crate::record::Document;

/// A module with an index of the statements that bind each of its names.
pub(super) struct Loaded {
    pub(super) path: Arc<str>,
    pub(super) module: Module,
    lines: LineIndex,
    binders: BTreeMap<String, Vec<usize>>,
    /// Statements that take all names of another module.
    pub(super) stars: Vec<usize>,
    /// Statements that set variables of the process.
    environ_writers: Vec<usize>,
    changers: OnceLock<Changers>,
}

impl Loaded {
    pub(super) fn place(&self, span: Span) -> Place {
        Place { path: Arc::clone(&self.path), line: self.lines.line(span.start), span }
    }

    /// What its statements change.
    fn changers(&self) -> &Changers {
        self.changers.get_or_init(|| Changers::new(&self.module))
    }

    /// The statements that set variables of the process, in order.
    pub(super) fn environ_writers(&self) -> Vec<usize> {
        let mut all = self.environ_writers.clone();
        all.extend(&self.changers().environ);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The statements after which it is known what a name stands for, in order: those that bind it, those that change
    /// what it stands for, and those that set variables of the process.
    pub(super) fn makers(&self, name: &str) -> Vec<Changer> {
        let to_run = |index: &usize| Changer { index: *index, is_inside: false };
        let mut all: Vec<Changer> = self.binders(name).iter().map(to_run).collect();
        all.extend(self.environ_writers().iter().map(to_run));
        all.extend(self.changers().of(name));
        all.sort_unstable();
        all.dedup_by_key(|one| one.index);
        all
    }

    /// The statements that bind `name` and those that change what it stands for.
    pub(super) fn asked_with(&self, name: &str) -> Vec<usize> {
        let changers = self.changers().of(name).iter().map(|changer| changer.index);
        self.binders(name).iter().copied().chain(changers).collect()
    }

    /// The statements that bind `name`, in order.
    pub(super) fn binders(&self, name: &str) -> &[usize] {
        self.binders.get(name).map_or(&[], Vec::as_slice)
    }

    fn new(document: Document, module: Module) -> Self {
        let mut binders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut stars = Vec::new();
        let mut environ_writers = Vec::new();
        for (index, statement) in module.body.iter().enumerate() {
            for name in bound_names(std::slice::from_ref(statement)) {
                binders.entry(name).or_default().push(index);
            }
            let mut star = false;
            let mut writes = false;
            walk_functions(std::slice::from_ref(statement), &mut |inner| {
                star |= matches!(&inner.kind, StatementKind::Import(import) if import.names == ImportedNames::All);
                writes |= writes_environ(inner);
            });
            if star {
                stars.push(index);
            }
            if writes {
                environ_writers.push(index);
            }
        }
        if module.language == Language::JavaScript {
            note_effects(&module.body, &mut binders, &mut environ_writers);
        }
        let (path, lines, changers) = (document.path, document.lines, OnceLock::new());
        Self { path, module, lines, binders, stars, environ_writers, changers }
    }
}

impl Loaded {
    /// Whether the class of this name defines a function of this name.
    pub(super) fn has_method(&self, class: &str, name: &str) -> bool {
        let mut has = false;
        walk_functions(&self.module.body, &mut |statement| {
            if let StatementKind::Class(own) = &statement.kind
                && own.name == class
            {
                walk_functions(&own.body, &mut |member| {
                    has |= matches!(&member.kind, StatementKind::Function(own) if own.name == name);
                });
            }
        });
        has
    }
}

/// Adds to the statements that bind a name of a JavaScript module those that change what it stands for.
fn note_effects(
    body: &[Statement],
    binders: &mut BTreeMap<String, Vec<usize>>,
    environ_writers: &mut Vec<usize>,
) {
    for (index, changed) in effects::changes(body).into_iter().enumerate() {
        for name in changed.names {
            if let Some(all) = binders.get_mut(&name)
                && let Err(at) = all.binary_search(&index)
            {
                all.insert(at, index);
            }
        }
        if let (true, Err(at)) = (changed.environ, environ_writers.binary_search(&index)) {
            environ_writers.insert(at, index);
        }
    }
}

pub(super) fn writes_environ(statement: &Statement) -> bool {
    let is_environ = |expression: &Expression| {
        expression
            .dotted()
            .is_some_and(|name| name == "environ" || name.ends_with(".environ") || name == "process.env")
    };
    let is_entry = |target: &Expression| match &target.kind {
        ExpressionKind::Index { object, .. } | ExpressionKind::Member { object, .. } => is_environ(object),
        _ => false,
    };
    match &statement.kind {
        StatementKind::Assign(targets, _) | StatementKind::Delete(targets) => targets.iter().any(is_entry),
        StatementKind::Expression(Expression { kind: ExpressionKind::Call(call), .. }) => {
            let is_method =
                matches!(&call.callee.kind, ExpressionKind::Member { object, .. } if is_environ(object));
            is_method || call.callee.dotted().is_some_and(|name| name.ends_with("load_dotenv"))
        }
        StatementKind::Expression(Expression { kind: ExpressionKind::Assign(target, _), .. }) => {
            is_entry(target)
        }
        _ => false,
    }
}

/// The decisions of a file; `None` where they are not followed.
pub(super) fn lowered(document: Document) -> Option<Loaded> {
    let module = match FileKind::of(&document.path) {
        FileKind::Python => python::decisions(&document.text)?,
        FileKind::TypeScript => typescript::decisions(&document.text)?,
        FileKind::Rust => rust::decisions(&document.text)?,
        _ => return None,
    };
    Some(Loaded::new(document, module))
}

/// All modules of one repository.
pub(super) struct Program<'i> {
    pub(super) inventory: &'i Inventory<'i>,
    loaded: Mutex<HashMap<String, Option<Arc<Loaded>>>>,
    pub(super) regexes: Regexes,
    pub(super) texts: Texts,
    names: OnceLock<HashSet<String>>,
    /// Names of files, and whether they stand in a folder that a program may be started in.
    beside: Mutex<HashMap<String, bool>>,
    /// Folders and packages, and whether the folder's own package names that.
    packages: Mutex<HashMap<(String, String), bool>>,
    developed: OnceLock<bool>,
    /// Variables with values, and whether a Dockerfile states them.
    stated: Mutex<HashMap<(String, String), bool>>,
    /// Paths that images were asked for, and whether they may hold them.
    shipped: Mutex<Vec<(Arc<Shipped>, String, bool)>>,
}

/// What an import leads to.
pub(super) enum Resolved {
    /// The file of a module.
    File(String),
    /// A package without a file of its own.
    Package(String),
    /// Nothing of this repository.
    External,
}

/// Modules of Python's own that a folder of the same name does not replace.
pub(super) const STANDARD: &[&str] = &[
    "abc",
    "argparse",
    "asyncio",
    "atexit",
    "collections",
    "contextlib",
    "contextvars",
    "copy",
    "dataclasses",
    "datetime",
    "enum",
    "errno",
    "functools",
    "hashlib",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "logging",
    "math",
    "operator",
    "os",
    "pathlib",
    "platform",
    "random",
    "re",
    "secrets",
    "shlex",
    "shutil",
    "signal",
    "socket",
    "string",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "__future__",
];

/// Files that stand in the folder in which a program is started.
const MANIFESTS: &[&str] =
    &["Dockerfile", "requirements.txt", "pyproject.toml", "setup.py", "package.json", "main.py", "app.py"];

impl<'i> Program<'i> {
    pub(super) fn new(inventory: &'i Inventory<'i>) -> Self {
        Self {
            inventory,
            loaded: Mutex::default(),
            regexes: Regexes::default(),
            texts: Texts::default(),
            names: OnceLock::new(),
            beside: Mutex::default(),
            packages: Mutex::default(),
            developed: OnceLock::new(),
            stated: Mutex::default(),
            shipped: Mutex::default(),
        }
    }

    /// Whether something of this name stands anywhere in the repository.
    pub(super) fn holds_name(&self, name: &str) -> bool {
        let all = || self.inventory.entries().iter().map(|entry| file_name(&entry.path).to_owned()).collect();
        self.names.get_or_init(all).contains(name)
    }

    /// Whether a program may be started in a folder: the root, or one with a manifest of its own.
    pub(super) fn may_start_in(&self, folder: &str) -> bool {
        let holds = |manifest: &&str| self.inventory.is_file(&format!("{folder}/{manifest}"));
        folder.is_empty() || MANIFESTS.iter().any(holds)
    }

    /// Whether a file of this name stands in a folder that a program may be started in.
    pub(super) fn may_start_beside(&self, name: &str) -> bool {
        let mut known = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(name) {
            return *known;
        }
        let found =
            self.holds_name(name)
                && self.inventory.entries().iter().any(|entry| {
                    file_name(&entry.path) == name && self.may_start_in(directory_of(&entry.path))
                });
        known.insert(name.to_owned(), found);
        found
    }

    /// Whether one of these images may hold a file at this path.
    pub(super) fn is_shipped(&self, shipped: &Arc<Shipped>, path: &str) -> bool {
        let mut known = self.shipped.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |(of, at, _): &&(Arc<Shipped>, String, bool)| Arc::ptr_eq(of, shipped) && at == path;
        if let Some((.., may_be)) = known.iter().find(is_same) {
            return *may_be;
        }
        let may_be = shipped.may_hold(self.inventory, path);
        known.push((Arc::clone(shipped), path.to_owned(), may_be));
        may_be
    }

    /// The module in a file that may hold detectors, not kept: most such files hold none.
    pub(super) fn glance(&self, path: &str) -> Option<Arc<Loaded>> {
        let bytes = self.inventory.tree().read(path, MAX_CODE_BYTES).ok()?;
        if !may_hold(FileKind::of(path), &bytes) {
            return None;
        }
        let document = Document::of_bytes(path, bytes).ok()?;
        lowered(document).map(Arc::new)
    }

    /// Keeps a module that was glanced at.
    pub(super) fn keep(&self, loaded: &Arc<Loaded>) {
        self.lock().entry(loaded.path.to_string()).or_insert_with(|| Some(Arc::clone(loaded)));
    }

    /// The module in the file at `path`; `None` where it cannot be read or is in no language that is followed.
    pub(super) fn load(&self, path: &str) -> Option<Arc<Loaded>> {
        if let Some(known) = self.lock().get(path) {
            return known.clone();
        }
        let document = Document::read(self.inventory.tree(), path).ok();
        let loaded = document.and_then(lowered).map(Arc::new);
        self.lock().entry(path.to_owned()).or_insert(loaded).clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Option<Arc<Loaded>>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the package that holds a file uses Next.js, which gives `NODE_ENV` one of three values.
    pub(super) fn uses_next(&self, path: &str) -> bool {
        self.uses(path, "next")
    }

    /// Whether what is shipped may be started as developers start it: `next dev`.
    pub(super) fn is_for_developers(&self) -> bool {
        const STARTS: &[&str] =
            &["next dev", "run dev", "\"dev\"", "yarn dev", "pnpm dev", "bun dev", "next\", \"dev"];
        *self.developed.get_or_init(|| {
            let kinds = [FileKind::Dockerfile, FileKind::Compose];
            let files =
                self.inventory.entries().iter().filter(|entry| kinds.contains(&FileKind::of(&entry.path)));
            let mut texts = files.filter_map(|entry| Document::read(self.inventory.tree(), &entry.path).ok());
            texts.any(|document| STARTS.iter().any(|start| document.text.contains(start)))
        })
    }

    /// Whether a Dockerfile gives a variable this value: `ARG NAME=value`, `ENV NAME=value`.
    pub(super) fn is_stated_for_builds(&self, name: &str, value: &str) -> bool {
        let mut known = self.stated.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry((name.to_owned(), value.to_owned())).or_insert_with(|| {
            let states = |line: &str| {
                let mut words = line.split_whitespace();
                let gives = words.next().is_some_and(|first| {
                    first.eq_ignore_ascii_case("ARG") || first.eq_ignore_ascii_case("ENV")
                });
                gives
                    && words.any(|word| {
                        word.split_once('=').is_some_and(|(given, held)| {
                            given == name && held.trim_matches(['"', '\'']) == value
                        })
                    })
            };
            let files = self.inventory.entries().iter();
            let files = files.filter(|entry| FileKind::of(&entry.path) == FileKind::Dockerfile);
            let mut texts = files.filter_map(|entry| Document::read(self.inventory.tree(), &entry.path).ok());
            texts.any(|document| document.text.lines().any(states))
        })
    }

    /// Whether the package that holds a file names this one.
    pub(super) fn uses(&self, path: &str, package: &str) -> bool {
        let key = (directory_of(path).to_owned(), package.to_owned());
        let mut known = self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(key).or_insert_with(|| self.names_package(path, package))
    }

    fn names_package(&self, path: &str, package: &str) -> bool {
        let mut folder = directory_of(path);
        loop {
            let manifest = join(folder, "package.json").filter(|path| self.inventory.is_file(path));
            if let Some(manifest) = manifest {
                let text = Document::read(self.inventory.tree(), &manifest).map(|document| document.text);
                return text.is_ok_and(|text| text.contains(&format!("\"{package}\"")));
            }
            if folder.is_empty() {
                return false;
            }
            folder = directory_of(folder);
        }
    }

    /// What a Python import in the file at `importer` leads to.
    pub(super) fn resolve(&self, importer: &Loaded, module: &str, level: u32) -> Resolved {
        match importer.module.language {
            Language::Python => self.resolve_python(&importer.path, module, level),
            Language::JavaScript => self.resolve_javascript(&importer.path, module),
            Language::Rust => self.resolve_rust(&importer.path, module),
        }
    }

    /// The module or package `name` inside a package's folder.
    pub(super) fn submodule(&self, folder: &str, name: &str) -> Resolved {
        join(folder, &name.replace('.', "/")).map_or(Resolved::External, |base| self.python_at(&base))
    }

    fn resolve_python(&self, importer: &str, module: &str, level: u32) -> Resolved {
        let relative = module.replace('.', "/");
        if level > 0 {
            let package = (1..level).fold(directory_of(importer), |package, _| directory_of(package));
            return join(package, &relative).map_or(Resolved::External, |base| self.python_at(&base));
        }
        if STANDARD.contains(&module.split('.').next().unwrap_or(module)) {
            return Resolved::External;
        }
        // Which folders are searched is a matter of how the program is started: the root, and every folder from
        // there down to the importing file.
        let mut folders = vec![String::new(), "src".to_owned()];
        let mut folder = directory_of(importer);
        let mut below = Vec::new();
        while !folder.is_empty() {
            below.push(folder.to_owned());
            folder = directory_of(folder);
        }
        folders.extend(below.into_iter().rev());
        for folder in folders {
            let Some(base) = join(&folder, &relative) else { continue };
            match self.python_at(&base) {
                Resolved::External => {}
                found => return found,
            }
        }
        Resolved::External
    }

    /// A relative path, or one from a source folder above (`@/lib/env`).
    fn resolve_javascript(&self, importer: &str, module: &str) -> Resolved {
        if module.starts_with('.') {
            let base = join(directory_of(importer), module);
            return base.map_or(Resolved::External, |base| self.javascript_at(&base));
        }
        let Some(rest) = module.strip_prefix("@/").or_else(|| module.strip_prefix("~/")) else {
            return Resolved::External;
        };
        let mut folder = directory_of(importer);
        loop {
            for base in [join(folder, rest), join(folder, &format!("src/{rest}"))].into_iter().flatten() {
                if let found @ Resolved::File(_) = self.javascript_at(&base) {
                    return found;
                }
            }
            if folder.is_empty() {
                return Resolved::External;
            }
            folder = directory_of(folder);
        }
    }

    /// A module by its path: `crate::a::b`, `self::a`, `super::a`, or one that the importing file declares.
    fn resolve_rust(&self, importer: &str, module: &str) -> Resolved {
        let mut segments = module.split("::").peekable();
        let mut folder = rust_children(importer);
        match segments.peek().copied() {
            Some("crate") => {
                segments.next();
                let Some(root) = self.rust_root(importer) else { return Resolved::External };
                if segments.peek().is_none() {
                    return Resolved::File(root);
                }
                directory_of(&root).clone_into(&mut folder);
            }
            Some("self") => {
                segments.next();
            }
            _ => {}
        }
        while segments.next_if_eq(&"super").is_some() {
            folder = directory_of(&folder).to_owned();
        }
        let rest: Vec<&str> = segments.collect();
        let Some(base) = join(&folder, &rest.join("/")).filter(|_| !rest.is_empty()) else {
            return Resolved::External;
        };
        let files = [format!("{base}.rs"), format!("{base}/mod.rs")];
        files.into_iter().find(|path| self.inventory.is_file(path)).map_or(Resolved::External, Resolved::File)
    }

    /// The file that a crate begins with.
    fn rust_root(&self, importer: &str) -> Option<String> {
        let mut folder = directory_of(importer);
        loop {
            let roots = ["lib.rs", "main.rs"].into_iter().filter_map(|name| join(folder, name));
            if let Some(root) = roots.into_iter().find(|path| self.inventory.is_file(path)) {
                return Some(root);
            }
            if folder.is_empty() {
                return None;
            }
            folder = directory_of(folder);
        }
    }

    fn javascript_at(&self, base: &str) -> Resolved {
        const ENDINGS: &[&str] = &[
            "",
            ".ts",
            ".tsx",
            ".js",
            ".jsx",
            ".mjs",
            ".cjs",
            ".mts",
            ".cts",
            "/index.ts",
            "/index.tsx",
            "/index.js",
            "/index.mjs",
        ];
        let stem = base.strip_suffix(".js").unwrap_or(base);
        let files = ENDINGS.iter().map(|ending| format!("{base}{ending}"));
        // TypeScript is imported by the name that it gets when it is compiled.
        let mut files = files.chain([format!("{stem}.ts"), format!("{stem}.tsx")]);
        files
            .find(|path| self.inventory.is_file(path) && FileKind::of(path) == FileKind::TypeScript)
            .map_or(Resolved::External, Resolved::File)
    }

    fn python_at(&self, base: &str) -> Resolved {
        let package = format!("{base}/__init__.py");
        if self.inventory.is_file(&package) {
            return Resolved::File(package);
        }
        let module = format!("{base}.py");
        if !base.is_empty() && self.inventory.is_file(&module) {
            return Resolved::File(module);
        }
        let holds_code = |entry: &source::Entry| FileKind::of(&entry.path) == FileKind::Python;
        if self.inventory.is_directory(base) && self.inventory.below(base).iter().any(holds_code) {
            return Resolved::Package(base.to_owned());
        }
        Resolved::External
    }
}

/// The folder of the modules that a Rust file declares.
fn rust_children(path: &str) -> String {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    match source::file_name(stem) {
        "mod" | "lib" | "main" => directory_of(path).to_owned(),
        _ => stem.to_owned(),
    }
}
