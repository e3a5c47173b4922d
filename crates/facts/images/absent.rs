//! What a container starts, or copies from, and its image cannot hold.

use memchr::memmem;
use source::{Span, file_name, join};
use syntax::Spanned;
use syntax::dockerfile::{Command, Dockerfile, Kind};
use syntax::python::may_bind;
use syntax::shell::{self, EntryPoint, Target};

use super::ReadDockerfile;
use super::brought;
use super::entry::{in_container, module_start, started, started_by};
use super::plan::Planned;
use super::unmet;
use crate::imports::javascript::is_generated;
use crate::imports::python::is_standard;
use crate::inventory::Inventory;
use crate::missing::package_scripts;
use crate::output_folders::is_output;
use crate::record::{Document, Use, UseKind};
use crate::run_command::RunCommand;
use crate::similar::{is_slip, is_variant};
use crate::stages::Built;
use crate::{MissingFile, MissingKind, Scope, git_ignore};

/// Where what a container starts is looked for.
pub(super) struct Site<'s> {
    pub(super) inventory: &'s Inventory<'s>,
    pub(super) read: &'s ReadDockerfile,
    pub(super) built: &'s Built,
    /// What the build installs is asked of it.
    build: &'s unmet::Site<'s>,
    /// Whether a configuration of the server may name the folders in which modules are looked up.
    is_led_elsewhere: bool,
    /// The folder that it starts in, absolute in the container, without the first `/`.
    pub(super) workdir: String,
    /// Whether the folders that come from the tree hold what the tree has there, and nothing else.
    pub(super) is_tree_alone: bool,
    /// Folders and files of the container that are mounted when it starts.
    pub(super) mounted: Vec<String>,
    /// Whether the words name a package of the workspace, whose scripts are meant.
    pub(super) names_package: bool,
}

/// The modules, files and stages that the image's own instructions name and that do not exist.
pub(super) fn absent(build: &unmet::Site<'_>, plan: &Planned, uses: &[Use]) -> Vec<MissingFile> {
    let (inventory, read, built) = (build.inventory, build.read, build.built);
    let points = started(inventory, built);
    let mounted = mounted(inventory, plan, uses);
    let site = Site::new(build, plan, &built.start, &points, (built.workdir.clone(), mounted));
    let mut missing: Vec<MissingFile> =
        points.iter().filter_map(|point| site.started_in_vain(point)).collect();
    missing.extend(stages(&read.parsed.tree, plan, built));
    missing
}

/// What a deployment starts an image with, and what the image cannot hold.
pub(super) fn absent_of_command(
    build: &unmet::Site<'_>,
    plan: &Planned,
    command: &RunCommand,
) -> Vec<MissingFile> {
    let (inventory, built) = (build.inventory, build.built);
    let spanned = |words: &Vec<String>| -> Vec<Spanned<String>> {
        words.iter().map(|word| Spanned::new(word.clone(), Span::default())).collect()
    };
    let arguments = command.arguments.as_ref().map(spanned).unwrap_or_default();
    let (entry, own) = match (&command.entrypoint, &built.entrypoint) {
        (Some(entry), _) => (spanned(entry), Vec::new()),
        (None, Some(entry)) => (entry.clone(), shell::entry_points(entry)),
        (None, None) if built.has_entrypoint => return Vec::new(),
        (None, None) => (Vec::new(), Vec::new()),
    };
    let words = [entry, arguments].concat();
    let directory = command.directory.as_deref();
    let workdir =
        directory.map_or_else(|| built.workdir.clone(), |inside| in_container(inside, &built.workdir));
    let mounted = command.mounted.iter().map(|target| target.trim_matches('/').to_owned()).collect();
    let points = started_by(inventory, built, &words);
    let site = Site::new(build, plan, &words, &points, (workdir, mounted));
    // What the image starts by itself is told where the image says it.
    let points = points.iter().filter(|point| own.iter().all(|own| own.target != point.target));
    let missing = points.filter_map(|point| site.started_in_vain(point));
    missing
        .map(|file| MissingFile { at: command.at.clone(), is_alternative: command.is_alternative, ..file })
        .collect()
}

