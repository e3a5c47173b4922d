//! Commands that build and deploy, wherever they stand: in shell scripts, workflow steps, lists of words in Python.

use source::{Place, Span, join};
use syntax::dockerignore::Builder;

use crate::collect::pairs::{build_argument, pairs, secret, setting};
use crate::collect::{cloud_run, compose_project};
use crate::duration;
use crate::environment::{canonical, is_deployed, is_marker, named_by_words, only};
use crate::record::{Build, Presence, Record, Submission, Use, UseKind};
use crate::run_image::{ImageName, RunImage, Source};
use crate::{Limit, Role, Scope, Setting, SettingSource, UnnamedVariables};

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its text; `None` where it is not known before the command runs.
    pub(crate) text: Option<String>,
    /// Where it stands.
    pub(crate) at: Place,
    /// Whether the bytes at `at` are exactly `text`, so that parts of it have places of their own.
    pub(crate) is_verbatim: bool,
}

impl Word {
    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or("")
    }

    /// The place of the bytes `start..end` of the text.
    pub(crate) fn part(&self, start: usize, end: usize) -> Place {
        if !self.is_verbatim {
            return self.at.clone();
        }
        let span = Span::new(self.at.span.start + start, self.at.span.start + end);
        Place { span, ..self.at.clone() }
    }
}

/// A command with where it runs.
pub(crate) struct Command<'c> {
    /// Its words, the program first; a list in a script may begin in the middle of a command line.
    pub(crate) words: &'c [Word],
    /// The folder it runs in, relative to the root; `None` where that is not known.
    pub(crate) folder: Option<&'c str>,
    /// The environment of the place that holds it.
    pub(crate) environment: Option<&'c str>,
    /// The service for which alone it runs, where its own words name none.
    pub(crate) only_for: Option<&'c str>,
}

