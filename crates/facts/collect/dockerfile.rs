//! Dockerfiles: the variables that the final stage sets, and those that are written into what it is given.

use source::{Span, has_word, is_illustration, is_test};
use syntax::dockerfile::scope::{reachable_stages, stage_chain};
use syntax::dockerfile::{Command, Dockerfile, Kind, Pair};
use syntax::shell;

use crate::collect::supervisors::has_supervisor;
use crate::collect::{dockerfile_flaws, dockerfile_variables, ports, tools};
use crate::container::{BuildArgument, BuildKitNeed};
use crate::images::ReadDockerfile;
use crate::record::Record;
use crate::shell_flaws::spaced;
use crate::{Role, Scope, ScriptFlaw, Setting, SettingSource, ShellFlaw, ShellFlawKind, script_flaws};

/// Beginnings of names that bundlers write into the code of browsers.
const BUNDLED: &[&str] = &["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "NUXT_PUBLIC_", "GATSBY_", "EXPO_PUBLIC_"];

/// The map of variables that only a stage of the build has: they are in what it makes, and in no container.
pub(crate) const IN_A_BUILD: &str = "build";

/// The facts of a Dockerfile by itself.
#[must_use]
pub(crate) fn record(read: &ReadDockerfile) -> Record {
    let dockerfile = &read.parsed.tree;
    let mut settings = Vec::new();
    if let Some(last) = dockerfile.stages.len().checked_sub(1) {
        let chain = stage_chain(dockerfile, last, &|_| None);
        for stage in chain.iter().filter(|stage| !is_for_tests(dockerfile, **stage)) {
            for (_, instruction) in dockerfile.instructions_of(*stage) {
                if let Kind::Env(pairs) = &instruction.kind {
                    settings.extend(pairs.iter().filter_map(|pair| setting(read, pair)));
                }
            }
        }
        if has_supervisor(read, &chain) {
            let values = settings.iter_mut().filter(|setting| setting.role == Role::Value);
            values.for_each(|setting| setting.role = Role::SharedHost);
        }
    }
    settings.extend(baked_in(read));
    settings.sort_by(|one, other| one.at.cmp(&other.at));
    Record {
        settings,
        undefined_build_variables: dockerfile_variables::undefined(read),
        dockerfile_flaws: dockerfile_flaws::flaws(read),
        literal_variables: dockerfile_variables::literal(read),
        build_arguments: build_arguments(read),
        buildkit_needs: buildkit_need(read).into_iter().collect(),
        script_flaws: script_flaws(read),
        shell_flaws: spaced_assignments(read),
        lacking_tools: tools::lacking(read).into_iter().collect(),
        dockerfile_ports: ports::of_dockerfile(read).into_iter().collect(),
        problems: read.document.problems(&read.parsed.errors).collect(),
        ..Record::default()
    }
}

/// Whether a stage is for tests by its name; a deployment is of one before it.
fn is_for_tests(dockerfile: &Dockerfile, stage: usize) -> bool {
    let name = dockerfile.stages.get(stage).and_then(|stage| stage.name.as_ref());
    name.is_some_and(|name| is_test(&name.value) || has_word(&name.value, &["lint"]))
}

/// The texts that a shell of Unix reads, but for here-documents; none where another shell is chosen, or Windows is built
/// for.
fn shell_texts(read: &ReadDockerfile) -> Vec<Span> {
    let instructions = &read.parsed.tree.instructions;
    let is_for_others = instructions.iter().any(|one| one.keyword.value == "SHELL")
        || ["escape=`", "windows", "nanoserver"].iter().any(|sign| read.document.text.contains(sign));
    let texts = instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Run(Command::Shell(text))
        | Kind::Cmd(Command::Shell(text))
        | Kind::Entrypoint(Command::Shell(text)) => instruction.heredocs.is_empty().then_some(text.span),
        _ => None,
    });
    if is_for_others { Vec::new() } else { texts.collect() }
}

/// Instructions whose shell text no shell reads.
fn script_flaws(read: &ReadDockerfile) -> Vec<ScriptFlaw> {
    let texts = shell_texts(read).into_iter();
    texts.filter_map(|span| script_flaws::of_instruction(&read.document, span)).collect()
}