/// Where those who build the image mount folders that are not of the tree, or that have more than the image.
pub(super) fn mounted(inventory: &Inventory<'_>, plan: &Planned, uses: &[Use]) -> Vec<String> {
    let by_builder = uses.iter().filter(|used| plan.built_by.iter().any(|by| by.path == used.at.path));
    let bound = by_builder.filter_map(|used| match &used.what {
        UseKind::Bind { target, .. } => Some((used, target)),
        _ => None,
    });
    // A folder of the tree that lies where COPY has laid it hides nothing.
    let is_other = |used: &Use| used.path != plan.build.context || inventory.kind(&used.path).is_none();
    bound.filter(|(used, _)| is_other(used)).map(|(_, target)| target.trim_matches('/').to_owned()).collect()
}

/// Whether a manager of packages is told to run the script of one package of the workspace.
fn names_package(words: &[Spanned<String>]) -> bool {
    let mut words = words.iter().flat_map(|word| word.value.split_whitespace());
    words.any(|word| word == "-w" || word.starts_with("--workspace"))
}

/// Whether a configuration of gunicorn, named or found by itself, may tell other folders to look modules up in:
/// <https://docs.gunicorn.org/en/stable/configure.html>.
fn is_led_elsewhere(build: &unmet::Site<'_>, workdir: &str, points: &[EntryPoint]) -> bool {
    let (inventory, read, built) = (build.inventory, build.read, build.built);
    let named = points.iter().filter_map(|point| match &point.target {
        Target::PythonFile(path) if path.contains("gunicorn") || point.runner == "gunicorn" => {
            Some(path.as_str())
        }
        _ => None,
    });
    let leads = |path: &str| {
        let found = built.layout.find(inventory, &in_container(path, workdir));
        let text = found.and_then(|path| Document::read(inventory.tree(), &path).ok());
        text.is_some_and(|one| ["chdir", "pythonpath", "sys.path"].iter().any(|word| one.text.contains(word)))
    };
    named.chain(["gunicorn.conf.py"]).any(leads) || read.document.text.contains("GUNICORN_CMD_ARGS")
}

/// Whether the words that start a container are a text with conditions.
pub(super) fn decides(words: &[Spanned<String>]) -> bool {
    words.iter().any(|word| ["if ", "[ ", "||", "test "].iter().any(|sign| word.value.contains(sign)))
}

impl<'s> Site<'s> {
    /// What these words start, from a folder of the container, with what is mounted there.
    fn new(
        build: &'s unmet::Site<'s>,
        plan: &Planned,
        words: &[Spanned<String>],
        points: &[EntryPoint],
        (workdir, mounted): (String, Vec<String>),
    ) -> Self {
        let (inventory, read, built) = (build.inventory, build.read, build.built);
        Self {
            inventory,
            read,
            built,
            build,
            is_led_elsewhere: is_led_elsewhere(build, &workdir, points),
            workdir,
            is_tree_alone: brought::is_tree_alone(inventory, read, plan, built) && !decides(words),
            mounted,
            names_package: names_package(words),
        }
    }
}