impl Command<'_> {
    /// Adds what the command says.
    pub(crate) fn add_to(&self, record: &mut Record) {
        record.uses.extend(self.built().or_else(|| self.built_by_kaniko()));
        self.baked(record);
        record.cloud_run_deploys.extend(cloud_run::deploy(self.words, self.environment));
        record.submissions.extend(self.submitted());
        record.run_images.extend(self.run_image());
        record.project_directories.extend(compose_project::directories(self));
        if self.is_cloud_run_deploy() {
            self.deployed(record);
        }
    }

    /// Whether the words start with these, other words of the program's own options between them left out.
    pub(crate) fn runs(&self, program: &[&str]) -> bool {
        let plain = self.words.iter().filter(|word| !word.text().starts_with('-')).map(Word::text);
        let mut plain = plain.skip_while(|word| !is_program(word, program.first().copied().unwrap_or("")));
        program.iter().all(|expected| plain.next().is_some_and(|word| is_program(word, expected)))
    }

    /// The value of `--flag value` or `--flag=value`.
    pub(crate) fn flag(&self, names: &[&str]) -> Option<(&Word, usize)> {
        self.flags(names).into_iter().next()
    }

    /// Every value of a flag: the word, and where in its text the value starts.
    pub(crate) fn flags(&self, names: &[&str]) -> Vec<(&Word, usize)> {
        let mut values = Vec::new();
        for (index, word) in self.words.iter().enumerate() {
            let text = word.text();
            if names.contains(&text) {
                values.extend(self.words.get(index + 1).map(|value| (value, 0)));
            } else if let Some((name, _)) = text.split_once('=')
                && names.contains(&name)
            {
                values.push((word, name.len() + 1));
            }
        }
        values
    }

    /// `gcloud builds submit [FOLDER] --config FILE`: what is uploaded, the folder it runs in where none is named.
    fn submitted(&self) -> Option<Submission> {
        let submit = ["gcloud", "builds", "submit"];
        let is_one = self.runs(&submit);
        let after = self.words.iter().position(|word| is_one && word.text() == "submit")? + 1;
        let arguments = self.words.get(after..)?;
        let known = |text: &str| join(self.folder?, text).filter(|_| text == "." || is_known_path(text));
        let mut folder = self.folder.map(str::to_owned);
        for (index, word) in arguments.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|at| arguments.get(at)).map_or("", Word::text);
            let is_value = before.starts_with('-') && !before.contains('=') && !matches!(before, "--async");
            if !word.text().starts_with('-') && !is_value {
                folder = word.text.as_deref().and_then(known);
                break;
            }
        }
        let config = match self.flag(&["--config"]) {
            Some((word, start)) => known(word.text().get(start..)?)?,
            None => join(folder.as_deref()?, "cloudbuild.yaml")?,
        };
        Some(Submission { config, folder, is_as_committed: false })
    }

    /// `gcloud run deploy NAME --image IMAGE` or `--source FOLDER`, where it starts what the image does by itself.
    fn run_image(&self) -> Option<RunImage> {
        // A job has no port, and a function no image of its own.
        let service = self.service().filter(|_| SERVICES.iter().any(|verbs| self.runs(verbs)))?;
        let has_own_command = self.flag(&["--command", "--args"]).is_some();
        if has_own_command || self.flags(&["--image"]).len() > 1 {
            return None;
        }
        let value = |(word, start): (&'_ Word, usize)| word.text().get(start..).map(str::to_owned);
        let what = match (self.flag(&["--image"]), self.flag(&["--source"])) {
            (Some(named), _) => {
                let path = std::sync::Arc::clone(&named.0.at.path);
                Source::Image(ImageName::of(&path, &value(named)?)?)
            }
            (None, Some(named)) => {
                let folder = value(named).filter(|text| text == "." || is_known_path(text))?;
                Source::Dockerfile(join(&join(self.folder?, &folder)?, "Dockerfile")?)
            }
            (None, None) => return None,
        };
        Some(RunImage { service, what })
    }

    /// What a build for a deployed environment writes into an image.
    fn baked(&self, record: &mut Record) {
        let Some(environment) = self.environment.filter(|name| is_deployed(name)) else { return };
        if BUILDS.iter().any(|program| self.runs(program)) {
            let arguments = self.flags(&["--build-arg"]);
            record.settings.extend(
                arguments.into_iter().filter_map(|(word, start)| build_argument(word, start, environment)),
            );
        }
    }

    /// `docker build -f X context` and its kin.
    pub(crate) fn built(&self) -> Option<Use> {
        let matched = BUILDS.iter().find(|program| self.runs(program))?;
        let (positional, is_open) = self.context(matched)?;
        let context_text = positional.text.as_deref()?;
        let folder = self.folder?;
        let context = join(folder, context_text)?;
        // `-f-` is `-f -`: the Dockerfile comes from the standard input.
        let is_joined = |word: &&Word| word.text().starts_with("-f") && word.text().len() > 2;
        let joined = self.words.iter().find(is_joined).map(|word| (word, 2));
        let named = self.flag(&["-f", "--file"]).or(joined);
        let names_file = named.is_some();
        let (path, at) = match named {
            Some((word, start)) => {
                let text = word.text.as_deref()?.get(start..).filter(|text| is_known_path(text))?;
                (join(folder, text)?, word.part(start, word.text().len()))
            }
            None => (join(&context, "Dockerfile")?, positional.at.clone()),
        };
        let target = self.flag(&["--target"]);
        let arguments = self.flags(&["--build-arg"]).into_iter().filter_map(|(word, start)| {
            let given = word.text().get(start..)?;
            // Without a value it is that of the environment.
            let (name, value) =
                given.split_once('=').map_or((given, None), |(name, value)| (name, Some(value)));
            Some((name.to_owned(), value.filter(|value| !value.contains(['$', '{'])).map(str::to_owned)))
        });
        let argument_names = self.flags(&["--build-arg"]).into_iter().filter_map(|(word, start)| {
            let name = word.text().get(start..)?.split('=').next()?;
            Some((name.to_owned(), word.part(start, start + name.len())))
        });
        let contexts = self.flags(&["--build-context"]).into_iter().filter_map(|(word, start)| {
            word.text().get(start..)?.split_once('=').map(|(name, _)| name.to_owned())
        });
        let build = Build {
            context,
            context_at: Some(positional.at.clone()),
            builder: matches!(*matched, ["podman" | "buildah", ..]).then_some(Builder::Buildah),
            contexts: contexts.collect(),
            target: target.and_then(|(word, start)| word.text().get(start..)).map(str::to_owned),
            target_at: target.map(|(word, start)| word.part(start, word.text().len())),
            environment: self.environment.map(str::to_owned),
            names: self.image_names(&["-t", "--tag"]),
            arguments: arguments.collect(),
            argument_names: argument_names.collect(),
            // A variable that may hold flags may name another Dockerfile.
            presence: if is_open && !names_file { Presence::AskedFor } else { Presence::Needed },
            ..Build::default()
        };
        Some(Use { path, at, what: UseKind::Build(Box::new(build)) })
    }

    /// What a build calls what it makes.
    fn image_names(&self, flags: &[&str]) -> Vec<ImageName> {
        let named = self.flags(flags).into_iter();
        named.filter_map(|(word, start)| ImageName::of(&word.at.path, word.text().get(start..)?)).collect()
    }

    /// `kaniko --dockerfile=X --context=dir`; both relative to the workspace.
    fn built_by_kaniko(&self) -> Option<Use> {
        if self.words.first()?.text() != "kaniko" {
            return None;
        }
        let value = |(word, start): (&'_ Word, usize)| word.text.as_deref()?.get(start..).map(str::to_owned);
        let context = match self.flag(&["--context", "-c"]).map(value) {
            Some(text) => below_workspace(text?.trim_start_matches("dir://")).to_owned(),
            None => String::new(),
        };
        let (word, start) = self.flag(&["--dockerfile", "-f"])?;
        let text = word.text.as_deref()?.get(start..).filter(|text| is_known_path(text))?;
        let context = if is_known_path(&context) { join("", &context)? } else { String::new() };
        let build = Build {
            context,
            builder: Some(Builder::Kaniko),
            environment: self.environment.map(str::to_owned),
            names: self.image_names(&["--destination", "-d"]),
            ..Build::default()
        };
        let at = word.part(start, word.text().len());
        Some(Use { path: join("", text)?, at, what: UseKind::Build(Box::new(build)) })
    }

    /// The one word after the program that is neither a flag nor a flag's value: the context, before the flags or behind
    /// them; and whether a variable stands beside it, which may hold flags.
    fn context(&self, program: &[&str]) -> Option<(&Word, bool)> {
        let last = program.last()?;
        let start = self.words.iter().position(|word| is_program(word.text(), last))? + 1;
        let mut words = self.words.get(start..)?.iter();
        let (mut found, mut is_unsure) = (Vec::new(), false);
        while let Some(word) = words.next() {
            let text = word.text();
            if !text.starts_with('-') {
                found.push(word);
            } else if VALUED.contains(&text) {
                words.next();
            } else {
                is_unsure |= !text.contains('=') && !SWITCHES.contains(&text);
            }
        }
        let is_open = found.iter().any(|word| word.text.as_deref().is_none_or(|text| text.contains('$')));
        found.retain(|word| word.text.as_deref().is_some_and(is_known_path));
        match found.as_slice() {
            [context] => Some((*context, is_open)),
            // The value of a flag that is not known here stands before the context, as a rule.
            [.., last] if is_unsure && self.words.last().is_some_and(|word| word.at == last.at) => {
                Some((*last, is_open))
            }
            _ => None,
        }
    }

    /// `gcloud run deploy`, or a list that only holds its flags.
    fn is_cloud_run_deploy(&self) -> bool {
        const FLAGS: &[&str] =
            &["--set-secrets", "--update-secrets", "--set-env-vars", "--update-env-vars", "--env-vars-file"];
        self.runs(&["gcloud", "run", "deploy"]) || !self.flags(FLAGS).is_empty()
    }

    fn deployed(&self, record: &mut Record) {
        let scope = self.scope();
        for (word, start) in self.flags(&["--set-secrets", "--update-secrets"]) {
            record.secrets.extend(pairs(word, start).into_iter().filter_map(|pair| secret(&pair, &scope)));
        }
        // Containers of one service share a network.
        let has_neighbours = self.flags(&["--container"]).len() > 1;
        for flag in ["--set-env-vars", "--update-env-vars"] {
            for (word, start) in self.flags(&[flag]) {
                let settings = pairs(word, start).into_iter().map(|pair| setting(pair, flag, &scope));
                record.settings.extend(settings.map(|setting| match setting.role {
                    Role::Value if has_neighbours => Setting { role: Role::SharedHost, ..setting },
                    _ => setting,
                }));
            }
        }
        if self.gives_more() {
            let path = self.words.first().map(|word| std::sync::Arc::clone(&word.at.path));
            let service = scope.service.clone();
            record.unnamed_variables.extend(path.map(|path| UnnamedVariables { path, service }));
        }
        if let Some((word, start)) = self.flag(&["--timeout"]) {
            record.limits.extend(request_timeout(word, start, &scope));
        }
    }

    /// Whose variables and secrets the command sets.
    pub(crate) fn scope(&self) -> Scope {
        let environment = self.own_environment();
        let deployed = environment.as_deref().is_none_or(is_deployed);
        let service = self.service().or_else(|| self.only_for.map(str::to_owned));
        Scope { environment, service, deployed }
    }

    /// Whether the service has more variables than the command names: those from before, those of a file, those in a
    /// variable of the shell.
    fn gives_more(&self) -> bool {
        let holds_pairs = |(word, start): &(&Word, usize)| {
            let text = word.text().get(*start..).unwrap_or("");
            let body = text.strip_prefix('^').and_then(|rest| rest.split_once('^'));
            let (delimiter, body) = body.unwrap_or((",", text));
            body.split(delimiter).any(|pair| pair.starts_with('$') && !pair.contains('='))
        };
        let keeps = self.flag(&["--update-env-vars"]).is_some() && self.flag(&["--set-env-vars"]).is_none();
        let flags = self.flags(&["--set-env-vars", "--update-env-vars"]);
        keeps || self.flag(&["--env-vars-file"]).is_some() || flags.iter().any(holds_pairs)
    }

    /// The environment that the service's or the project's name says, else that of the place, else a marker among the
    /// variables that it is given: a marker that contradicts its place is a fault of the marker.
    fn own_environment(&self) -> Option<String> {
        let project = self.flag(&["--project"]).and_then(|(word, start)| word.text().get(start..));
        let service = self.service();
        let named = service.as_deref().and_then(named_by_words).or_else(|| project.and_then(named_by_words));
        // What is deployed for a pull request may be meant to think that it is staging.
        let is_preview = service.as_deref().is_some_and(is_preview_service);
        let chosen = is_preview.then(|| self.marker()).flatten();
        chosen.or(named).or(self.environment).or_else(|| self.marker()).map(str::to_owned)
    }

    /// `--set-env-vars ENVIRONMENT=staging`; `NODE_ENV` says how code is built.
    fn marker(&self) -> Option<&'static str> {
        let words = self.flags(&["--set-env-vars", "--update-env-vars"]).into_iter();
        let pairs = words.flat_map(|(word, start)| pairs(word, start));
        let markers = pairs.filter(|pair| is_marker(&pair.name) && pair.name != "NODE_ENV");
        only(markers.filter_map(|pair| canonical(pair.value.trim())))
    }

    /// The service, job or function that the command deploys or changes: behind the verb, or behind all flags.
    fn service(&self) -> Option<String> {
        let verbs = SERVICES.iter().chain(OTHERS).find(|verbs| self.runs(verbs))?.last()?;
        let after = self.words.iter().position(|word| word.text() == *verbs)? + 1;
        let arguments = self.words.get(after..)?;
        let is_flag = |word: &Word| word.text().starts_with('-');
        let takes_next = |word: &Word| is_flag(word) && !word.text().contains('=') && !is_switch(word.text());
        let mut places = arguments.iter().enumerate().filter(|(at, word)| {
            let before = at.checked_sub(1).and_then(|at| arguments.get(at));
            !is_flag(word) && !before.is_some_and(takes_next)
        });
        let name = places.next()?.1.text.as_deref()?;
        let is_whole = !name.contains(['$', '{']);
        is_whole.then_some(name).or_else(|| preview_service(name)).map(str::to_owned)
    }
}

