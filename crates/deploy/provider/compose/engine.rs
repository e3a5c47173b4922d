//! What the engine says of containers.

use std::path::Path;

use serde::Deserialize;

use crate::command_runner::CommandRunner;
use crate::config::Argv;

/// The label that names the deployment a container belongs to.
pub(super) const DEPLOY: &str = "shipworthy.deploy";
/// The label that names the commit.
pub(super) const COMMIT: &str = "shipworthy.commit";
/// Labels that Compose itself sets, in all its versions.
const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";

/// A container, as `docker inspect` shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Container {
    name: String,
    /// The id of the image that it was made of.
    image: String,
    state: State,
    #[serde(default)]
    restart_count: u64,
    #[serde(default)]
    mounts: Vec<Mount>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: String,
    #[serde(default)]
    exit_code: i64,
    health: Option<Checked>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Checked {
    status: String,
    #[serde(default)]
    log: Option<Vec<Probe>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Probe {
    #[serde(default)]
    output: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mount {
    #[serde(default)]
    source: String,
    #[serde(default)]
    destination: String,
}

/// Whether a container is well.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Its health check says so.
    Well,
    /// That is not settled yet.
    Starting,
    /// It is not, and why.
    Ill(String),
}

impl Container {
    /// Whether it is what was built, and needs nothing of a snapshot that is removed when the deployment ends.
    pub(super) fn is_of(&self, image: &str, snapshot: &Path) -> Result<(), String> {
        let name = self.name.trim_start_matches('/');
        if self.image != image {
            return Err(format!("{name} is not made of the image that was built"));
        }
        match self.mounts.iter().find(|mount| Path::new(&mount.source).starts_with(snapshot)) {
            Some(mount) => Err(format!(
                "{name} mounts a file of the repository at {}, which is not there after the deployment; COPY it into the \
                 image",
                mount.destination
            )),
            None => Ok(()),
        }
    }

    /// Whether it is well; an error where nothing could ever tell.
    pub(super) fn health(&self) -> Result<Health, String> {
        let name = self.name.trim_start_matches('/');
        if self.restart_count > 0 {
            return Ok(Health::Ill(format!("{name} ended and was restarted {} times", self.restart_count)));
        }
        match self.state.status.as_str() {
            "running" => {}
            "created" => return Ok(Health::Starting),
            status => {
                let code = self.state.exit_code;
                return Ok(Health::Ill(format!("{name} is {status}, with exit code {code}")));
            }
        }
        let Some(health) = &self.state.health else {
            return Err(format!(
                "{name} has no health check; add a `healthcheck` to the Compose file or HEALTHCHECK to its Dockerfile"
            ));
        };
        Ok(match health.status.as_str() {
            "healthy" => Health::Well,
            "starting" => Health::Starting,
            status => {
                let last = health.log.as_ref().and_then(|log| log.last());
                let said = last.map(|probe| probe.output.trim()).filter(|said| !said.is_empty());
                let said = said.map(|said| format!(": {said}")).unwrap_or_default();
                Health::Ill(format!("{name} is {status}{said}"))
            }
        })
    }
}

/// The ids of a project's containers that run.
pub(super) fn running(runner: &mut CommandRunner, project: &str) -> Result<Vec<String>, String> {
    list(runner, &[], &[format!("{PROJECT}={project}")])
}

/// A service's containers of one deployment, whatever they do.
pub(super) fn containers(
    runner: &mut CommandRunner,
    project: &str,
    service: &str,
    mark: &str,
) -> Result<Vec<Container>, String> {
    let labels = [format!("{PROJECT}={project}"), format!("{SERVICE}={service}"), format!("{DEPLOY}={mark}")];
    let ids = list(runner, &["--all"], &labels)?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let argv: Argv = ["docker", "container", "inspect"].map(str::to_owned).into_iter().chain(ids).collect();
    let out = ask(runner, &argv)?;
    serde_json::from_slice(&out).map_err(|error| format!("the engine's answer is not understood: {error}"))
}

fn list(runner: &mut CommandRunner, options: &[&str], labels: &[String]) -> Result<Vec<String>, String> {
    let mut argv: Argv = ["docker", "container", "ls", "--quiet", "--no-trunc"].map(str::to_owned).to_vec();
    argv.extend(options.iter().map(|option| (*option).to_owned()));
    argv.extend(labels.iter().map(|label| format!("--filter=label={label}")));
    let out = ask(runner, &argv)?;
    Ok(String::from_utf8_lossy(&out).lines().map(str::to_owned).collect())
}

/// What the engine answers is for the program alone: it holds every variable of a container.
fn ask(runner: &mut CommandRunner, argv: &Argv) -> Result<Vec<u8>, String> {
    let output = runner.run(argv)?;
    if output.succeeded() {
        return Ok(output.out);
    }
    Err(format!("the engine does not answer: {}", runner.clean(&output.err).0.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn container(state: &serde_json::Value, restarts: u64) -> Container {
        let text = json!({ "Name": "/app", "Image": "sha256:1", "State": state, "RestartCount": restarts,
                           "Mounts": [{ "Source": "/snap/1/conf", "Destination": "/etc/conf" }] });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn only_what_the_engine_calls_healthy_is_well() {
        let running = |health: &str| json!({ "Status": "running", "Health": { "Status": health, "Log": [{ "Output": "refused" }] } });
        assert_eq!(container(&running("healthy"), 0).health(), Ok(Health::Well));
        assert_eq!(container(&running("starting"), 0).health(), Ok(Health::Starting));
        assert_eq!(
            container(&running("unhealthy"), 0).health(),
            Ok(Health::Ill("app is unhealthy: refused".to_owned()))
        );
        assert!(matches!(container(&running("healthy"), 2).health(), Ok(Health::Ill(_))));
        assert!(matches!(
            container(&json!({ "Status": "exited", "ExitCode": 0 }), 0).health(),
            Ok(Health::Ill(_))
        ));
        assert!(container(&json!({ "Status": "running" }), 0).health().is_err());
    }

    #[test]
    fn it_is_what_was_built_and_needs_nothing_of_the_snapshot() {
        let app = container(&json!({ "Status": "running" }), 0);
        assert!(app.is_of("sha256:1", Path::new("/snap/2")).is_ok());
        assert!(app.is_of("sha256:2", Path::new("/snap/2")).unwrap_err().contains("not made of"));
        assert!(app.is_of("sha256:1", Path::new("/snap/1")).unwrap_err().contains("/etc/conf"));
    }
}
