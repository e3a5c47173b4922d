//! Docker Compose, blue and green: two projects of one file, of which one has users.
//!
//! A version is started in the project that has none, and is asked by the engine's own health check; then the target's
//! `switch` sends users there. The other project stays as it is, so that the way back is the same switch. `observe` says
//! which project has users: that alone decides which one may be replaced.

mod engine;
mod steps;

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::{Effect, Known, Provider, Reply, known};
use crate::command_runner::CommandRunner;
use crate::config::{Argv, Service, Target};
use crate::files;
use crate::health::{self, Subject};
use crate::http::Answer;
use crate::plan::{Act, Plan, Step};
use engine::{Container, Health};
pub(crate) use steps::steps;

/// Between two questions to the engine.
const PAUSE: Duration = Duration::from_millis(500);

/// The two projects of a target, by the last part of their names.
const COLORS: [&str; 2] = ["blue", "green"];

/// The platform.
pub(crate) struct Compose {
    target: Target,
    mark: String,
    commit: String,
    runner: CommandRunner,
}

impl Compose {
    pub(crate) fn new(target: &Target, plan: &Plan, runner: CommandRunner) -> Self {
        Self { target: target.clone(), mark: plan.mark(), commit: plan.commit.clone(), runner }
    }

    fn service(&self, step: &Step) -> Option<Service> {
        self.target.services.iter().find(|service| service.name == step.service_name()).cloned()
    }

    fn projects(&self) -> [String; 2] {
        let project = self.target.project.as_deref().unwrap_or(&self.target.name);
        COLORS.map(|color| format!("{project}-{color}"))
    }

    /// The project that has users: the first line that `observe` prints, or none where it prints nothing.
    fn observe(&mut self) -> Result<Option<String>, String> {
        let mut reply = Reply::default();
        let mut line = None;
        for argv in self.target.observe.clone() {
            let answer = self.runner.run(&argv);
            let text = answer.as_ref().map(|output| self.runner.clean(&output.out).0).unwrap_or_default();
            if !self.runner.note(&mut reply, &argv, answer) {
                return Err(format!("`observe`: {}", reply.trouble.unwrap_or_default()));
            }
            line = text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
        }
        match line {
            Some(line) if !self.projects().contains(&line) => {
                let shown: String = line.chars().take(80).collect();
                let [blue, green] = self.projects();
                Err(format!(
                    "`observe` prints `{shown}`; it must print {blue} or {green}, or nothing where nobody has users yet"
                ))
            }
            line => Ok(line),
        }
    }

    /// The project that has no users, in which the new version is started.
    fn project(&self, so_far: &Known) -> String {
        let [blue, green] = self.projects();
        if before(so_far).as_deref() == Some(blue.as_str()) { green } else { blue }
    }

    /// Programs see this project's variables from now on.
    fn enter(&mut self, project: &str) {
        self.runner.set("SHIPWORTHY_PROJECT", project);
        let blue = project.ends_with(COLORS[0]);
        let variables = if blue { &self.target.blue } else { &self.target.green };
        for (name, value) in variables.clone() {
            self.runner.set(&name, &value);
        }
    }

    fn filled(&self, argv: &Argv, step: &Step, project: &str) -> Argv {
        let out = |name: String| self.runner.out().join(name).display().to_string();
        let image = out(format!("{}.image", step.service_name()));
        let images = out("images.json".to_owned());
        let fill = |word: &String| {
            word.replace("<project>", project).replace("<image>", &image).replace("<images>", &images)
        };
        argv.iter().map(fill).collect()
    }

    fn run_commands(&mut self, step: &Step, project: &str) -> Reply {
        self.enter(project);
        let commands = step.commands.iter().map(|argv| self.filled(argv, step, project)).collect();
        self.runner.run_step(&step.clone().running(commands))
    }

