//! Compose files: the variables of each service, what is built, which env files are used.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use source::{EntryKind, Span, Tree, directory_of, file_name, is_backup, is_illustration, is_within, join};
use syntax::compose::{
    self, Build as ComposeBuild, CommandLine, Resource, ResourceSource, Service, VolumeKind,
};
use syntax::dotenv::{self, Dialect};
use syntax::{Spanned, SyntaxError, yaml};

use crate::collect::{compose_consistency, compose_services, refused_files};
use crate::container::EscapedVariable;
use crate::environment::{canonical, is_deployed, is_marker, only};
use crate::inventory::Inventory;
use crate::missing::merge;
use crate::record::{Build, Document, Presence, Record, Seen, Use, UseKind};
use crate::run_command::RunCommand;
use crate::run_image::{ImageName, Source};
use crate::{ComposeVariable, Role, Scope, Setting, SettingSource, UnnamedVariables};

/// The facts of one Compose file.
///
/// Its variables are those of the `.env` beside it; the shell that runs Compose may set others.
#[must_use]
pub(crate) fn record(document: &Document, inventory: &Inventory<'_>) -> Record {
    let variables = &variables_beside(inventory.tree(), &document.path);
    let stream = yaml::parse(&document.text);
    let file = compose::read(&stream.tree);
    let mut record =
        Record { refused_files: refused_files::of_compose(document, &stream), ..Record::default() };
    record.refused_files.extend(compose_consistency::refusals(document, &stream, &file, inventory));
    record.problems.extend(document.problems(&stream.errors));
    // What is no YAML has no schema, and a file that is empty by itself may be one of several.
    if stream.errors.is_empty() && !stream.tree.documents.is_empty() {
        let told = file.errors.iter().filter(|error| !is_left_to_another(document, error));
        record.problems.extend(document.problems(&told.cloned().collect::<Vec<_>>()));
    }
    record.escaped_variables.extend(escaped(document, &file.tree));
    record.compose_variables.extend(bare_variables(document, &file.tree));
    for service in &file.tree.services {
        let first = record.settings.len();
        record.settings.extend(
            service
                .environment
                .iter()
                .map(|variable| setting(document, service, variable, SettingSource::Compose, "environment")),
        );
        let whole = service.build.as_ref().map(|build| with_base(document, &file.tree, service, build));
        let used = whole.as_ref().and_then(|build| built(document, service, build, variables));
        record.run_commands.extend(used.as_ref().and_then(|used| run_command(document, service, used)));
        let dockerfile = used.as_ref().map(|used| used.path.as_str());
        record.compose_services.push(compose_services::record(document, &file.tree, service, dockerfile));
        if let Some(build) = &service.build {
            let arguments = build.args.iter();
            record.settings.extend(arguments.map(|argument| {
                setting(document, service, argument, SettingSource::ComposeBuildArg, "args")
            }));
            record.uses.extend(used);
        }
        record.uses.extend(env_files(document, service));
        record.unnamed_variables.extend(changes_another(document, service).then(|| UnnamedVariables {
            path: Arc::clone(&document.path),
            service: Some(service.name.value.clone()),
        }));
        record.uses.extend(binds(document, service, variables));
        mark(record.settings.get_mut(first..).unwrap_or_default(), &document.path);
    }
    record
        .uses
        .extend(file.tree.configs.iter().filter_map(|config| config_file(document, config, variables)));
    record
}

/// Whether a file that is named like one of Compose is another tool's: none of its keys is Compose's, and nothing in it
/// describes a container.
#[must_use]
pub(crate) fn is_of_another_tool(document: &Document) -> bool {
    const KEYS: &[&str] =
        &["services", "include", "version", "networks", "volumes", "configs", "secrets", "name", "models"];
    if merge::stands_alone(&document.path) {
        return false;
    }
    let stream = yaml::parse(&document.text);
    let budget = yaml::Budget::default();
    let documents = stream.tree.documents.iter();
    let mut entries = documents.flat_map(|document| document.view(&budget).entries()).peekable();
    let describes = |value: yaml::View<'_>| ["image", "build"].iter().any(|key| value.get(key).is_some());
    stream.errors.is_empty()
        && entries.peek().is_some()
        && entries.all(|(key, value)| {
            let is_known = key.as_str().is_some_and(|key| KEYS.contains(&key) || key.starts_with("x-"));
            !is_known && !describes(value) && !value.entries().into_iter().any(|(_, inner)| describes(inner))
        })
}