/// The service of an environment for one pull request, without the number: `backend-pr` for `backend-pr-${NUMBER}`.
fn preview_service(name: &str) -> Option<&str> {
    let (known, _) = name.split_once('$')?;
    known.strip_suffix('-').filter(|known| is_preview_service(known) && !known.contains('{'))
}

/// Whether a service is one for each pull request, by its name.
pub(crate) fn is_preview_service(name: &str) -> bool {
    ["-pr", "-preview"].iter().any(|ending| name.ends_with(ending))
}

/// Flags of gcloud that stand alone, beside those that begin with `--no-` or `--clear-`. Sources:
/// <https://cloud.google.com/sdk/gcloud/reference/run/deploy>, <https://cloud.google.com/sdk/gcloud/reference/functions/deploy>,
/// <https://cloud.google.com/sdk/gcloud/reference/run/jobs/deploy>.
const GCLOUD_SWITCHES: &[&str] = &[
    "--allow-unauthenticated",
    "--async",
    "--automatic-updates",
    "--cpu-boost",
    "--cpu-throttling",
    "--default-url",
    "--deploy-health-check",
    "--execute-now",
    "--gen2",
    "--help",
    "--invoker-iam-check",
    "--log-http",
    "--quiet",
    "--retry",
    "--serve-all-traffic-latest-revision",
    "--session-affinity",
    "--trigger-http",
    "--use-http2",
    "--user-output-enabled",
    "--wait",
    "-h",
    "-q",
];