impl Site<'_> {
    pub(super) fn started_in_vain(&self, point: &EntryPoint) -> Option<MissingFile> {
        let workdir = &self.workdir;
        let given = point.directory.as_ref();
        let directory = given.map_or_else(|| workdir.clone(), |given| in_container(&given.value, workdir));
        let mut similar = None;
        let (path, kind) = match &point.target {
            // A name with a slash is that of no module, whatever lies there.
            Target::PythonModule { module, .. } if module.contains('/') => {
                similar = Some(module.trim_end_matches(".py").replace('/', "."));
                (module.clone(), MissingKind::Module)
            }
            Target::PythonModule { module, may_end_in_attribute, .. } => {
                let roots = self.roots(point, &directory)?;
                if *may_end_in_attribute && self.is_attribute(module, &roots) {
                    return None;
                }
                let missing = self.missing_module(module, &roots).or_else(|| {
                    let (path, near) = self.unknown_module(module, &roots)?;
                    similar = near;
                    Some(path)
                });
                (missing?, MissingKind::Module)
            }
            // The system looks a name alone up among the installed programs, which a base image may have.
            Target::PythonFile(path) | Target::Script(path)
                if !path.contains('/') && point.runner == *path =>
            {
                return None;
            }
            Target::PythonFile(path) | Target::Script(path) => {
                (self.missing_file(path, &directory)?, MissingKind::EntryFile)
            }
            Target::NodeFile(path) => (self.missing_script(path, &directory)?, MissingKind::EntryFile),
            Target::Binary(path) => (self.missing_program(path, &directory)?, MissingKind::EntryFile),
            Target::NpmScript(name) => return self.absent_package_script(point, name, &directory),
            Target::PythonFirstOf(_) => return None,
        };
        if is_made(self.read, file_name(&path)) {
            return None;
        }
        let inventory = self.inventory;
        Some(MissingFile {
            generated: git_ignore::is_ignored(inventory, &path),
            similar: similar.or_else(|| inventory.similar(&path).map(str::to_owned)),
            path,
            at: self.read.document.place(point.span),
            kind,
            made_by: None,
            is_alternative: false,
            needed_by: None,
            seen_from: None,
            scope: Scope::default(),
        })
    }

    fn find(&self, container: &str) -> Option<String> {
        self.built.layout.find(self.inventory, container)
    }

    /// The folders in which a module is looked up, the one that it is started in first; `None` where they are not told.
    fn roots(&self, point: &EntryPoint, directory: &str) -> Option<Vec<String>> {
        let is_told = |folder: &&String| !folder.contains('$') || folder.contains("PYTHONPATH");
        let is_elsewhere = self.is_led_elsewhere || !point.python_path.iter().all(|folder| is_told(&folder));
        let of_line = point.python_path.iter().map(|folder| in_container(folder, &self.workdir));
        let of_image = self.built.python_path.iter().cloned();
        // A server that is told another folder may look in its own as well.
        let roots = std::iter::once(directory.to_owned()).chain(of_line).chain(of_image);
        (!is_elsewhere).then(|| roots.chain([self.workdir.clone()]).collect())
    }

    /// Whether the last part of a dotted name may be an attribute of the module that the others name.
    fn is_attribute(&self, name: &str, roots: &[String]) -> bool {
        let Some((module, attribute)) = name.rsplit_once('.') else { return false };
        let starts = roots.iter().filter_map(|root| module_start(self.inventory, self.built, module, root));
        let mut paths = starts.filter_map(|(start, _)| self.find(&start.container));
        paths.any(|path| {
            let text = Document::read(self.inventory.tree(), &path).ok();
            // A module that cannot be read may have it.
            text.and_then(|text| may_bind(&text.text, attribute)).unwrap_or(true)
        })
    }

    /// The file that a module would be, where the package that should hold it comes from the tree.
    fn missing_module(&self, module: &str, roots: &[String]) -> Option<String> {
        if roots.iter().any(|root| module_start(self.inventory, self.built, module, root).is_some()) {
            return None;
        }
        let parts: Vec<&str> = module.split('.').collect();
        let mut missing = None;
        for root in roots {
            let (mut at, mut package) = (root.clone(), None);
            for (depth, part) in parts.iter().enumerate() {
                at = in_container(part, &at);
                match self.find(&at) {
                    Some(path) if self.inventory.is_directory(&path) => package = Some((depth + 1, path)),
                    // A link or a file of that name: what it leads to is not looked at.
                    Some(_) => return None,
                    None => break,
                }
            }
            // An installed package has any module; one that is copied has those of its folder.
            missing = missing.or(package.map(|(depth, path)| (depth, path, root)));
        }
        let (depth, package, root) = missing?;
        let rest = parts.get(depth..).filter(|rest| !rest.is_empty())?;
        let first = parts.first()?;
        let is_package = self.find(&in_container(&format!("{first}/__init__.py"), root)).is_some();
        // Folders without `__init__.py` yield to a package that is installed.
        if !is_package && unmet::may_be_installed(self.build, first) {
            return None;
        }
        join(&package, &format!("{}.py", rest.join("/")))
    }

    /// A module of which not even the first part is there: one that is installed may have any name, but hardly one that
    /// programs are called by, or that of a module here but for a letter.
    fn unknown_module(&self, module: &str, roots: &[String]) -> Option<(String, Option<String>)> {
        const OWN: &[&str] = &["app", "application", "asgi", "main", "manage", "server", "worker", "wsgi"];
        let first = module.split('.').next()?;
        let directory = roots.first()?;
        let is_there = |root: &String| {
            let mut endings = ["", ".py", ".pyx", ".so"].iter();
            self.is_mounted(root)
                || endings.any(|ending| self.find(&in_container(&format!("{first}{ending}"), root)).is_some())
        };
        if !self.is_tree_alone
            || !self.built.python_path.is_empty()
            || is_standard(module)
            || roots.iter().any(is_there)
            || unmet::may_be_installed(self.build, first)
        {
            return None;
        }
        let folder = self.find(directory).filter(|path| self.inventory.is_directory(path))?;
        let near = near_module(self.inventory, &folder, first).filter(|_| !self.is_below(&folder, first));
        let is_own = OWN.contains(&module) && !self.is_below(&format!("{folder}/src"), first);
        (near.is_some() || is_own)
            .then(|| Some((join(&folder, &format!("{}.py", module.replace('.', "/")))?, near)))?
    }

    /// Whether a folder has a module or package of this name anywhere, which another root would find.
    fn is_below(&self, folder: &str, name: &str) -> bool {
        let mut below = self.inventory.below(folder.trim_start_matches('/')).iter();
        below.any(|entry| file_name(&entry.path).trim_end_matches(".py") == name)
    }

    /// A file below a folder that comes from the tree. The folder of a base image's own scripts is often the working
    /// directory, so that a name without a folder counts only where a file of almost that name is near, or where the
    /// image has nothing but the tree there.
    fn missing_file(&self, path: &str, directory: &str) -> Option<String> {
        let container = in_container(path, directory);
        let folder = source::directory_of(&container);
        if self.find(&container).is_some() || self.is_mounted(&container) {
            return None;
        }
        let Some(above) = self.find(folder) else { return self.without_folder(&container) };
        let missing = join(&above, file_name(path))?;
        let is_deep = folder != directory && !above.is_empty();
        let is_told = is_deep
            || self.inventory.similar(&missing).is_some()
            || (self.is_tree_alone
                && !folder.is_empty()
                && !self.inventory.is_of_submodule(&missing)
                && !brought::is_named_by_script(self.inventory, self.read, self.built, file_name(path)));
        (self.inventory.is_directory(&above) && is_told).then_some(missing)
    }

    /// A file in a folder that a folder of the tree does not have, and that nothing makes there.
    fn without_folder(&self, container: &str) -> Option<String> {
        if !self.is_tree_alone {
            return None;
        }
        let mut above = source::directory_of(container);
        while self.find(above).is_none() {
            let name = file_name(above);
            let may_be_made = is_output(name)
                || matches!(name, "bin" | "lib" | "node_modules" | "public" | "release")
                || name.starts_with('.')
                || may_be_made(self.read, name)
                || brought::is_named_by_script(self.inventory, self.read, self.built, name);
            if above.is_empty() || may_be_made {
                return None;
            }
            above = source::directory_of(above);
        }
        let folder =
            self.find(above).filter(|path| !above.is_empty() && self.inventory.is_directory(path))?;
        let missing = join(&folder, container.get(above.len() + 1..)?)?;
        (!self.inventory.is_of_submodule(&missing)).then_some(missing)
    }

    /// A program without an ending that is a script by its name, or but for a sign that of one beside it.
    fn missing_program(&self, path: &str, directory: &str) -> Option<String> {
        const SCRIPTS: &[&str] = &["boot", "entry", "entrypoint", "launch", "start", "startup"];
        let missing = self.missing_file(path, directory)?;
        let name = file_name(&missing);
        let beside = self.inventory.below(source::directory_of(&missing)).iter();
        let mut beside = beside.map(|entry| file_name(&entry.path)).filter(|other| !other.contains('.'));
        let is_script = self.is_tree_alone
            && ((source::tokens(name).any(|word| SCRIPTS.contains(&word.as_str()))
                && !brought::builds_programs(self.read))
                || beside.any(|other| name.len() > 3 && other.replace('_', "-") == name.replace('_', "-")));
        is_script.then_some(missing)
    }

    /// A file of JavaScript or TypeScript, whose ending may be left away. Where RUN may compile, it may make one.
    fn missing_script(&self, path: &str, directory: &str) -> Option<String> {
        const COMPILES: &[&str] =
            &["build", "tsc", "compile", "bundle", "generate", "webpack", "rollup", " run "];
        let container = in_container(path, directory);
        let endings = ["", ".js", ".mjs", ".cjs", ".ts", ".json", "/index.js", "/index.ts", "/package.json"];
        let exists = |ending: &&str| self.find(&format!("{container}{ending}")).is_some();
        let is_compiled = self.built.runs.iter().any(|run| {
            let written = self.read.document.slice(run.at.span);
            COMPILES.iter().any(|word| written.contains(word))
        });
        if is_compiled || is_generated(&container) || endings.iter().any(exists) {
            return None;
        }
        self.missing_file(path, directory)
    }

    fn is_mounted(&self, container: &str) -> bool {
        self.mounted.iter().any(|target| source::is_within(container, target))
    }

    /// A script that the package.json in the folder, which comes from the tree, does not have.
    fn absent_package_script(&self, point: &EntryPoint, name: &str, directory: &str) -> Option<MissingFile> {
        // Managers take other words for programs, and have defaults for these.
        let has_other = matches!(name, "stop" | "restart" | "test") || self.names_package;
        if has_other || point.runner != "npm" {
            return None;
        }
        // `npm start` runs this file where no script has its name: <https://docs.npmjs.com/cli/v11/commands/npm-start>.
        let has_default = || self.find(&in_container("server.js", directory)).is_some();
        if name == "start" && (!self.is_tree_alone || has_default() || is_made(self.read, "server.js")) {
            return None;
        }
        let manifest = self.find(&in_container("package.json", directory))?;
        let missing = package_scripts::missing_script(self.inventory, source::directory_of(&manifest), name)?;
        (!is_made(self.read, "package.json")).then(|| MissingFile {
            path: name.to_owned(),
            at: self.read.document.place(point.span),
            kind: MissingKind::EntryScript,
            generated: false,
            made_by: None,
            similar: missing.similar,
            is_alternative: false,
            needed_by: None,
            seen_from: None,
            scope: Scope::default(),
        })
    }
}

