//! Modules that a script imports by the name of its own folder, which Python does not look into: it puts the folder of
//! the script itself at the head of its path, not the one that it is started in.
//!
//! Source: <https://docs.python.org/3/library/sys_path_init.html>.

use source::{FileKind, Place, directory_of, file_name, join};
use syntax::python;

use crate::inventory::Inventory;
use crate::record::{Document, Use, UseKind};

/// A module that is not found when a script is started by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfoundModule {
    /// The module as imported: `scripts.login`.
    pub module: String,
    /// Where it is imported.
    pub at: Place,
    /// The file that is meant.
    pub meant: String,
    /// The script.
    pub script: String,
    /// Where the script is started.
    pub started_at: Place,
}

/// Words of a workflow after which Python may look into other folders.
const OTHER_PATHS: &[&str] = &[
    "PYTHONPATH",
    "pip install -e",
    "pip install .",
    "pip install --editable",
    "poetry",
    "uv sync",
    "uv run",
    "uv pip",
    "pdm ",
    "hatch",
    "pipenv",
    "setup.py",
    "tox",
    "nox",
    ".pth",
];

/// The modules that scripts which workflows start do not find.
#[must_use]
pub(crate) fn unfound_modules(inventory: &Inventory<'_>, uses: &[Use]) -> Vec<UnfoundModule> {
    let mut found: Vec<UnfoundModule> = Vec::new();
    for used in uses {
        let is_started = matches!(used.what, UseKind::Script { .. })
            && FileKind::of(&used.at.path) == FileKind::Workflow
            && FileKind::of(&used.path) == FileKind::Python
            && inventory.is_file(&used.path);
        if !is_started
            || found.iter().any(|known| known.script == used.path)
            || has_other_paths(inventory, used)
        {
            continue;
        }
        found.extend(of_script(inventory, used));
    }
    found.sort_by(|one, other| one.at.cmp(&other.at));
    found
}

/// Whether the workflow may tell Python to look elsewhere, or a tool starts the script.
fn has_other_paths(inventory: &Inventory<'_>, used: &Use) -> bool {
    let Ok(document) = Document::read(inventory.tree(), &used.at.path) else { return true };
    let before = document.text.get(..used.at.span.start).unwrap_or("");
    let line = before.rsplit('\n').next().unwrap_or("");
    let is_run_by_python = line
        .split([' ', '"', '\'', '('])
        .map(file_name)
        .any(|word| matches!(word, "python" | "python3") || word.starts_with("python3."));
    !is_run_by_python || OTHER_PATHS.iter().any(|words| document.text.contains(words))
}

fn of_script(inventory: &Inventory<'_>, used: &Use) -> Option<UnfoundModule> {
    let document = Document::read(inventory.tree(), &used.path).ok()?;
    // It may add to the path by itself, or its folder be a package that is installed.
    if document.text.contains("sys.path") || document.text.contains("site.addsitedir") {
        return None;
    }
    let module = python::parse(&document.text).tree;
    let own = directory_of(&used.path);
    module.imports.iter().find_map(|import| {
        let is_judged = import.how == python::How::TopLevel && import.level == 0 && import.function.is_none();
        let (root, rest) = import.module.split_once('.').filter(|_| is_judged)?;
        // Only the name of the script's own folder: any other one may be installed.
        if root != file_name(own) {
            return None;
        }
        let inside = rest.replace('.', "/");
        let meant = [format!("{inside}.py"), format!("{inside}/__init__.py")]
            .into_iter()
            .find_map(|path| join(own, &path).filter(|path| inventory.is_file(path)))?;
        let beside = ["", ".py"].map(|ending| format!("{own}/{root}{ending}"));
        let is_beside = beside.iter().any(|path| inventory.kind(path).is_some());
        (!is_beside).then(|| UnfoundModule {
            module: import.module.clone(),
            at: document.place(import.span),
            meant,
            script: used.path.clone(),
            started_at: used.at.clone(),
        })
    })
}
