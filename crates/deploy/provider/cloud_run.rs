//! Google Cloud Run through gcloud.
//!
//! Traffic always goes to revisions by name: `--no-traffic` and `--to-revisions` both end that the latest one gets it, so a
//! name is the only thing that stays true. What was recorded is restored as it was, share by share.

mod shown;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::simulator::shares;
use super::{Effect, Known, Provider, Reply, known};
use crate::command_runner::CommandRunner;
use crate::config::{Argv, Service, Target};
use crate::health::{self, Subject};
use crate::http::Answer;
use crate::plan::staged::Staged;
use crate::plan::{Act, Plan, Step, staged};
use shown::Shown;

/// Steps forward and back.
pub(crate) fn steps(target: &Target, no_cache: bool) -> (Vec<Step>, Vec<Step>) {
    let commands = |act: Act, service: &Service| commands(target, service, act, no_cache);
    let staged = Staged { builds: true, confirms: true, commands: &commands };
    (staged::steps(target, &staged), staged::undo(target, &staged))
}

fn words(words: &[&str]) -> Argv {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The commands of an act. `<mark>` is the deployment's short name; `<image>`, `<secrets>`, `<share>` and `<before>` are
/// what earlier steps have found out; a word that is only `<no-traffic>` is left out where nothing serves yet.
fn commands(target: &Target, service: &Service, act: Act, no_cache: bool) -> Vec<Argv> {
    let name = service.service.as_str();
    let gcloud = |rest: &[&str]| {
        let mut argv = words(&["gcloud", "run"]);
        argv.extend(words(rest));
        argv.extend(target.project.iter().map(|project| format!("--project={project}")));
        argv.extend(target.region.iter().map(|region| format!("--region={region}")));
        argv.push("--format=json".to_owned());
        argv
    };
    match act {
        Act::Record => {
            let pinned = service.secrets.values().map(|secret| pin(target, secret));
            std::iter::once(gcloud(&["services", "describe", name])).chain(pinned).collect()
        }
        Act::Build => vec![build(service, no_cache)],
        Act::Push => vec![
            vec!["docker".to_owned(), "push".to_owned(), tagged(service)],
            words(&["docker", "image", "inspect", "--format={{json .RepoDigests}}", &tagged(service)]),
        ],
        Act::Stage => vec![stage(service, gcloud(&["deploy", name]))],
        Act::Shift(_) => vec![gcloud(&["services", "update-traffic", name, "--to-revisions=<share>"])],
        Act::Restore => vec![gcloud(&["services", "update-traffic", name, "--to-revisions=<before>"])],
        Act::Unstage => vec![gcloud(&["services", "update-traffic", name, "--remove-tags=<mark>"])],
        _ => Vec::new(),
    }
}

/// A variable that names no version gets another value whenever an instance starts.
fn pin(target: &Target, secret: &str) -> Argv {
    let project = target.project.as_deref().unwrap_or("");
    let secret = format!("--secret={secret}");
    words(&[
        "gcloud",
        "secrets",
        "versions",
        "describe",
        "latest",
        &secret,
        &format!("--project={project}"),
        "--format=json",
    ])
}

fn tagged(service: &Service) -> String {
    format!("{}:<tree>", service.image.as_deref().unwrap_or(&service.name))
}

fn build(service: &Service, no_cache: bool) -> Argv {
    let mut argv = words(&["docker", "build", "--label=shipworthy-tree=<tree>"]);
    argv.extend(no_cache.then(|| "--no-cache".to_owned()));
    argv.extend([format!("--tag={}", tagged(service))]);
    argv.extend(service.dockerfile.iter().map(|file| format!("--file={file}")));
    argv.push(service.context.clone());
    argv
}

fn stage(service: &Service, gcloud: Argv) -> Argv {
    let mut argv = gcloud;
    argv.extend(words(&[
        "--image=<image>",
        "<no-traffic>",
        "--tag=<mark>",
        "--revision-suffix=<mark>",
        "--labels=shipworthy-deploy=<mark>,shipworthy-tree=<tree>",
    ]));
    argv.extend(service.request_timeout.map(|seconds| format!("--timeout={seconds}")));
    argv.extend(service.port.map(|port| format!("--port={port}")));
    if !service.secrets.is_empty() {
        argv.push("--set-secrets=<secrets>".to_owned());
    }
    if !service.env.is_empty() {
        // Not in the arguments: everybody on the machine can read those.
        argv.push("--env-vars-file=<variables>".to_owned());
    }
    argv
}

/// The platform.
pub(crate) struct CloudRun {
    target: Target,
    mark: String,
    tree: String,
    commit: String,
    runner: CommandRunner,
}

impl CloudRun {
    pub(crate) fn new(target: &Target, plan: &Plan, mut runner: CommandRunner) -> Self {
        // gcloud writes every answer it gets to its log files, and asks what nobody would answer.
        for name in ["CLOUDSDK_CORE_DISABLE_FILE_LOGGING", "CLOUDSDK_CORE_DISABLE_PROMPTS"] {
            runner.set(name, "1");
        }
        Self {
            target: target.clone(),
            mark: plan.mark(),
            tree: plan.tree.get(..12).unwrap_or(&plan.tree).to_owned(),
            commit: plan.commit.clone(),
            runner,
        }
    }

    fn service(&self, step: &Step) -> Option<Service> {
        self.target.services.iter().find(|service| service.name == step.service_name()).cloned()
    }

    fn revision(&self, service: &Service) -> String {
        format!("{}-{}", service.service, self.mark)
    }

    /// What the platform says of a service now; none where there is no such service.
    fn describe(&mut self, service: &Service) -> Result<Option<Shown>, String> {
        let described = commands(&self.target, service, Act::Record, false);
        let Some(argv) = described.first() else { return Ok(None) };
        let output = self.runner.run(argv)?;
        if output.succeeded() {
            return Shown::read(&output.out)
                .map(Some)
                .ok_or_else(|| "gcloud's answer is not understood".to_owned());
        }
        let (why, _) = self.runner.clean(&output.err);
        if why.contains("Cannot find service") { Ok(None) } else { Err(why.trim().to_owned()) }
    }

    fn filled(&self, argv: &Argv, step: &Step, so_far: &Known) -> Result<Argv, String> {
        let Some(service) = self.service(step) else { return Ok(argv.clone()) };
        let name = step.service_name();
        let text = |key: &str| known(so_far, name, key).and_then(Value::as_str).map(str::to_owned);
        let mut filled = Vec::new();
        for word in argv {
            let mut word = word.replace("<mark>", &self.mark).replace("<tree>", &self.tree);
            if word == "<no-traffic>" {
                filled.extend(recorded(so_far, name).map(|_| "--no-traffic".to_owned()));
                continue;
            }
            for (hole, value) in [
                ("<image>", text("image")),
                ("<secrets>", secrets(&service, so_far)),
                ("<share>", self.share(step, so_far).map(|vector| flag(&vector))),
                ("<before>", recorded(so_far, name).map(|vector| flag(&vector))),
                ("<variables>", word.contains("<variables>").then(|| self.variables(&service)).flatten()),
            ] {
                if word.contains(hole) {
                    word = word.replace(hole, &value.ok_or_else(|| format!("nothing is known for {hole}"))?);
                }
            }
            filled.push(word);
        }
        Ok(filled)
    }

    /// The file that a service's plain variables are in while gcloud reads them.
    fn variables_file(&self, service: &Service) -> PathBuf {
        self.runner.out().join(format!("{}.env.json", service.name))
    }

    /// Writes the plain variables to a file of the scratch folder.
    fn variables(&self, service: &Service) -> Option<String> {
        let path = self.variables_file(service);
        crate::files::write_private(&path, &serde_json::to_vec(&service.env).ok()?).ok()?;
        Some(path.display().to_string())
    }

    /// The traffic that a step leads to.
    fn share(&self, step: &Step, so_far: &Known) -> Option<BTreeMap<String, u8>> {
        let Act::Shift(percent) = step.act else { return None };
        let service = self.service(step)?;
        // Where nothing served before, the first version has it all.
        let before = recorded(so_far, step.service_name()).unwrap_or_default();
        let percent = if before.is_empty() { 100 } else { percent };
        Some(shares(&self.revision(&service), percent, &before))
    }

    fn run_commands(&mut self, step: &Step, so_far: &Known) -> Reply {
        let mut reply = Reply::default();
        for argv in &step.commands {
            let argv = match self.filled(argv, step, so_far) {
                Ok(argv) => argv,
                Err(why) => return Reply { trouble: Some(why), ..reply },
            };
            let answer = self.runner.run(&argv);
            if let Some(service) = self.service(step).filter(|_| step.act == Act::Stage) {
                // Nobody needs it any more, and it may hold what is nobody else's business.
                let _ = std::fs::remove_file(self.variables_file(&service));
            }
            let out = answer.as_ref().map(|output| output.out.clone()).unwrap_or_default();
            if !self.runner.note(&mut reply, &argv, answer) {
                return reply;
            }
            if step.act == Act::Push {
                reply.observed.extend(image_of(&out));
            }
        }
        reply
    }

    fn record(&mut self, step: &Step, service: &Service) -> Reply {
        let mut reply = Reply::default();
        match self.describe(service) {
            Err(why) => return Reply::failed(why),
            Ok(shown) => {
                reply.observed.insert("before".to_owned(), json!(shown.map(|shown| shown.traffic())));
            }
        }
        for (argv, secret) in step.commands.iter().skip(1).zip(service.secrets.values()) {
            let answer = self.runner.run(argv);
            let version = answer.as_ref().ok().and_then(|output| version_of(&output.out));
            if !self.runner.note(&mut reply, argv, answer) {
                return reply;
            }
            match version {
                Some(version) => drop(reply.observed.insert(format!("secret:{secret}"), json!(version))),
                None => return Reply::failed(format!("the version of the secret `{secret}` cannot be told")),
            }
        }
        reply
    }

    fn check(&mut self, service: &Service, staged: bool) -> Reply {
        let shown = match self.describe(service) {
            Ok(Some(shown)) => shown,
            Ok(None) => return Reply::failed("the service is not there"),
            Err(why) => return Reply::failed(why),
        };
        if let Some(why) = shown.failure(&self.revision(service)) {
            return Reply::failed(why);
        }
        let Some(asked) = &service.health else { return Reply::default() };
        let platform = if staged { shown.url_of_tag(&self.mark) } else { shown.url() };
        let Some(base) = asked.url.clone().or(platform) else {
            return Reply::failed("the platform gives the revision no address");
        };
        let url =
            if asked.url.is_some() { base } else { format!("{}{}", base.trim_end_matches('/'), asked.path) };
        let (asked, commit) = (asked.clone(), self.commit.clone());
        match health::wait(&asked, &url, &commit, &mut Asked { platform: self, service }) {
            Ok(()) => Reply::default(),
            Err(why) => Reply::failed(why),
        }
    }

    /// Whether traffic is as it was recorded, or as a step of this deployment has left it.
    fn is_of_this_deployment(
        &self,
        service: &Service,
        present: &BTreeMap<String, u8>,
        before: &BTreeMap<String, u8>,
    ) -> bool {
        let ours = self.revision(service);
        let mut steps = self.target.canary.iter().chain(&[100]);
        present == before || steps.any(|percent| *present == shares(&ours, *percent, before))
    }

    /// Moves traffic, unless it is there already, or somebody else has moved it since it was recorded.
    fn shift(&mut self, step: &Step, service: &Service, so_far: &Known) -> Reply {
        let present = match self.describe(service) {
            Ok(shown) => shown.map(|shown| shown.traffic()).unwrap_or_default(),
            Err(why) => return Reply::failed(why),
        };
        let before = recorded(so_far, &service.name).unwrap_or_default();
        if !self.is_of_this_deployment(service, &present, &before) {
            let present = flag(&present);
            return Reply::failed(format!("somebody else has moved the users in the meantime, to {present}"));
        }
        // The first version of a service has all users as soon as it is there.
        if self.share(step, so_far).is_some_and(|wanted| wanted == present) {
            return Reply::default();
        }
        self.run_commands(step, so_far)
    }
}

/// A service that is asked whether it is well.
struct Asked<'a> {
    platform: &'a mut CloudRun,
    service: &'a Service,
}

