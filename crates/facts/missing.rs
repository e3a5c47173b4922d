//! Files that others name and that are not there.

mod copied_away;
mod kustomized;
pub(crate) mod made;
mod make_targets;
pub(crate) mod merge;
pub(crate) mod package_scripts;
mod settings_names;

use source::{
    EntryKind, FileKind, Place, directory_of, file_name, is_backup, is_illustration, is_within, join,
};

use crate::collect::makefile;
use crate::image::{Copied, Image};
use crate::inventory::Inventory;
use crate::record::{Presence, Seen, Use, UseKind};
use crate::{MissingFile, MissingKind, Scope, git_ignore};

/// Names of folders that a program fills while it runs, or that are kept out of the repository.
const FILLED_LATER: &[&str] = &[
    "backup",
    "backups",
    "build",
    "cache",
    "cert",
    "certificates",
    "certs",
    "credentials",
    "data",
    "db",
    "dist",
    "keys",
    "letsencrypt",
    "log",
    "logs",
    "media",
    "models",
    "node_modules",
    "out",
    "output",
    "pgdata",
    "postgres",
    "postgresdata",
    "private",
    "results",
    "run",
    "secrets",
    "ssl",
    "state",
    "storage",
    "tls",
    "tmp",
    "uploads",
    "volumes",
    "www",
];

/// Endings of files that are kept out of the repository on purpose.
const KEPT_OUT: &[&str] =
    &["crt", "db", "jks", "key", "keystore", "log", "p12", "pem", "pfx", "pid", "sock", "sqlite3"];

/// Those of the uses whose file is not there.
#[must_use]
pub(crate) fn missing(inventory: &Inventory<'_>, uses: &[Use], images: &[Image]) -> Vec<MissingFile> {
    let judged = uses.iter().filter(|used| !is_backup(&used.at.path) && !is_illustration(&used.at.path));
    let missing = judged.filter_map(|used| missing_file(inventory, used, uses, images));
    let missing = missing.chain(settings_names::missing_names(inventory));
    let mut missing: Vec<MissingFile> = missing
        .filter(|file| !inventory.is_of_submodule(&file.path) && !is_of_container(file, images))
        .collect();
    merge::mark_additions(inventory, &mut missing);
    missing
}

/// Whether the script that names a file is one that a container starts: the file is one of the image then.
fn is_of_container(file: &MissingFile, images: &[Image]) -> bool {
    let is_named =
        matches!(file.kind, MissingKind::Script | MissingKind::NamedFile | MissingKind::PackageScript);
    let scripts = images.iter().flat_map(|image| &image.entry).filter_map(|entry| entry.script.as_ref());
    is_named && scripts.into_iter().any(|script| script.path == *file.at.path)
}

fn missing_file(
    inventory: &Inventory<'_>,
    used: &Use,
    uses: &[Use],
    images: &[Image],
) -> Option<MissingFile> {
    match &used.what {
        UseKind::PackageScript(name) => {
            let missing = package_scripts::missing_script(inventory, &used.path, name)?;
            // A step says its folder; a script may be run from its own or one above it.
            if FileKind::of(&used.at.path) != FileKind::Workflow {
                package_scripts::missing_script(inventory, directory_of(&used.at.path), name)?;
            }
            return Some(not_there(&used.at, name, MissingKind::PackageScript, missing.similar));
        }
        UseKind::MakeTarget { target, file } => {
            return missing_target(inventory, used, file.as_deref(), target);
        }
        _ => {}
    }
    let mut file = named_file(inventory, used, uses, images)?;
    if is_below_another_repository(inventory, used, &file) {
        return None;
    }
    // A Dockerfile is looked up in its context, whoever names it, and Terraform says its folder; everything else may be
    // named from another folder.
    let from_above = match file.kind {
        MissingKind::Dockerfile => file.scope.service.is_none(),
        kind => !matches!(kind, MissingKind::Terraform | MissingKind::Kustomize),
    };
    let may_be_brought = matches!(&used.what, UseKind::Build(build) if build.has_other_files);
    // A command that reads this Compose file alone takes its folder, wherever it runs.
    let is_told = matches!(&used.what, UseKind::Build(build) if match build.seen {
        Seen::AsWritten => false,
        Seen::FromOwnFolder => file.kind == MissingKind::BuildContext,
        Seen::FromUpload => true,
    });
    if may_exist(inventory, &file.path)
        || (!is_told && from_above && is_there_from_above(inventory, &file))
        || may_be_brought
        || (file.kind == MissingKind::Kustomize && kustomized::is_named_by_a_program(inventory, &file.path))
    {
        return None;
    }
    if !is_told && merge::is_there(inventory, &file) {
        if !merge::stands_alone(&file.at.path) {
            return None;
        }
        file.is_alternative = true;
    }
    let is_of_compose = FileKind::of(&file.at.path) == FileKind::Compose;
    file.is_alternative |= is_of_compose && copied_away::is_copied_away(inventory, &file.at.path);
    let made = |path: &String| matches!(&used.what, UseKind::Build(build) if build.made.contains(path));
    file.is_alternative |= file.kind == MissingKind::Dockerfile && made(&file.path);
    // Compose and Terraform may be run from another folder, as where this is one of several files.
    let may_run_elsewhere =
        matches!(file.kind, MissingKind::Dockerfile | MissingKind::BuildContext | MissingKind::Terraform);
    file.is_alternative |= !is_told
        && may_run_elsewhere
        && is_seen_from_above(inventory, &file)
        && !finds_others(inventory, used, uses);
    file.generated = git_ignore::is_ignored(inventory, &file.path);
    file.similar = inventory.similar(&file.path).map(str::to_owned);
    Some(file)
}