/// Whether an error is a service without content in a file that is merged over another, which says what it is.
fn is_left_to_another(document: &Document, error: &SyntaxError) -> bool {
    let service = error.message.strip_prefix("`services.");
    let names_one = service.and_then(|rest| rest.strip_suffix("` must be a mapping"));
    names_one.is_some_and(|name| !name.contains('.'))
        && matches!(document.slice(error.span).trim(), "" | "null" | "~")
        && !merge::stands_alone(&document.path)
}

/// The folder from which a Compose file's builds are seen: its own; of Docker's development environments, which kept
/// theirs in a folder `.docker`, the one above. Source: <https://docs.docker.com/desktop/dev-environments/>.
fn project_directory(path: &str) -> &str {
    let own = directory_of(path);
    if file_name(own) == ".docker" { directory_of(own) } else { own }
}

/// Whether another description of the service is laid below this one, which cannot run by itself.
fn changes_another(document: &Document, service: &Service) -> bool {
    let has_context = service.build.as_ref().is_some_and(|build| !is_refined(document, build));
    service.extends.is_some() || (service.image.is_none() && !has_context)
}

/// A build with what the services that it extends in the same file say of it: Compose merges key by key.
fn with_base(
    document: &Document,
    file: &compose::ComposeFile,
    service: &Service,
    build: &ComposeBuild,
) -> ComposeBuild {
    const MAX_BASES: usize = 10;
    let mut whole = build.clone();
    let mut at = service;
    for _ in 0..MAX_BASES {
        let base = at.extends.as_ref().filter(|extends| extends.file.is_none());
        let Some(base) = base
            .and_then(|base| file.services.iter().find(|service| service.name.value == base.service.value))
        else {
            break;
        };
        if let Some(other) = &base.build {
            if !has_context(document, &whole) {
                whole.context = other.context.clone();
            }
            whole.dockerfile = whole.dockerfile.or_else(|| other.dockerfile.clone());
            whole.target = whole.target.or_else(|| other.target.clone());
        }
        at = base;
    }
    whole
}

/// Whether a build only changes what another file says of it: neither a context nor a Dockerfile is written.
fn is_refined(document: &Document, build: &ComposeBuild) -> bool {
    !has_context(document, build) && build.dockerfile.is_none() && build.dockerfile_inline.is_none()
}

fn has_context(document: &Document, build: &ComposeBuild) -> bool {
    build.context.span != build.span
        || document.slice(build.span).trim_matches(['"', '\'']) == build.context.value
}

/// What the service mounts of the folders beside the Compose file.
fn binds(document: &Document, service: &Service, variables: &Variables) -> Vec<Use> {
    let bound = service.volumes.iter().filter(|volume| volume.kind == VolumeKind::Bind);
    let used = bound.filter_map(|volume| {
        let source = volume.source.as_ref()?;
        let what = UseKind::Bind {
            read_only: volume.read_only,
            service: service.name.value.clone(),
            target: volume.target.clone(),
            is_data: service.volumes.iter().any(|other| {
                other.kind == VolumeKind::Named
                    && is_within(&volume.target, other.target.trim_end_matches('/'))
            }),
        };
        Some(Use { path: beside(document, &source.value, variables)?, at: document.place(source.span), what })
    });
    used.collect()
}

fn config_file(document: &Document, config: &Resource, variables: &Variables) -> Option<Use> {
    let ResourceSource::File(file) = &config.source else { return None };
    Some(Use {
        path: beside(document, &file.value, variables)?,
        at: document.place(file.span),
        what: UseKind::Config,
    })
}

