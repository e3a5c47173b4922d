//! Programs of Python packages that a container starts and that no install of its image brings.

use source::{Place, file_name};
use syntax::dockerfile::{Command as Form, Instruction, Kind};
use syntax::shell::{self, Command};

use super::super::commands::decisive;
use super::super::entry::{in_container, installed};
use super::super::known_programs::is_harmless;
use super::super::plan::Planned;
use super::requirements::{Packages, locked, normal, requirements};
use super::{Site, is_plain_image};
use crate::image::Uninstalled;
use crate::record::Document;
use crate::stages::Run;

/// Programs that have the name of their package.
const PROGRAMS: &[&str] =
    &["alembic", "celery", "daphne", "flask", "gunicorn", "hypercorn", "streamlit", "uvicorn"];

/// Those of them that few packages bring, and these packages, by what they ask for on the package index.
///
/// Source: the field `requires_dist` of <https://pypi.org/pypi/NAME/json>.
const BROUGHT_BY: &[(&str, &[&str])] = &[
    (
        "gunicorn",
        &[
            "apache-airflow",
            "apache-superset",
            "azureml-inference-server-http",
            "feast",
            "functions-framework",
            "mlflow",
            "sagemaker-inference",
            "seldon-core",
            "uvicorn-worker",
        ],
    ),
    (
        "uvicorn",
        &[
            "arize-phoenix",
            "bentoml",
            "browser-use",
            "chainlit",
            "chromadb",
            "crewai",
            "dagster-webserver",
            "datasette",
            "evidently",
            "fastapi-cli",
            "fastmcp",
            "feast",
            "google-adk",
            "gradio",
            "hayhooks",
            "kserve",
            "langgraph-api",
            "litestar",
            "marimo",
            "mcp",
            "mlflow",
            "mlserver",
            "nicegui",
            "openai-agents",
            "piccolo",
            "prefect",
            "reflex",
            "sglang",
            "solara",
            "sse-starlette",
            "uvicorn-worker",
            "vllm",
            "xinference",
        ],
    ),
];

/// Packages of tools that install others and bring no server.
const TOOLS: &[&str] =
    &["pdm", "pip", "pip-tools", "pipenv", "poetry", "setuptools", "uv", "virtualenv", "wheel"];

/// The programs that the container starts and nothing installs; none where an install is not understood.
pub(super) fn uninstalled(site: &Site<'_>, plan: &Planned) -> Vec<Uninstalled> {
    let is_own = plan.build.command.is_none();
    let commands = decisive(&shell::commands_of_words(&site.built.start), &site.built.workdir);
    let programs: Vec<(&str, Place)> =
        commands.iter().filter(|_| is_own).filter_map(|(command, _)| program(site, command)).collect();
    let programs: Vec<(&str, Place)> =
        programs.into_iter().filter(|(name, _)| !is_spoken_of(site, name)).collect();
    if programs.is_empty() || installs_at_start(site) || !brings_only_installs(site) {
        return Vec::new();
    }
    let installed = all_installed(site).filter(|packages| !packages.names.is_empty());
    let Some(packages) = installed else { return Vec::new() };
    let lacks = |name: &str| {
        let is_brought = || {
            let known = BROUGHT_BY.iter().find(|(known, _)| *known == name);
            known.is_none_or(|(_, by)| by.iter().any(|package| packages.names.contains(*package)))
        };
        !packages.names.contains(name) && (packages.is_complete || !packages.may_bring_more && !is_brought())
    };
    let found = programs.into_iter().filter(|(name, _)| lacks(name));
    found
        .map(|(name, at)| Uninstalled { program: name.to_owned(), at, is_certain: packages.is_complete })
        .collect()
}

/// Whether the container starts with a program that installs what a project lists before it runs another one:
/// <https://docs.astral.sh/uv/concepts/projects/run/>.
fn installs_at_start(site: &Site<'_>) -> bool {
    let mut words = site.built.start.iter().flat_map(|word| word.value.split_whitespace());
    words.any(|word| matches!(file_name(word), "uv" | "uvx" | "pipx" | "hatch"))
}

