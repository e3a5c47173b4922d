//! Programs of packages that an install without development dependencies leaves out and that a later command runs.

use memchr::memmem;
use source::{MAX_CODE_BYTES, Place, Span, directory_of, file_name};
use syntax::node::Package;
use syntax::shell::{self, AssignmentValue, Command, OperatorBefore};

use super::super::commands::{decisive_as_written, written};
use super::super::entry::in_container;
use super::super::managers::{Called, called};
use super::Site;
use crate::image::{Lack, LackingProgram};
use crate::stages::Run;

/// Programs whose package has another name.
const PACKAGES: &[(&str, &str)] = &[
    ("babel", "@babel/cli"),
    ("grunt", "grunt-cli"),
    ("nest", "@nestjs/cli"),
    ("ng", "@angular/cli"),
    ("run-p", "npm-run-all"),
    ("run-s", "npm-run-all"),
    ("svelte-kit", "@sveltejs/kit"),
    ("swc", "@swc/cli"),
    ("tsc", "typescript"),
    ("vue-cli-service", "@vue/cli-service"),
];

/// Scripts of packages that call one another are followed so far.
const MAX_DEPTH: usize = 8;

/// The last install of packages before a command.
#[derive(Default, Clone)]
pub(super) struct Installs {
    last: Option<Install>,
    /// Packages that were installed by name.
    by_name: Vec<String>,
    /// Whether package.json may be another one by now than that of the tree.
    is_edited: bool,
}

#[derive(Clone)]
struct Install {
    command: String,
    at: Place,
    /// The directory of the container.
    directory: String,
    is_production: bool,
}

impl Installs {
    /// Takes in the commands of a RUN.
    pub(super) fn follow(&mut self, run: &Run, commands: &[(Command, String)]) {
        for (command, directory) in commands {
            self.command(run, command, directory);
        }
    }

    /// Takes in one command.
    pub(super) fn command(&mut self, run: &Run, command: &Command, directory: &str) {
        self.is_edited |= edits_manifest(command);
        let Some(asked) = install(command, run.is_production) else { return };
        if !asked.packages.is_empty() {
            self.by_name.extend(asked.packages);
            return;
        }
        self.last = Some(Install {
            command: written(command),
            at: run.at.clone(),
            directory: directory.to_owned(),
            is_production: asked.is_production,
        });
    }

    /// The program that a command needs and the last install left out.
    pub(super) fn lacking(
        &self,
        site: &Site<'_>,
        run: &Run,
        command: &Command,
        directory: &str,
    ) -> Option<Lack> {
        if self.is_edited {
            return None;
        }
        let own = asked_now(run, command, directory);
        let install = own.as_ref().or(self.last.as_ref()).filter(|install| {
            install.is_production && install.directory == directory && !brings_modules(site, run, install)
        })?;
        let manifest = run.layout.find(site.inventory, &in_container("package.json", directory))?;
        let described = site.code.package(site.inventory, &manifest);
        let described = described.as_ref().as_ref()?;
        if is_told_otherwise(site, run, install, &described.document.text) {
            return None;
        }
        let mut needed = Vec::new();
        if own.is_some() {
            // What npm runs once it has installed. Source: <https://docs.npmjs.com/cli/v11/using-npm/scripts>.
            for name in ["postinstall", "preprepare", "prepare", "postprepare"] {
                script(&described.content, name, 0, &mut needed);
            }
        } else {
            programs(&described.content, command, None, 0, &mut needed);
        }
        needed.into_iter().find_map(|(program, script)| {
            let package = PACKAGES
                .iter()
                .find(|(known, _)| *known == program)
                .map_or(program.as_str(), |(_, name)| name);
            let declared = described.content.dev_dependencies.iter().find(|known| known.value == package)?;
            let is_there =
                described.content.dependencies.iter().chain(&self.by_name).any(|known| known == package);
            let is_needed_by_others = locked(site, &manifest, package);
            (!is_there && is_needed_by_others != Some(true)).then(|| {
                Lack::Program(LackingProgram {
                    program: program.clone(),
                    declared: described.document.place(declared.span),
                    install: install.command.clone(),
                    installed_at: install.at.clone(),
                    script: script.map(|span| described.document.place(span)),
                    is_certain: is_needed_by_others == Some(false),
                })
            })
        })
    }
}

