//! Blue and green with a real Docker Engine and a real Compose, where they are there.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{command, shipworthy, tool, write};

/// One program for both services: it serves what `/answer` says, and asks itself for its health.
const PROGRAM: &str = r#"
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
fn main() {
    let address = format!("127.0.0.1:{}", std::env::var("PORT").unwrap());
    if std::env::args().nth(1).as_deref() == Some("probe") {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        print!("{answer}");
        std::process::exit(i32::from(!answer.starts_with("HTTP/1.1 200")));
    }
    let answer = std::fs::read_to_string("/answer").unwrap();
    if answer.contains("slow") {
        std::thread::sleep(std::time::Duration::from_secs(5));
    }
    let started = std::time::Instant::now();
    for stream in TcpListener::bind(address).unwrap().incoming() {
        let fades = answer.contains("fades") && started.elapsed().as_secs() >= 4;
        let status = if fades || answer.contains("ill") { 500 } else { 200 };
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}", answer.len());
    }
}
"#;

const DOCKERFILE: &str = "FROM scratch\nCOPY app answer /\nUSER 65534\nENTRYPOINT [\"/app\"]\n";

/// A repository with two services, an engine, and a file that says which project has users.
struct Site {
    folder: tempfile::TempDir,
    engine: String,
    client: &'static str,
}

impl Site {
    /// None, and why, where something is missing.
    fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let engine =
            std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
        let runs = |name: &str, words: &[&str]| {
            tool(name, folder.path(), words).is_some_and(|output| output.status.success())
        };
        if !runs("docker", &["--host", &engine, "version"]) {
            return Err("no Docker Engine answers".to_owned());
        }
        let client = if runs("docker", &["compose", "version"]) {
            "docker compose"
        } else if runs("docker-compose", &["version"]) {
            "docker-compose"
        } else {
            return Err("there is no Compose".to_owned());
        };
        let site = Self { folder, engine, client };
        fs::create_dir(site.path()).unwrap();
        write(&site.outside(""), "app.rs", PROGRAM.as_bytes());
        let (source, app) = (site.outside("app.rs"), site.path().join("app"));
        let arguments = ["-Ctarget-feature=+crt-static", "-Cstrip=symbols", "-o"];
        let built = tool(
            "rustc",
            site.folder.path(),
            &[&arguments[..], &[app.to_str().unwrap(), source.to_str().unwrap()]].concat(),
        );
        if !built.is_some_and(|output| output.status.success()) {
            return Err("no static program can be built".to_owned());
        }
        site.fill();
        Ok(site)
    }

    fn path(&self) -> PathBuf {
        self.outside("repository")
    }

    fn outside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn fill(&self) {
        let current = self.outside("current").display().to_string();
        fs::write(&current, "").unwrap();
        let ports: Vec<TcpListener> = (0..4).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let port = |index: usize| ports[index].local_addr().unwrap().port();
        let service = |name: &str| {
            format!(
                "[service.{name}]\ndockerfile = \"Dockerfile\"\ncontext = \".\"\n[[target.staging.service]]\nname = \"{name}\"\n"
            )
        };
        let toml = format!(
            "[environment.staging]\nvariables = {{ ENVIRONMENT = \"staging\" }}\n[target.staging]\nprovider = \"compose\"\n\
             file = \"compose.yaml\"\nproject = \"shop{}\"\nclient = \"{}\"\nswitch = [[\"./switch.sh\"]]\nsmoke = [[\"./smoke.sh\"]]\nobserve = [[\"cat\", \"{current}\"]]\n\
             env = {{ CURRENT = \"{current}\", DOCKER_HOST = \"{}\" }}\n\
             blue = {{ BACKEND_PORT = {}, FRONTEND_PORT = {} }}\ngreen = {{ BACKEND_PORT = {}, FRONTEND_PORT = {} }}\n{}{}",
            std::process::id(),
            self.client,
            self.engine,
            port(0),
            port(1),
            port(2),
            port(3),
            service("backend"),
            service("frontend")
        );
        let of_compose = |name: &str| {
            format!(
                "  {}:\n    image: shop/{}\n    network_mode: host\n    stop_signal: SIGKILL\n    environment:\n      PORT: ${{{name}_PORT}}\n    healthcheck:\n      \
                 test: [\"CMD\", \"/app\", \"probe\"]\n      interval: 1s\n      timeout: 10s\n      retries: 2\n      start_period: 10s\n",
                name.to_lowercase(),
                name.to_lowercase()
            )
        };
        let compose = format!("services:\n{}{}", of_compose("BACKEND"), of_compose("FRONTEND"));
        write(&self.path(), "shipworthy.toml", toml.as_bytes());
        write(&self.path(), "compose.yaml", compose.as_bytes());
        write(&self.path(), "Dockerfile", DOCKERFILE.as_bytes());
        write(&self.path(), "switch.sh", b"#!/bin/sh\necho \"$SHIPWORTHY_PROJECT\" > \"$CURRENT\"\n");
        write(&self.path(), "smoke.sh", b"#!/bin/sh\nif grep -q fades answer; then sleep 8; fi\n");
        self.git(&["init", "-q", "-b", "main"]);
        self.git(&["config", "core.fileMode", "true"]);
        write(&self.path(), "answer", b"");
        self.git(&["add", "-A"]);
        self.git(&["update-index", "--chmod=+x", "switch.sh", "smoke.sh"]);
        self.git(&["checkout", "-q", "--", "switch.sh", "smoke.sh"]);
    }

    fn git(&self, words: &[&str]) {
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let output = tool("git", &self.path(), &[&who[..], words].concat()).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Another version, which answers so.
    fn commit(&self, answer: &str) {
        write(&self.path(), "answer", answer.as_bytes());
        self.git(&["commit", "-q", "-a", "-m", "x"]);
    }

    fn run(&self, words: &[&str]) -> (Value, i32) {
        read(&shipworthy(&self.path(), &[words, &["--yes", "--format", "json"]].concat()))
    }

    /// The color that has users.
    fn current(&self) -> String {
        #[expect(clippy::disallowed_methods, reason = "what the test's own switch wrote")]
        let text = fs::read_to_string(self.outside("current")).unwrap();
        text.trim().rsplit('-').next().unwrap().to_owned()
    }

    /// What the services of a color answer; empty where nothing runs.
    fn answers(&self, color: &str) -> Vec<String> {
        let project = format!("label=com.docker.compose.project=shop{}-{color}", std::process::id());
        let listed = self.docker(&["ps", "--quiet", "--filter", &project]);
        let mut all: Vec<String> =
            listed.lines().map(|id| self.docker(&["exec", id, "/app", "probe"])).collect();
        all.iter_mut().for_each(|answer| *answer = answer.lines().last().unwrap_or_default().to_owned());
        all
    }

    fn docker(&self, words: &[&str]) -> String {
        let output =
            tool("docker", self.folder.path(), &[&["--host", &self.engine][..], words].concat()).unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for color in ["blue", "green"] {
            let project = format!("label=com.docker.compose.project=shop{}-{color}", std::process::id());
            for id in self.docker(&["ps", "--all", "--quiet", "--filter", &project]).lines() {
                self.docker(&["rm", "--force", id]);
            }
        }
    }
}