/// Whether what the build installs may hold a module or package of this name: one that is named like it, the project
/// itself, or what nobody can tell.
pub(in crate::images) fn may_be_installed(site: &Site<'_>, name: &str) -> bool {
    let copies_packages =
        site.read.parsed.tree.instructions.iter().any(|instruction| match &instruction.kind {
            Kind::Copy { from: Some(from), destination, .. } => {
                site.read.parsed.tree.stage(&from.value).is_none() && !destination.value.contains("bin")
            }
            _ => false,
        });
    copies_packages || all_installed(site).is_none_or(|packages| packages.may_hold(name))
}

/// `gunicorn …`, `python -m gunicorn …`.
fn program<'c>(site: &Site<'_>, command: &'c Command) -> Option<(&'c str, Place)> {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let (at, name) = match words.as_slice() {
        ["python" | "python3", "-m", module, ..] => (2, *module),
        [name, ..] => (0, *name),
        [] => return None,
    };
    let is_there = !installed(site.inventory, site.built, name).is_empty();
    let place = site.read.document.place(command.words.get(at)?.span);
    (PROGRAMS.contains(&name) && !is_there).then_some((name, place))
}

/// Whether a RUN names the program, so that it is installed in some way or runs there already.
fn is_spoken_of(site: &Site<'_>, name: &str) -> bool {
    let runs = site.read.parsed.tree.instructions.iter();
    runs.filter(|instruction| matches!(instruction.kind, Kind::Run(_) | Kind::Onbuild(_))).any(
        |instruction| {
            site.read.document.slice(instruction.span).contains(name)
                || instruction.heredocs.iter().any(|heredoc| heredoc.content.contains(name))
        },
    )
}

/// Whether every stage starts from an image of a language or a system, and other images give single programs alone.
fn brings_only_installs(site: &Site<'_>) -> bool {
    let dockerfile = &site.read.parsed.tree;
    let is_plain = |base: &str| is_plain_image(base) || dockerfile.stage(base).is_some();
    let copies_program = |destination: &str| destination.contains("bin");
    dockerfile.instructions.iter().all(|instruction| match &instruction.kind {
        Kind::From { base, .. } => is_plain(&base.value),
        Kind::Copy { from: Some(from), destination, .. } => {
            dockerfile.stage(&from.value).is_some() || copies_program(&destination.value)
        }
        Kind::Add { .. } | Kind::Onbuild(_) | Kind::Unknown => false,
        _ => true,
    })
}

/// The packages that all RUN instructions install; `None` where one of them is not understood.
fn all_installed(site: &Site<'_>) -> Option<Packages> {
    let mut packages = Packages { is_complete: true, ..Packages::default() };
    for instruction in &site.read.parsed.tree.instructions {
        let Kind::Run(form) = &instruction.kind else { continue };
        let run = site.built.runs.iter().find(|run| run.at.span.start == instruction.span.start);
        for command in commands_of(form, instruction)? {
            packages.add(installed_by(site, run, &command)?);
        }
    }
    Some(packages)
}

/// The commands of a RUN; `None` for texts that stand elsewhere.
fn commands_of(form: &Form, instruction: &Instruction) -> Option<Vec<Command>> {
    let commands = match form {
        Form::Exec(words) => shell::commands_of_words(words),
        Form::Shell(text) => shell::parse_run(&text.value).tree.commands,
    };
    let stripped = commands.iter().flat_map(shell::exec_prefix_stripped).collect();
    instruction.heredocs.is_empty().then_some(stripped)
}