impl Subject for Asked<'_> {
    fn fetch(&mut self, url: &str, within: Duration) -> Result<Answer, String> {
        self.platform.runner.fetch(url, within)
    }

    fn crashed(&mut self) -> Option<String> {
        let revision = self.platform.revision(self.service);
        self.platform.describe(self.service).ok()??.failure(&revision)
    }
}

/// The references to secrets, each with the version that was found.
fn secrets(service: &Service, so_far: &Known) -> Option<String> {
    let one = |(variable, secret): (&String, &String)| {
        let version = known(so_far, &service.name, &format!("secret:{secret}")).and_then(Value::as_str)?;
        Some(format!("{variable}={secret}:{version}"))
    };
    service.secrets.iter().map(one).collect::<Option<Vec<_>>>().map(|all| all.join(","))
}

/// The traffic that was recorded; none where nothing served.
fn recorded(so_far: &Known, service: &str) -> Option<BTreeMap<String, u8>> {
    let before = known(so_far, service, "before")?.clone();
    serde_json::from_value::<Option<BTreeMap<String, u8>>>(before).ok()?.filter(|vector| !vector.is_empty())
}

fn flag(vector: &BTreeMap<String, u8>) -> String {
    vector.iter().map(|(revision, share)| format!("{revision}={share}")).collect::<Vec<_>>().join(",")
}