fn read(output: &Output) -> (Value, i32) {
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    crate::schema::conforms("deploy", &json);
    (json, output.status.code().unwrap())
}

fn journal_says(site: &Site, what: &str) -> bool {
    let folder = site.path().join(".git/shipworthy/deploys");
    #[expect(clippy::disallowed_methods, reason = "what the program under test wrote")]
    let holds = |path: &Path| {
        fs::read_to_string(path).is_ok_and(|text| text.contains(what) && !text.contains("\"exit\""))
    };
    #[expect(clippy::disallowed_methods, reason = "what the program under test wrote")]
    let mut all = fs::read_dir(folder).into_iter().flatten().flatten();
    all.any(|entry| holds(&entry.path()))
}

#[test]
fn blue_and_green_with_a_real_engine() {
    let site = match Site::new() {
        Ok(site) => site,
        Err(why) => return println!("skipped: {why}"),
    };
    println!("with {}", site.client);
    site.commit("one");
    let (report, exit) = site.run(&["deploy", "staging"]);
    assert_eq!((exit, site.current().as_str()), (0, "blue"), "{report:#}");
    assert_eq!(site.answers("blue"), ["one", "one"]);

    // A version that fails its health check gets no users, and does not stay.
    site.commit("ill");
    let (report, exit) = site.run(&["deploy", "staging"]);
    assert_eq!((exit, site.current().as_str()), (6, "blue"), "{report:#}");
    assert!(report["problems"][0]["message"].as_str().unwrap().contains("HTTP/1.1 500"), "{report:#}");
    assert!(site.answers("green").is_empty());

    // A version that becomes ill after its check, while it is tried, gets none either.
    site.commit("fades");
    let (report, exit) = site.run(&["deploy", "staging"]);
    assert_eq!((exit, site.current().as_str()), (8, "blue"), "{report:#}");
    assert!(site.answers("green").is_empty());

    // Killed while the new version starts.
    site.commit("slow two");
    let mut killed = command(&site.path(), &["deploy", "staging", "--yes"]).spawn().unwrap();
    let started = Instant::now();
    while !journal_says(&site, "\"state\":\"HEALTHY\"") {
        assert!(started.elapsed() < Duration::from_mins(2), "it never came to the check");
        std::thread::sleep(Duration::from_millis(20));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(site.current(), "blue");
    let (report, exit) = site.run(&["deploy", "resume"]);
    assert_eq!((exit, site.current().as_str()), (0, "green"), "{report:#}");
    assert_eq!(site.answers("green"), ["slow two", "slow two"]);

    let (report, exit) = site.run(&["deploy", "rollback", "staging"]);
    assert_eq!((exit, site.current().as_str()), (0, "blue"), "{report:#}");
    assert_eq!(site.answers("blue"), ["one", "one"]);
}