/// A path as seen from the Compose file; `None` for one of the machine, and where a variable decides.
fn beside(document: &Document, written: &str, variables: &Variables) -> Option<String> {
    let path =
        expanded(written, variables).filter(|path| !path.starts_with(['/', '~']) && !path.contains('\\'))?;
    join(directory_of(&document.path), &path)
}

/// Variables that have neither a default nor a demand anywhere in the file.
fn bare_variables(document: &Document, file: &compose::ComposeFile) -> Vec<ComposeVariable> {
    let is_handled = |used: &&compose::VariableUse| {
        // `${NAME:+text}` asks whether it is set.
        let asks = document.slice(used.span).trim_start_matches(['$', '{']).trim_start_matches(&used.name);
        used.default.is_some() || used.required.is_some() || asks.starts_with(['+', ':'])
    };
    let handled: BTreeSet<&str> =
        file.variables.iter().filter(is_handled).map(|used| used.name.as_str()).collect();
    let bare = file.variables.iter().filter(|used| !handled.contains(used.name.as_str()));
    bare.map(|used| ComposeVariable {
        name: used.name.clone(),
        at: document.place(used.span),
        scope: Scope::default(),
    })
    .collect()
}

/// Variables with a backslash before them.
fn escaped(document: &Document, file: &compose::ComposeFile) -> Vec<EscapedVariable> {
    let mut found = Vec::new();
    for used in &file.variables {
        let text = document.slice(used.span);
        let dollars: Vec<usize> = if text.starts_with('$') {
            vec![used.span.start]
        } else {
            // Of a value that is written with escapes or folds only the whole has a place.
            let (plain, braced) = (format!("\\${}", used.name), format!("\\${{{}", used.name));
            let ends = |at: usize, length: usize| {
                let next = text.get(at + length..).and_then(|rest| rest.chars().next());
                next.is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '_')
            };
            [&plain, &braced]
                .into_iter()
                .flat_map(|written| text.match_indices(written.as_str()))
                .filter(|(at, written)| ends(*at, written.len()))
                .map(|(at, _)| used.span.start + at + 1)
                .collect()
        };
        let is_escaped = |start: &usize| document.slice(Span::new(start.saturating_sub(1), *start)) == "\\";
        found.extend(dollars.into_iter().filter(is_escaped).map(|start| EscapedVariable {
            name: used.name.clone(),
            at: document.place(Span::new(start, start + 1)),
            in_braces: false,
        }));
        found.extend(is_in_braces(document, used.span, &used.name).then(|| EscapedVariable {
            name: used.name.clone(),
            at: document.place(Span::new(used.span.start, used.span.start + 1)),
            in_braces: true,
        }));
    }
    found.sort_by(|one, other| (&one.at, &one.name).cmp(&(&other.at, &other.name)));
    found.dedup();
    found
}

/// `postgres://{$USER}:…`: the braces around a variable of an address, which have no place there.
fn is_in_braces(document: &Document, span: Span, name: &str) -> bool {
    let text = document.text.as_str();
    let (before, rest) = text.split_at(text.floor_char_boundary(span.start));
    let before = before.strip_suffix('{').filter(|before| !before.ends_with(['$', '{']));
    let line = before.and_then(|before| before.rsplit(['\n', ' ', '"', '\'']).next()).unwrap_or("");
    let after = rest.strip_prefix('$').and_then(|rest| rest.strip_prefix(name)?.strip_prefix('}'));
    line.contains("://") && after.is_some_and(|after| !after.starts_with('}'))
}

/// `ENVIRONMENT=staging` of a service speaks of that service, not of the others in its file. `NODE_ENV` says how code is
/// built, and nothing of where it runs.
fn mark(settings: &mut [Setting], path: &str) {
    let markers = settings.iter().filter(|setting| is_marker(&setting.key) && setting.key != "NODE_ENV");
    let Some(name) = only(markers.filter_map(|setting| canonical(setting.value.trim()))) else { return };
    let deployed = is_deployed(name) && !is_backup(path) && !is_illustration(path);
    for setting in settings {
        setting.scope.environment = Some(name.to_owned());
        setting.scope.deployed = deployed;
    }
}