/// The image by digest, as `docker image inspect` lists it after a push.
fn image_of(out: &[u8]) -> Option<(String, Value)> {
    let digests: Vec<String> = serde_json::from_slice(out).ok()?;
    let digest = digests.into_iter().find(|digest| digest.contains("@sha256:"))?;
    Some(("image".to_owned(), json!(digest)))
}

fn version_of(out: &[u8]) -> Option<String> {
    let shown: Value = serde_json::from_slice(out).ok()?;
    let number = shown.get("name")?.as_str()?.rsplit('/').next()?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.to_owned())
}

impl Provider for CloudRun {
    fn act(&mut self, step: &Step, so_far: &Known) -> Reply {
        self.runner.turn_to(step);
        if matches!(step.act, Act::Prepare | Act::Apply) {
            return super::terraform::act(&self.target, step, so_far, &mut self.runner);
        }
        let Some(service) = self.service(step) else { return self.runner.run_step(step) };
        match step.act {
            Act::Record => self.record(step, &service),
            Act::Check => self.check(&service, true),
            Act::Confirm => self.check(&service, false),
            Act::Settle => {
                std::thread::sleep(self.target.soak);
                self.check(&service, false)
            }
            Act::Restore if recorded(so_far, &service.name).is_none() => {
                Reply::failed("nothing served before this deployment, so there is nothing to restore")
            }
            Act::Shift(_) => self.shift(step, &service, so_far),
            _ => self.run_commands(step, so_far),
        }
    }