    fn record(&mut self, step: &Step) -> Reply {
        let version = step.clone().running(step.commands.iter().take(1).cloned().collect());
        let mut reply = self.runner.run_step(&version);
        if reply.trouble.is_some() {
            return reply;
        }
        let found = self.observe().and_then(|before| {
            let containers = match &before {
                Some(project) => engine::running(&mut self.runner, project)?,
                None => Vec::new(),
            };
            Ok((before, containers))
        });
        match found {
            Ok((Some(project), containers)) if containers.is_empty() => {
                let why = format!("`observe` says that {project} has users, but none of its containers runs");
                reply.trouble = Some(why);
            }
            Ok((before, containers)) => {
                reply.observed.insert("before".to_owned(), json!(before));
                reply.observed.insert("containers".to_owned(), json!(containers));
            }
            Err(why) => reply.trouble = Some(why),
        }
        reply
    }

    fn build(&mut self, step: &Step, project: &str) -> Reply {
        let mut reply = self.run_commands(step, project);
        if reply.trouble.is_none() {
            let file = self.runner.out().join(format!("{}.image", step.service_name()));
            let text = files::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
            match text {
                Ok(id) if id.starts_with("sha256:") => {
                    drop(reply.observed.insert("image".to_owned(), json!(id)));
                }
                _ => reply.trouble = Some("the engine does not say which image it has built".to_owned()),
            }
        }
        reply
    }

    fn stage(&mut self, step: &Step, so_far: &Known, project: &str) -> Reply {
        match self.write_images(so_far) {
            Ok(()) => self.run_commands(step, project),
            Err(why) => Reply::failed(why),
        }
    }

    /// Writes what Compose reads beside the target's file: every image by the digest of its content, and whose it is.
    fn write_images(&self, so_far: &Known) -> Result<(), String> {
        let mut services = Map::new();
        for service in &self.target.services {
            let image = image_of(so_far, service)?;
            let labels = json!({ engine::DEPLOY: self.mark, engine::COMMIT: self.commit });
            services.insert(service.service.clone(), json!({ "image": image, "labels": labels }));
        }
        let text = json!({ "services": services }).to_string();
        files::write_private(&self.runner.out().join("images.json"), text.as_bytes())
            .map_err(|error| format!("the images cannot be written down: {error}"))
    }

    /// The containers of this deployment's version of a service.
    fn containers(&mut self, service: &Service, project: &str) -> Result<Vec<Container>, String> {
        engine::containers(&mut self.runner, project, &service.service, &self.mark)
    }

    /// Waits until the engine says that all of the service's containers are well.
    fn check(&mut self, service: &Service, so_far: &Known, project: &str) -> Result<(), String> {
        let image = image_of(so_far, service)?;
        let end = Instant::now() + self.runner.limit();
        loop {
            let all = self.containers(service, project)?;
            if all.is_empty() {
                return Err(format!("{} has no container in {project}", service.service));
            }
            let mut waits = false;
            for container in &all {
                container.is_of(&image, self.runner.folder())?;
                match container.health()? {
                    Health::Well => {}
                    Health::Starting => waits = true,
                    Health::Ill(why) => return Err(self.runner.clean(why.as_bytes()).0),
                }
            }
            if !waits {
                return Ok(());
            }
            if Instant::now() >= end {
                return Err(format!("{} is still starting when its time is up", service.service));
            }
            thread::sleep(PAUSE);
        }
    }

    fn switch(&mut self, step: &Step, so_far: &Known, project: &str) -> Reply {
        match self.may_switch(so_far, project) {
            Ok(()) => self.run_commands(step, project),
            Err(why) => Reply::failed(why),
        }
    }

    /// Right before users are moved: nobody else has moved them, and the new version is still well.
    fn may_switch(&mut self, so_far: &Known, project: &str) -> Result<(), String> {
        let (present, recorded) = (self.observe()?, before(so_far));
        if present != recorded && present.as_deref() != Some(project) {
            let told = |project: Option<String>| project.unwrap_or_else(|| "nobody".to_owned());
            return Err(format!(
                "somebody else has moved the users in the meantime, from {} to {}",
                told(recorded),
                told(present)
            ));
        }
        for service in self.target.services.clone() {
            self.check(&service, so_far, project)?;
        }
        Ok(())
    }