/// The target that make is asked for, or one that it needs, where no rule makes it.
fn missing_target(
    inventory: &Inventory<'_>,
    used: &Use,
    file: Option<&str>,
    target: &str,
) -> Option<MissingFile> {
    if let Some(missing) = make_targets::missing_target(inventory, used, file, target) {
        return Some(not_there(&used.at, target, MissingKind::MakeTarget, missing.similar));
    }
    // A step says its folder.
    let is_told = FileKind::of(&used.at.path) == FileKind::Workflow;
    let (need, at) = is_told.then(|| make_targets::missing_prerequisite(inventory, used, file, target))??;
    let missing = not_there(&used.at, &need.needed, MissingKind::MakeTarget, None);
    Some(MissingFile { needed_by: Some((need.target, at)), ..missing })
}

/// The file that has to be there for a use, as if it were missing; `None` where nothing has to.
fn named_file(inventory: &Inventory<'_>, used: &Use, uses: &[Use], images: &[Image]) -> Option<MissingFile> {
    let mut file = MissingFile {
        // Whether anybody asks for a target of a Makefile is not told.
        is_alternative: matches!(used.what, UseKind::Dockerfile { is_alternative: true, .. })
            || makefile::is_one(&used.at.path),
        ..not_there(&used.at, &used.path, MissingKind::Dockerfile, None)
    };
    match &used.what {
        UseKind::Build(build) if build.presence == Presence::AskedFor => return None,
        UseKind::Build(build) => {
            file.scope.service.clone_from(&build.service);
            if let Some(at) = build.context_at.as_ref().filter(|_| !may_exist(inventory, &build.context)) {
                file = MissingFile {
                    path: build.context.clone(),
                    at: at.clone(),
                    kind: MissingKind::BuildContext,
                    // Where nobody asks to build, the image is pulled.
                    is_alternative: build.has_image || makefile::is_one(&used.at.path),
                    ..file
                };
            }
        }
        // Portainer writes it: <https://docs.portainer.io/user/docker/stacks/add>.
        UseKind::EnvFile { .. } if file_name(&used.path) == "stack.env" => return None,
        UseKind::EnvFile { required, service } => {
            file.scope.service.clone_from(service);
            file.kind = required.then_some(MissingKind::EnvFile)?;
        }
        UseKind::Bind { read_only, service, .. } => {
            file.scope.service = Some(service.clone());
            let hides = hidden_program(used, uses, images);
            let hidden = hides.then_some(MissingKind::BindDirectory);
            file.kind = bound(inventory, used, *read_only, uses).or(hidden)?;
        }
        UseKind::Dockerfile { .. } => {}
        // Which of several names it has is not told, and Compose says it at once. The others are no files.
        UseKind::Started { .. }
        | UseKind::PackageScript(_)
        | UseKind::MakeTarget { .. }
        | UseKind::Template(_)
        | UseKind::Applied => return None,
        UseKind::Kustomize => {
            file.kind = MissingKind::Kustomize;
            file.is_alternative = !kustomized::is_applied(uses, directory_of(&used.at.path));
        }
        UseKind::Config => file.kind = MissingKind::ConfigFile,
        UseKind::Script { directly: false, .. } if node_finds(inventory, &used.path) => return None,
        UseKind::Script { .. } => file.kind = MissingKind::Script,
        UseKind::Terraform => file.kind = MissingKind::Terraform,
        UseKind::TerraformSomewhere => {
            // Wherever Terraform runs, no folder has a file of this name.
            let name = file_name(&used.path);
            let is_there = inventory.entries().iter().any(|entry| file_name(&entry.path) == name);
            (!is_there).then_some(())?;
            used.path.trim_start_matches("../").trim_start_matches("./").clone_into(&mut file.path);
            file.kind = MissingKind::Terraform;
            file.is_alternative = true;
        }
        UseKind::NamedFile | UseKind::VariableFile => file.kind = MissingKind::NamedFile,
        UseKind::WorkingDirectory => file.kind = MissingKind::WorkingDirectory,
        UseKind::ChangedFolder => {
            file.kind = changes_to_nothing(inventory, &used.path).then_some(MissingKind::WorkingDirectory)?;
            // What runs before it may make it.
            file.is_alternative = true;
        }
        UseKind::Action => file.kind = MissingKind::Action,
    }
    Some(file)
}