/// Whether variables or files of settings may say which dependencies are installed, or the manager asks neither. Sources:
/// <https://docs.npmjs.com/cli/v11/using-npm/config#include>, <https://yarnpkg.com/migration/guide>.
fn is_told_otherwise(site: &Site<'_>, run: &Run, install: &Install, manifest: &str) -> bool {
    const KEYS: &[&str] = &["include", "production", "omit", "only", "also", "dev"];
    let text = site.read.document.text.to_ascii_lowercase();
    let by_variable = KEYS.iter().any(|key| text.contains(&format!("npm_config_{key}")));
    let find = |name: &str| run.layout.find(site.inventory, &in_container(name, &install.directory));
    let by_file = || {
        let bytes = find(".npmrc").and_then(|path| site.inventory.tree().read(&path, MAX_CODE_BYTES).ok());
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        text.lines().any(|line| KEYS.iter().any(|key| line.trim_start().starts_with(key)))
    };
    let is_new_yarn = || {
        let names_old = manifest.contains("\"yarn@1");
        find(".yarnrc.yml").is_some()
            || install.command.contains("--immutable")
            || manifest.contains("\"yarn@") && !names_old
    };
    let is_yarn = install.command.starts_with("yarn");
    by_variable || by_file() || is_yarn && (text.contains("yarn_production") || is_new_yarn())
}

/// Whether a command may write package.json: it names the file, or is npm's own for that.
fn edits_manifest(command: &Command) -> bool {
    const READERS: &[&str] = &["cat", "grep", "ls", "test", "["];
    let name = command.name().unwrap_or("");
    let redirects = command.redirects.iter().map(|redirect| &redirect.target);
    let names = redirects.chain(&command.words).any(|word| word.text.contains("package.json"));
    let asked = command.words.get(1).map_or("", |word| word.text.as_str());
    names && !READERS.contains(&name) || name == "npm" && matches!(asked, "pkg" | "version")
}

/// Programs, each with the script that runs it.
type Programs = Vec<(String, Option<Span>)>;

/// The install that npm is asked for by this command, after which it runs scripts of the package.
fn asked_now(run: &Run, command: &Command, directory: &str) -> Option<Install> {
    let runs_scripts = command.name() == Some("npm")
        && command
            .words
            .iter()
            .all(|word| word.literal && word.text != "--ignore-scripts" && word.text != "prune");
    let asked =
        install(command, run.is_production).filter(|asked| runs_scripts && asked.packages.is_empty())?;
    Some(Install {
        command: written(command),
        at: run.at.clone(),
        directory: directory.to_owned(),
        is_production: asked.is_production,
    })
}

/// What an install is asked for.
struct Asked {
    is_production: bool,
    /// The packages that it names, without versions.
    packages: Vec<String>,
}

/// Whether a command installs packages; `environment_is_production` is what `NODE_ENV` says.
fn install(command: &Command, environment_is_production: bool) -> Option<Asked> {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let (manager, rest) = words.split_first()?;
    let own: Vec<&str> = rest.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let installs = matches!(
        (*manager, own.first().copied()),
        ("npm", Some("ci" | "clean-install" | "ic" | "install" | "i" | "add" | "prune"))
            | ("pnpm", Some("install" | "i" | "add" | "prune"))
            | ("yarn", None | Some("install" | "add" | "global"))
            | ("bun", Some("install" | "add"))
    );
    let takes_value = |flag: &str| {
        matches!(
            flag,
            "--omit"
                | "--only"
                | "--include"
                | "--prefix"
                | "-C"
                | "--cwd"
                | "--cache"
                | "--registry"
                | "--loglevel"
        )
    };
    let valued: Vec<&str> = rest
        .windows(2)
        .filter_map(|pair| match pair {
            [flag, value] if takes_value(flag) => Some(*value),
            _ => None,
        })
        .collect();
    let packages =
        own.iter().skip(1).filter(|word| !valued.contains(*word)).map(|word| without_version(word));
    installs.then(|| Asked {
        is_production: is_production(manager, rest, node_env(command).unwrap_or(environment_is_production)),
        packages: packages.collect(),
    })
}

/// `NODE_ENV=…` before the command: whether it says production.
fn node_env(command: &Command) -> Option<bool> {
    let set = command.assignments.iter().find(|assignment| assignment.name.value == "NODE_ENV")?;
    match &set.value {
        AssignmentValue::Word(word) => Some(word.text == "production"),
        AssignmentValue::Array(_) => None,
    }
}