    fn restore(&mut self, step: &Step, so_far: &Known) -> Reply {
        let Some(project) = before(so_far) else {
            return Reply::failed("nothing served before this deployment, so there is nothing to restore");
        };
        let recorded: Vec<String> = known(so_far, "", "containers")
            .and_then(|ids| serde_json::from_value(ids.clone()).ok())
            .unwrap_or_default();
        match engine::running(&mut self.runner, &project) {
            Ok(present) if recorded.iter().all(|id| present.contains(id)) => {
                self.run_commands(step, &project)
            }
            Ok(_) => Reply::failed(format!("containers of {project} that served before do not run any more")),
            Err(why) => Reply::failed(why),
        }
    }

    fn confirm(&mut self, step: &Step) -> Reply {
        let Some(asked) = health::asked(self.target.health.as_ref(), step) else { return Reply::default() };
        let (url, commit) = (asked.url.clone().unwrap_or_default(), self.commit.clone());
        health::wait(&asked, &url, &commit, self).map_or_else(Reply::failed, |()| Reply::default())
    }

    /// Whether `observe` shows this project.
    fn shows(&mut self, project: Option<&str>) -> Result<bool, String> {
        Ok(self.observe()?.as_deref() == project)
    }

    /// Whether every container that a step has to do with is there; none where that cannot be seen.
    fn seen(&mut self, step: &Step, so_far: &Known) -> Option<Result<bool, String>> {
        let project = self.project(so_far);
        Some(match step.act {
            Act::Stage => {
                let service = self.service(step)?;
                self.containers(&service, &project).map(|all| !all.is_empty())
            }
            Act::Shift(_) => self.shows(Some(&project)),
            Act::Restore => self.shows(before(so_far).as_deref()),
            Act::Unstage => {
                let services = self.target.services.clone();
                let each = services.iter().map(|service| self.containers(service, &project));
                each.collect::<Result<Vec<_>, _>>().map(|all| all.iter().all(Vec::is_empty))
            }
            _ => return None,
        })
    }
}

impl Subject for Compose {
    fn fetch(&mut self, url: &str, within: Duration) -> Result<Answer, String> {
        self.runner.fetch(url, within)
    }
}

/// The project that had users when the deployment began.
fn before(so_far: &Known) -> Option<String> {
    known(so_far, "", "before").and_then(Value::as_str).map(str::to_owned)
}

fn image_of(so_far: &Known, service: &Service) -> Result<String, String> {
    let image = known(so_far, &service.name, "image").and_then(Value::as_str);
    image.map(str::to_owned).ok_or_else(|| format!("nothing is known of the image of {}", service.name))
}

impl Provider for Compose {
    fn act(&mut self, step: &Step, so_far: &Known) -> Reply {
        self.runner.turn_to(step);
        if matches!(step.act, Act::Prepare | Act::Apply) {
            return super::terraform::act(&self.target, step, so_far, &mut self.runner);
        }
        let project = self.project(so_far);
        match (step.act, self.service(step)) {
            (Act::Record, _) => self.record(step),
            (Act::Build, Some(_)) => self.build(step, &project),
            (Act::Stage, Some(_)) => self.stage(step, so_far, &project),
            (Act::Check, Some(service)) => {
                self.check(&service, so_far, &project).map_or_else(Reply::failed, |()| Reply::default())
            }
            (Act::Shift(_), _) => self.switch(step, so_far, &project),
            (Act::Confirm, _) => self.confirm(step),
            (Act::Settle, _) => {
                thread::sleep(self.target.soak);
                self.confirm(step)
            }
            (Act::Restore, _) => self.restore(step, so_far),
            (Act::Unstage, _) => match self.write_images(so_far) {
                Ok(()) => self.run_commands(step, &project),
                Err(why) => Reply::failed(why),
            },
            _ => self.run_commands(step, &project),
        }
    }

    fn effect(&mut self, step: &Step, so_far: &Known) -> Effect {
        self.runner.turn_to(step);
        if matches!(step.act, Act::Prepare | Act::Apply) {
            return super::terraform::effect(&self.target, step, &mut self.runner);
        }
        match self.seen(step, so_far) {
            None => Effect::Unseen,
            Some(Ok(true)) => Effect::There(Map::new()),
            Some(Ok(false)) => Effect::Missing("the engine does not show it".to_owned()),
            Some(Err(why)) => Effect::Unknown(why),
        }
    }

    fn serving(&mut self, _known: &Known) -> Option<String> {
        self.observe().ok().flatten()
    }
}