/// A module of a folder whose name is that of another one but for a letter.
fn near_module(inventory: &Inventory<'_>, folder: &str, name: &str) -> Option<String> {
    let beside = inventory.below(folder).iter().filter(|entry| source::directory_of(&entry.path) == folder);
    let mut modules = beside.filter(|entry| {
        let other = file_name(&entry.path);
        let stem = other.strip_suffix(".py");
        let is_package = || inventory.is_file(&format!("{}/__init__.py", entry.path));
        stem.or_else(|| is_package().then_some(other)).is_some_and(|stem| is_slip(name, stem))
    });
    modules.next().map(|entry| entry.path.clone())
}

/// Whether an instruction that makes files names this one, or one that copies gives something its name.
pub(super) fn is_made(read: &ReadDockerfile, name: &str) -> bool {
    read.parsed.tree.instructions.iter().any(|instruction| {
        let text = read.document.slice(instruction.span);
        match &instruction.kind {
            Kind::Run(Command::Shell(run)) if instruction.heredocs.is_empty() => {
                names(text, name) && !only_changes(&run.value, name)
            }
            Kind::Run(_) | Kind::Onbuild(_) | Kind::Add { .. } | Kind::Copy { from: Some(_), .. } => {
                names(text, name)
            }
            // What it takes from the context is known; a file may get another name.
            Kind::Copy { from: None, destination, .. } => {
                name.contains('.') && file_name(&destination.value) == name
            }
            _ => false,
        }
    })
}