/// Whether a folder lies beside others of the tree and nothing makes it there, as its name says.
fn changes_to_nothing(inventory: &Inventory<'_>, path: &str) -> bool {
    const MADE: &[&str] =
        &["_build", "_site", "bin", "coverage", "deps", "obj", "public", "release", "target", "vendor"];
    let is_made = |folder: &str| {
        MADE.contains(&folder) || source::tokens(folder).any(|word| FILLED_LATER.contains(&word.as_str()))
    };
    let above = directory_of(path);
    let is_beside_others = if above.is_empty() {
        inventory.similar(path).is_some()
    } else {
        inventory.is_directory(above) || inventory.similar(path).is_some()
    };
    is_beside_others && !path.split('/').any(is_made)
}

/// A file that is not there, or something in one, by its name.
fn not_there(at: &Place, name: &str, kind: MissingKind, similar: Option<String>) -> MissingFile {
    MissingFile {
        path: name.to_owned(),
        at: at.clone(),
        kind,
        generated: false,
        made_by: None,
        similar,
        is_alternative: false,
        needed_by: None,
        seen_from: None,
        scope: Scope::default(),
    }
}

/// What a bind mount lacks. Docker makes every missing source itself, as an empty directory: that is no fault where
/// the container fills it.
fn bound(inventory: &Inventory<'_>, used: &Use, read_only: bool, uses: &[Use]) -> Option<MissingKind> {
    let name = file_name(&used.path);
    let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or("", |(_, ending)| ending);
    if FileKind::of(name) == FileKind::EnvFile || (!ending.is_empty() && ending != "d") {
        return (!KEPT_OUT.contains(&ending)).then_some(MissingKind::BindFile);
    }
    let is_filled =
        source::tokens(name).any(|word| FILLED_LATER.contains(&word.as_str())) || name.starts_with('.');
    let is_data = matches!(used.what, UseKind::Bind { is_data: true, .. });
    let expected = read_only || !is_data && is_one_of_several(inventory, used, uses);
    (expected && !is_filled).then_some(MissingKind::BindDirectory)
}

/// Whether a bind mount lies over the folder in which the image that the same service builds has its program.
fn hidden_program(used: &Use, uses: &[Use], images: &[Image]) -> bool {
    let UseKind::Bind { service, target, .. } = &used.what else { return false };
    let covered = target.trim_matches('/');
    let of_service = uses.iter().filter_map(|other| match &other.what {
        UseKind::Build(build) if build.service.as_ref() == Some(service) => Some((other, build)),
        _ => None,
    });
    let mut dockerfiles =
        of_service.filter(|(other, _)| other.at.path == used.at.path).map(|(other, _)| &other.path);
    dockerfiles.any(|dockerfile| {
        let mut built = images.iter().filter(|image| *image.dockerfile == **dockerfile);
        built.any(|image| {
            let below = image.workdir.strip_prefix(covered);
            let is_covered = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let brought = |copied: &Copied| {
                join(&image.workdir, &copied.destination).is_some_and(|path| is_within(&path, covered))
            };
            !covered.is_empty() && is_covered && image.copies.iter().any(brought)
        })
    })
}