fn setting(
    document: &Document,
    service: &Service,
    variable: &compose::Setting,
    source: SettingSource,
    map: &str,
) -> Setting {
    let key = &variable.name.value;
    // Without a value Compose hands on its own variable of that name.
    let handed_on = Spanned::new(format!("${{{key}}}"), variable.name.span);
    let value = variable.value.as_ref().unwrap_or(&handed_on);
    Setting {
        key: key.clone(),
        within: vec!["services".to_owned(), service.name.value.clone(), map.to_owned()],
        value: value.value.clone(),
        raw: document.slice(value.span).to_owned(),
        at: document.place(variable.inner),
        scope: Scope { service: Some(service.name.value.clone()), ..Scope::default() },
        source,
        dialect: None,
        role: match Role::of_host_key(key, &value.value) {
            Role::Value if shares_a_network(service) || names_a_host(&service.extra_hosts, &value.value) => {
                Role::SharedHost
            }
            role => role,
        },
        expands_variables: true,
        is_template: false,
    }
}

/// `network_mode: host` and `network_mode: service:x` put several processes behind one loopback interface.
fn shares_a_network(service: &Service) -> bool {
    let mode = service.network_mode.as_ref().map_or("", |mode| mode.value.as_str());
    mode == "host" || mode.starts_with("service:") || mode.starts_with("container:")
}

/// Whether a value leads to one of the hosts that a service is given addresses of: `host.docker.internal:host-gateway`.
pub(crate) fn names_a_host(given: &[String], value: &str) -> bool {
    given.iter().any(|name| !name.is_empty() && value.contains(name.as_str()))
}

fn env_files(document: &Document, service: &Service) -> Vec<Use> {
    let here = directory_of(&document.path);
    // What stands at an absolute path is on the machine that runs it.
    let is_here = |path: &str| !path.contains('$') && !path.starts_with(['/', '~']) && !path.contains(":\\");
    let files = service.env_file.iter().filter(|file| is_here(&file.path.value));
    files
        .filter_map(|file| {
            Some(Use {
                path: join(here, &file.path.value)?,
                at: document.place(file.path.span),
                what: UseKind::EnvFile { required: file.required, service: Some(service.name.value.clone()) },
            })
        })
        .collect()
}

fn built(document: &Document, service: &Service, build: &ComposeBuild, variables: &Variables) -> Option<Use> {
    let written = &build.context.value;
    if build.dockerfile_inline.is_some() || written.contains("://") || written.starts_with("git@") {
        return None;
    }
    let context = join(project_directory(&document.path), &expanded(written, variables)?)?;
    let dockerfile = build.dockerfile.as_ref();
    let name = dockerfile.map_or(Some("Dockerfile".to_owned()), |file| expanded(&file.value, variables))?;
    let at = dockerfile.map_or(build.context.span, |file| file.span);
    let arguments = build.args.iter().map(|argument| {
        let value = argument.value.as_ref().and_then(|value| expanded(&value.value, variables));
        (argument.name.value.clone(), value)
    });
    let argument_names = build.args.iter().map(|argument| &argument.name);
    let argument_names = argument_names.map(|name| (name.value.clone(), document.place(name.span)));
    Some(Use {
        path: join(&context, &name)?,
        at: document.place(at),
        what: UseKind::Build(Box::new(Build {
            context,
            context_at: Some(document.place(build.context.span)),
            seen: Seen::AsWritten,
            builder: None,
            contexts: build.additional_contexts.iter().map(|named| named.name.value.clone()).collect(),
            target: build.target.as_ref().and_then(|target| expanded(&target.value, variables)),
            target_at: build.target.as_ref().map(|target| document.place(target.span)),
            service: Some(service.name.value.clone()),
            names: service
                .image
                .iter()
                .filter_map(|name| ImageName::of(&document.path, &name.value))
                .collect(),
            environment: None,
            command: command(service),
            arguments: arguments.collect(),
            argument_names: argument_names.collect(),
            has_output: false,
            has_image: is_pulled(service),
            made: Vec::new(),
            presence: Presence::Needed,
            has_other_files: is_refined(document, build) && !merge::stands_alone(&document.path),
        })),
    })
}