/// Whether the commands of a RUN which name a file change one that is there: `chmod +x start.sh`.
fn only_changes(run: &str, name: &str) -> bool {
    const CHANGERS: &[&str] = &["chmod", "chown", "dos2unix"];
    let commands = shell::parse_run(run).tree.commands;
    let words_name = |command: &shell::Command| command.words.iter().any(|word| names(&word.text, name));
    let told = commands.iter().filter(|command| words_name(command)).count();
    let changes = |command: &&shell::Command| command.name().is_some_and(|name| CHANGERS.contains(&name));
    told > 0
        && commands.iter().filter(|command| words_name(command)).all(|command| changes(&command))
        && run.matches(name).count() == told
}

/// Whether a text names a file or folder: as a whole, and not as a part of another word.
pub(super) fn names(text: &str, name: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    memmem::find_iter(text.as_bytes(), name).any(|at| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(|letter| is_part(letter) || letter == '.')
    })
}

/// What a command puts folders somewhere with.
const PLACES: &[&str] = &["mkdir", "git clone", "cp ", "mv ", "ln ", "rsync", "tar ", "unzip"];

/// The same for a folder as well as a file: a word alone may be anything, `--bin worker` say, a path is none of these.
pub(super) fn may_be_made(read: &ReadDockerfile, name: &str) -> bool {
    if name.contains('.') {
        return is_made(read, name);
    }
    read.parsed.tree.instructions.iter().any(|instruction| {
        let text = read.document.slice(instruction.span);
        let is_path = || text.contains(&format!("{name}/")) || text.contains(&format!("/{name}"));
        let places = || PLACES.iter().any(|word| text.contains(word));
        match instruction.kind {
            Kind::Copy { from: Some(_), .. } | Kind::Add { .. } => names(text, name),
            Kind::Run(_) | Kind::Onbuild(_) => names(text, name) && (is_path() || places()),
            _ => false,
        }
    })
}

/// Stages that `--from` means and that do not exist. Any other word may be an image.
fn stages(dockerfile: &Dockerfile, plan: &Planned, built: &Built) -> Vec<MissingFile> {
    let named = built.copies.iter().filter_map(|copied| copied.from.as_ref());
    let missing = named.filter_map(|from| {
        let name = from.name.as_str();
        let is_image = name.contains(['/', ':', '.', '@', '$']) || name.is_empty();
        if is_image
            || dockerfile.stage(name).is_some()
            || plan.build.contexts.iter().any(|known| known == name)
        {
            return None;
        }
        let similar = dockerfile.stages.iter().filter_map(|stage| stage.name.as_ref());
        let similar =
            similar.map(|stage| &stage.value).find(|stage| is_variant(stage, &name.to_ascii_lowercase()));
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        (is_number || similar.is_some()).then(|| MissingFile {
            path: name.to_owned(),
            at: from.at.clone(),
            kind: MissingKind::Stage,
            generated: false,
            made_by: None,
            is_alternative: false,
            needed_by: None,
            seen_from: None,
            similar: similar.cloned(),
            scope: Scope::default(),
        })
    });
    missing.collect()
}