/// Whether a script has changed into a folder that the tree has not, and names what follows from there: a clone of another
/// repository.
fn is_below_another_repository(inventory: &Inventory<'_>, used: &Use, file: &MissingFile) -> bool {
    if !matches!(file.kind, MissingKind::Script | MissingKind::NamedFile)
        || FileKind::of(&used.at.path) != FileKind::Shell
    {
        return false;
    }
    // Quotes and `./` stand in the text and not in the path.
    let folder = [0, 2, 4].into_iter().find_map(|more| {
        let written = used.at.span.len().checked_sub(more)?;
        used.path.get(..used.path.len().checked_sub(written)?)?.strip_suffix('/')
    });
    folder.is_some_and(|folder| !folder.is_empty() && inventory.kind(folder).is_none())
}

/// Whether the same service mounts another path of the same folder, and that one exists: code, mounted in pieces.
fn is_one_of_several(inventory: &Inventory<'_>, used: &Use, uses: &[Use]) -> bool {
    let UseKind::Bind { service, .. } = &used.what else { return false };
    let folder = directory_of(&used.path);
    !folder.is_empty()
        && uses.iter().any(|other| {
            let same = matches!(&other.what, UseKind::Bind { service: mounts, .. } if mounts == service);
            same && other.at.path == used.at.path
                && directory_of(&other.path) == folder
                && inventory.is_directory(&other.path)
        })
}

/// Whether the path as it is written exists from a folder above the one of the naming file.
fn is_seen_from_above(inventory: &Inventory<'_>, file: &MissingFile) -> bool {
    let folder = directory_of(&file.at.path);
    let Some(written) = file.path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else {
        return false;
    };
    // `docker/Dockerfile` in `docker/compose.yml` is written as seen from above by mistake, as a rule.
    if written.split('/').next() == Some(file_name(folder)) {
        return false;
    }
    let above = std::iter::successors(Some(folder).filter(|folder| !folder.is_empty()), |folder| {
        (!folder.is_empty()).then(|| directory_of(folder))
    });
    above.skip(1).any(|folder| join(folder, written).is_some_and(|path| may_exist(inventory, &path)))
}

/// Whether another path that the same file names exists as seen from its own folder.
fn finds_others(inventory: &Inventory<'_>, used: &Use, uses: &[Use]) -> bool {
    let folder = directory_of(&used.at.path);
    let of_file = uses.iter().filter(|other| other.at.path == used.at.path && other.path != used.path);
    of_file.into_iter().any(|other| {
        !folder.is_empty()
            && other.path.starts_with(folder)
            && may_exist(inventory, &other.path)
            && other.path != folder
    })
}

/// Whether something stands there, or may stand there behind a link.
fn may_exist(inventory: &Inventory<'_>, path: &str) -> bool {
    let mut at = path;
    while !at.is_empty() {
        match inventory.kind(at) {
            Some(EntryKind::Symlink) => return true,
            Some(_) => return at == path,
            None => at = directory_of(at),
        }
    }
    path.is_empty()
}

/// Whether a folder above the naming file has the path: where a command or Compose runs is not always told.
fn is_there_from_above(inventory: &Inventory<'_>, file: &MissingFile) -> bool {
    let mut directory = directory_of(&file.at.path);
    let own = file.path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'));
    // A Makefile below may be meant for the root: `make -f docker/Makefile`.
    let is_from_above = file.kind != MissingKind::Dockerfile || makefile::is_one(&file.at.path);
    let written = own.filter(|_| is_from_above).unwrap_or(&file.path);
    loop {
        if join(directory, written).is_some_and(|path| may_exist(inventory, &path)) {
            return true;
        }
        if directory.is_empty() {
            return false;
        }
        directory = directory_of(directory);
    }
}

/// Whether Node.js finds a program under a path that is no file: <https://nodejs.org/api/modules.html#all-together>.
fn node_finds(inventory: &Inventory<'_>, path: &str) -> bool {
    [".js", ".json", ".node", "/index.js"].iter().any(|ending| inventory.is_file(&format!("{path}{ending}")))
}