    fn effect(&mut self, step: &Step, so_far: &Known) -> Effect {
        self.runner.turn_to(step);
        if matches!(step.act, Act::Prepare | Act::Apply) {
            return super::terraform::effect(&self.target, step, &mut self.runner);
        }
        let Some(service) = self.service(step) else { return Effect::Unseen };
        if !matches!(step.act, Act::Stage | Act::Shift(_) | Act::Restore | Act::Unstage) {
            return Effect::Unseen;
        }
        let shown = match self.describe(&service) {
            Ok(Some(shown)) => shown,
            Ok(None) => return Effect::Missing("the service is not there".to_owned()),
            Err(why) => return Effect::Unknown(why),
        };
        let there = match step.act {
            Act::Stage => shown.url_of_tag(&self.mark).is_some(),
            Act::Shift(_) => self.share(step, so_far).is_some_and(|wanted| shown.traffic() == wanted),
            Act::Restore => recorded(so_far, &service.name).is_some_and(|wanted| shown.traffic() == wanted),
            _ => shown.url_of_tag(&self.mark).is_none(),
        };
        if there {
            Effect::There(Map::new())
        } else {
            Effect::Missing("the platform does not show it".to_owned())
        }
    }

    fn serving(&mut self, _known: &Known) -> Option<String> {
        let mut all = Vec::new();
        for service in self.target.services.clone() {
            let traffic = self.describe(&service).ok()??.traffic();
            all.extend(traffic.iter().map(|(revision, share)| format!("{revision} {share} %")));
        }
        Some(all.join(", "))
    }
}

#[cfg(test)]
mod tests;