fn is_switch(flag: &str) -> bool {
    GCLOUD_SWITCHES.contains(&flag) || flag.starts_with("--no-") || flag.starts_with("--clear-")
}

/// Commands that deploy a service of Cloud Run.
const SERVICES: &[&[&str]] = &[
    &["gcloud", "run", "deploy"],
    &["gcloud", "alpha", "run", "deploy"],
    &["gcloud", "beta", "run", "deploy"],
];

/// Other commands that give a service, a job or a function its variables.
const OTHERS: &[&[&str]] = &[
    &["gcloud", "run", "services", "update"],
    &["gcloud", "beta", "run", "services", "update"],
    &["gcloud", "run", "jobs", "create"],
    &["gcloud", "run", "jobs", "deploy"],
    &["gcloud", "run", "jobs", "update"],
    &["gcloud", "beta", "run", "jobs", "deploy"],
    &["gcloud", "functions", "deploy"],
];

/// Commands that build an image.
const BUILDS: &[&[&str]] = &[
    &["docker", "build"],
    &["docker", "buildx", "build"],
    &["docker", "image", "build"],
    &["podman", "build"],
    &["buildah", "bud"],
    &["buildah", "build"],
];

/// Flags of these commands that take the word behind them. Sources:
/// <https://docs.docker.com/reference/cli/docker/buildx/build/>,
/// <https://docs.podman.io/en/stable/markdown/podman-build.1.html>.
pub(crate) const VALUED: &[&str] = &[
    "--add-host",
    "--allow",
    "--annotation",
    "--arch",
    "--attest",
    "--authfile",
    "--build-arg",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--call",
    "--cgroup-parent",
    "--cpu-period",
    "--cpu-quota",
    "--cpu-shares",
    "--cpuset-cpus",
    "--cpuset-mems",
    "--env",
    "--file",
    "--format",
    "--from",
    "--iidfile",
    "--ignorefile",
    "--isolation",
    "--jobs",
    "--label",
    "--manifest",
    "--memory",
    "--memory-swap",
    "--metadata-file",
    "--network",
    "--no-cache-filter",
    "--os",
    "--output",
    "--platform",
    "--progress",
    "--secret",
    "--security-opt",
    "--shm-size",
    "--ssh",
    "--tag",
    "--target",
    "--ulimit",
    "--variant",
    "--volume",
    "-c",
    "-f",
    "-m",
    "-o",
    "-t",
    "-v",
];