/// Whether the image that a service would be built as is one of a registry, and is pulled where there is one. A bare name
/// is what the build is called here.
fn is_pulled(service: &Service) -> bool {
    let of_registry = |image: &Spanned<String>| image.value.contains('/');
    let builds = service.pull_policy.as_ref().is_some_and(|policy| policy.value == "build");
    service.image.as_ref().is_some_and(of_registry) && !builds
}

/// Values by name.
type Variables = BTreeMap<String, String>;

/// What the `.env` in the folder of a Compose file sets, as Compose reads it.
#[must_use]
fn variables_beside(tree: &dyn Tree, path: &str) -> Variables {
    let env_file = join(directory_of(path), ".env").filter(|path| tree.kind(path) == Some(EntryKind::File));
    let Some(document) = env_file.and_then(|path| Document::read(tree, &path).ok()) else {
        return Variables::new();
    };
    let file = dotenv::parse(&document.text, Dialect::Compose).tree;
    let resolved = dotenv::resolve(&file, &|_| None).tree;
    let pair = |(index, value): (usize, String)| Some((file.entries.get(index)?.key.value.clone(), value));
    resolved.into_iter().filter_map(pair).collect()
}

/// The text with its variables, or their defaults; `None` where one has neither, since its value is not known here.
fn expanded(text: &str, variables: &Variables) -> Option<String> {
    let expanded = compose::interpolate::interpolate(text, &|name| variables.get(name).cloned()).ok()?;
    let is_known = |name: &str| variables.get(name).is_some_and(|value| !value.is_empty());
    let mut references = expanded.references.iter();
    let known = references.all(|reference| reference.default.is_some() || is_known(&reference.name));
    known.then_some(expanded.text)
}

/// The text with every `${NAME:-default}` replaced by its default; `None` where a variable has none.
pub(crate) fn default_expanded(text: &str) -> Option<String> {
    expanded(text, &Variables::new())
}

/// What a service that is built here starts instead of what its image does; where it is one of several files, another
/// one may say something else.
fn run_command(document: &Document, service: &Service, used: &Use) -> Option<RunCommand> {
    let UseKind::Build(build) = &used.what else { return None };
    let line = service.entrypoint.as_ref().or(service.command.as_ref())?;
    let is_whole = service.extends.is_none() && service.configs.is_empty() && !build.has_other_files;
    let words = |line: &Option<CommandLine>| line.as_ref().map(CommandLine::words);
    let (entrypoint, arguments) = (words(&service.entrypoint), words(&service.command));
    let is_read = entrypoint != Some(None) && arguments != Some(None);
    let span = match line {
        CommandLine::Shell(text) => text.span,
        CommandLine::Exec(words) => words.first()?.span,
    };
    let command = RunCommand {
        image: Source::Dockerfile(used.path.clone()),
        build: Some((build.context.clone(), build.target.clone())),
        entrypoint: entrypoint.flatten(),
        arguments: arguments.flatten(),
        directory: service.working_dir.as_ref().map(|folder| folder.value.clone()),
        mounted: service.volumes.iter().map(|volume| volume.target.clone()).collect(),
        is_alternative: build.has_image,
        at: document.place(span),
    };
    command.told().filter(|_| is_whole && is_read)
}

/// The words that start the container, where the service says so.
fn command(service: &Service) -> Option<Vec<String>> {
    match (&service.entrypoint, &service.command) {
        (Some(entry), Some(arguments)) => Some([entry.words()?, arguments.words()?].concat()),
        (Some(line), None) | (None, Some(line)) => line.words(),
        (None, None) => None,
    }
}