/// Source: <https://docs.npmjs.com/cli/v11/commands/npm-ci#omit>, <https://classic.yarnpkg.com/en/docs/cli/install>,
/// <https://pnpm.io/cli/install#--prod--p>.
fn is_production(manager: &str, words: &[&str], environment: bool) -> bool {
    let has = |flags: &[&str]| words.iter().any(|word| flags.contains(word));
    let pair = |name: &str, values: &[&str]| {
        words.windows(2).any(|pair| matches!(pair, [flag, value] if *flag == name && values.contains(value)))
    };
    let includes = has(&[
        "--include=dev",
        "--production=false",
        "--prod=false",
        "--dev",
        "--also=dev",
        "--also=development",
    ]) || pair("--include", &["dev"]);
    if includes {
        return false;
    }
    let leaves_out = has(&[
        "--production",
        "--production=true",
        "--prod",
        "--omit=dev",
        "--only=prod",
        "--only=production",
    ]) || pair("--omit", &["dev"])
        || pair("--only", &["prod", "production"])
        || (manager == "pnpm" && has(&["-P"]));
    leaves_out || (environment && matches!(manager, "npm" | "yarn" | "pnpm"))
}

/// `typescript@5` is typescript, `@babel/cli@7` is @babel/cli.
fn without_version(package: &str) -> String {
    let start = usize::from(package.starts_with('@'));
    let end = package.get(start..).and_then(|rest| rest.find('@')).map_or(package.len(), |at| at + start);
    package.get(..end).unwrap_or(package).to_owned()
}

/// Whether a COPY between the install and the RUN, or any from another stage, may bring packages.
fn brings_modules(site: &Site<'_>, run: &Run, install: &Install) -> bool {
    site.built.copies.iter().any(|copied| {
        let is_between =
            copied.at.span.start > install.at.span.start && copied.at.span.start < run.at.span.start;
        is_between && copied.from.is_some()
    })
}

/// The programs that a command runs, through the scripts of the package.
fn programs(package: &Package, command: &Command, at: Option<Span>, depth: usize, found: &mut Programs) {
    if depth > MAX_DEPTH || found.len() > MAX_PROGRAMS {
        return;
    }
    match called(command) {
        Some(Called::Script { names, directory: None, package: None, rest }) => {
            let mut is_script = false;
            for name in &names {
                for name in [&format!("pre{name}"), name, &format!("post{name}")] {
                    is_script |= script(package, name, depth, found);
                }
            }
            if let Some(program) = rest.filter(|_| !is_script) {
                programs(package, &program, at, depth + 1, found);
            }
        }
        Some(_) => {}
        // A command of the image itself is looked up in the system's folders alone.
        None if at.is_none() => {}
        None => program(package, command, at, depth, found),
    }
}

/// Programs that are looked at behind one command of the image.
const MAX_PROGRAMS: usize = 100;

/// The programs of a script of the package; whether there is one.
fn script(package: &Package, name: &str, depth: usize, found: &mut Programs) -> bool {
    let Some(text) = package.script(name) else { return false };
    let script = shell::parse(&text.value).tree;
    // A branch may be passed over.
    let commands = if script.blocks.is_empty() { script.commands } else { Vec::new() };
    let decisive = decisive_as_written(&commands, "").into_iter().map(|(command, _)| command);
    for command in decisive.filter(|command| command.operator_before != OperatorBefore::Or) {
        programs(package, command, Some(text.span), depth + 1, found);
    }
    true
}

fn program(package: &Package, command: &Command, at: Option<Span>, depth: usize, found: &mut Programs) {
    // These come with the image, or fetch what they run.
    const THERE: &[&str] = &["bunx", "corepack", "node", "npm", "npx", "pnpm", "pnpx", "yarn"];
    let Some(name) = command.name().filter(|name| !THERE.contains(name)) else { return };
    let is_of_packages = !name.contains('/') || name.contains("node_modules/.bin/");
    if is_of_packages {
        found.push((file_name(name).to_owned(), at));
    }
    // `cross-env NODE_ENV=production next build` runs a second one.
    for inner in shell::exec_prefix_stripped(command).into_iter().filter(|inner| inner.words != command.words)
    {
        programs(package, &inner, at, depth + 1, found);
    }
}

/// Whether npm's lock file says that a package is needed without the development dependencies; `None` where it does not
/// tell.
fn locked(site: &Site<'_>, manifest: &str, package: &str) -> Option<bool> {
    let path = source::join(directory_of(manifest), "package-lock.json")?;
    let text = site.inventory.tree().read(&path, MAX_CODE_BYTES).ok()?;
    let key = format!("\"node_modules/{package}\": {{");
    let start = memmem::find(&text, key.as_bytes())? + key.len();
    let rest = text.get(start..)?;
    let end = memmem::find(rest, b"\"node_modules/").unwrap_or(rest.len());
    let entry = rest.get(..end)?;
    Some(
        memmem::find(entry, b"\"dev\": true").is_none()
            && memmem::find(entry, b"\"devOptional\": true").is_none(),
    )
}