/// What a command installs; `None` where that is not known.
fn installed_by(site: &Site<'_>, run: Option<&Run>, command: &Command) -> Option<Packages> {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let nothing = || Some(Packages { is_complete: true, ..Packages::default() });
    match words.as_slice() {
        [] => nothing(),
        ["pip" | "pip3", "install", rest @ ..]
        | ["uv", "pip", "install", rest @ ..]
        | ["python" | "python3", "-m", "pip", "install", rest @ ..] => by_pip(site, run?, rest),
        ["uv", "sync", rest @ ..] => {
            let is_left_out = rest.contains(&"--no-install-project") && !rest.contains(&"--all-packages");
            Some(lock(site, run?, "uv.lock")?.with_project(!is_left_out && is_built_by_uv(site, run?)))
        }
        ["poetry", "install", rest @ ..] => {
            let is_left_out = rest.contains(&"--no-root");
            Some(lock(site, run?, "poetry.lock")?.with_project(!is_left_out))
        }
        ["pipenv", "install" | "sync", ..] => lock(site, run?, "Pipfile.lock"),
        ["poetry", "config", ..] | ["uv", "venv", ..] | ["python" | "python3", "-m", "venv", ..] => nothing(),
        ["pip" | "pip3" | "uv", "cache" | "config", ..] => nothing(),
        ["python" | "python3", "manage.py" | "-c", ..] => nothing(),
        ["cp" | "ln" | "mv", ..] => nothing(),
        [name, ..] if is_harmless(file_name(name)) => nothing(),
        _ => None,
    }
}

/// Whether the project is a package, or has some of its own: <https://docs.astral.sh/uv/concepts/projects/config/>.
fn is_built_by_uv(site: &Site<'_>, run: &Run) -> bool {
    const SIGNS: &[&str] = &["[build-system]", "package = true", "workspace", "path ="];
    let path = run.layout.find(site.inventory, &in_container("pyproject.toml", &run.workdir));
    let read = path.and_then(|path| Document::read(site.inventory.tree(), &path).ok());
    read.is_none_or(|document| SIGNS.iter().any(|sign| document.text.contains(sign)))
}

fn lock(site: &Site<'_>, run: &Run, name: &str) -> Option<Packages> {
    locked(site, &run.layout.find(site.inventory, &in_container(name, &run.workdir))?)
}

/// The arguments of `pip install`.
fn by_pip(site: &Site<'_>, run: &Run, words: &[&str]) -> Option<Packages> {
    const VALUED: &[&str] = &[
        "--cache-dir",
        "--constraint",
        "--no-binary",
        "--only-binary",
        "--prefix",
        "--python",
        "--retries",
        "--root",
        "--root-user-action",
        "--target",
        "--timeout",
        "--progress-bar",
        "-c",
        "-t",
    ];
    const INDICES: &[&str] =
        &["--extra-index-url", "--find-links", "--index-url", "--trusted-host", "-f", "-i"];
    let mut packages = Packages::default();
    let mut lists = Packages { is_complete: true, ..Packages::default() };
    let mut words = words.iter();
    let mut brings_all = words.clone().any(|word| *word == "--no-deps");
    while let Some(word) = words.next() {
        let (flag, given) = word.split_once('=').map_or((*word, None), |(flag, value)| (flag, Some(value)));
        match flag {
            "-r" | "--requirement" => {
                let named = given.or_else(|| words.next().copied()).filter(|name| !name.contains('$'))?;
                let path = run.layout.find(site.inventory, &in_container(named, &run.workdir))?;
                lists.add(requirements(site, &path, 0)?);
            }
            _ if INDICES.contains(&flag) => {
                packages.may_bring_more = true;
                if given.is_none() {
                    words.next();
                }
            }
            _ if VALUED.contains(&flag) && given.is_none() => {
                words.next();
            }
            _ if word.starts_with("-e") || word.starts_with("--editable") => return None,
            _ if word.starts_with("-r") => return None,
            _ if word.starts_with('-') => {}
            _ => packages.add_requirement(word)?,
        }
    }
    let only_tools = packages.names.iter().all(|name| TOOLS.contains(&normal(name).as_str()));
    brings_all |= only_tools && lists.is_complete;
    packages.add(lists);
    packages.is_complete = brings_all;
    Some(packages)
}