/// Assignments of instructions that have blanks around their `=`.
fn spaced_assignments(read: &ReadDockerfile) -> Vec<ShellFlaw> {
    let document = &read.document;
    if is_illustration(&document.path) {
        return Vec::new();
    }
    let of_text = |span: Span| {
        let text = document.slice(span);
        let script = shell::parse_run(text).tree;
        let flaw = |command| {
            let name = spaced(text, &script, command)?.to_owned();
            let (first, last) = (command.words.first()?.span, command.words.last()?.span);
            let at = document.place(first.to(last).shifted(span.start));
            let written = format!("{name} =");
            Some(ShellFlaw { kind: ShellFlawKind::Spaced, name, written, at, because: None })
        };
        script.commands.iter().filter_map(flaw).collect::<Vec<_>>()
    };
    shell_texts(read).into_iter().flat_map(of_text).collect()
}

/// Variables that a stage sets from which the final one copies, and that a bundler writes into what it makes there.
fn baked_in(read: &ReadDockerfile) -> Vec<Setting> {
    let dockerfile = &read.parsed.tree;
    let Some(last) = dockerfile.stages.len().checked_sub(1) else { return Vec::new() };
    let own = stage_chain(dockerfile, last, &|_| None);
    let copied_from =
        reachable_stages(dockerfile, last, &|_| None).into_iter().filter(|stage| !own.contains(stage));
    let mut settings = Vec::new();
    for (_, instruction) in copied_from.flat_map(|stage| dockerfile.instructions_of(stage)) {
        if let Kind::Env(pairs) = &instruction.kind {
            let baked = pairs.iter().filter(|pair| is_baked_in(&pair.key.value));
            let baked = baked.filter_map(|pair| setting(read, pair));
            settings.extend(baked.map(|mut setting| {
                setting.within.push(IN_A_BUILD.to_owned());
                setting
            }));
        }
    }
    settings
}

fn is_baked_in(name: &str) -> bool {
    BUNDLED.iter().any(|prefix| name.starts_with(prefix))
}

/// Arguments without a default of the stages that the final one is built on, where a command of their stage follows.
fn build_arguments(read: &ReadDockerfile) -> Vec<BuildArgument> {
    let dockerfile = &read.parsed.tree;
    let Some(last) = dockerfile.stages.len().checked_sub(1) else { return Vec::new() };
    let mut arguments = Vec::new();
    for stage in stage_chain(dockerfile, last, &|_| None) {
        let instructions: Vec<_> = dockerfile.instructions_of(stage).collect();
        for (index, (_, instruction)) in instructions.iter().enumerate() {
            let Kind::Arg(pairs) = &instruction.kind else { continue };
            let mut after = instructions.iter().skip(index);
            let Some((_, run)) = after.find(|(_, later)| matches!(later.kind, Kind::Run(_))) else {
                continue;
            };
            arguments.extend(pairs.iter().filter(|pair| pair.value.is_none()).map(|pair| BuildArgument {
                name: pair.key.value.clone(),
                at: read.document.place(pair.key.span),
                run: read.document.place(run.keyword.span),
            }));
        }
    }
    arguments
}

fn setting(read: &ReadDockerfile, pair: &Pair) -> Option<Setting> {
    let value = pair.value.as_ref()?;
    let text = value.value.trim_matches(['"', '\'']);
    Some(Setting {
        key: pair.key.value.clone(),
        within: vec!["ENV".to_owned()],
        value: text.to_owned(),
        raw: value.value.clone(),
        at: read.document.place(value.span),
        scope: Scope::default(),
        source: SettingSource::DockerfileEnv,
        dialect: None,
        role: Role::of_host_key(&pair.key.value, text),
        expands_variables: true,
        is_template: false,
    })
}

/// The first thing that BuildKit alone understands: a mount, a link, a here-document.
fn buildkit_need(read: &ReadDockerfile) -> Option<BuildKitNeed> {
    const FLAGS: &[(&str, &str)] = &[
        ("RUN", "mount"),
        ("RUN", "network"),
        ("RUN", "security"),
        ("COPY", "link"),
        ("COPY", "parents"),
        ("COPY", "exclude"),
        ("ADD", "link"),
        ("ADD", "checksum"),
    ];
    read.parsed.tree.instructions.iter().find_map(|instruction| {
        let keyword = instruction.keyword.value.as_str();
        let flag = FLAGS.iter().find_map(|(of, name)| instruction.flag(name).filter(|_| *of == keyword));
        let (what, span) = match (flag, instruction.heredocs.first()) {
            (Some(flag), _) => (format!("{keyword} --{}", flag.name.value), flag.name.span),
            (None, Some(heredoc)) => (format!("the here-document of {keyword}"), heredoc.name.span),
            (None, None) => return None,
        };
        Some(BuildKitNeed { what, at: read.document.place(span) })
    })
}