/// Those that take none.
pub(crate) const SWITCHES: &[&str] = &[
    "--check",
    "--compress",
    "--debug",
    "--force-rm",
    "--layers",
    "--load",
    "--no-cache",
    "--pull",
    "--push",
    "--quiet",
    "--rm",
    "--squash",
    "-D",
    "-q",
];

/// A path as kaniko sees it: the workspace is the root.
fn below_workspace(path: &str) -> &str {
    path.strip_prefix("/workspace").map_or(path, |rest| rest.trim_start_matches('/'))
}

fn is_program(word: &str, expected: &str) -> bool {
    word == expected || word.rsplit('/').next() == Some(expected)
}

/// Whether a text is a path of the repository as it stands: no variable, no pattern, no address, no place of the
/// machine that runs the command.
pub(crate) fn is_known_path(text: &str) -> bool {
    let is_elsewhere = text.starts_with(['/', '~']) || text.contains("://");
    !is_elsewhere && !text.contains(['$', '{', '`', '*']) && text != "-" && !text.is_empty()
}

fn request_timeout(word: &Word, start: usize, scope: &Scope) -> Option<Limit> {
    let text = word.text.as_deref()?.get(start..)?;
    Some(Limit {
        key: "timeout".to_owned(),
        field: Some("cloud-run.request-timeout"),
        seconds: duration::seconds("timeout", text, Some(1.0)),
        raw: text.to_owned(),
        at: word.part(start, word.text().len()),
        scope: scope.clone(),
        source: SettingSource::Script,
    })
}
