//! Deployments to Cloud Run with the real gcloud, where it is there, against an API on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::tests::{Told, Yard, ends, server};
use super::*;

const CANARY: &str = "CANARY-9c1b-value";

/// The part of the API that gcloud asks for: services with revisions and traffic, and versions of secrets.
#[derive(Default)]
struct Api {
    services: BTreeMap<String, Value>,
    /// The template of the newest revision, to see whether a new one is wanted.
    templates: BTreeMap<String, Value>,
    generation: u64,
}

impl Api {
    fn start() -> (u16, Arc<Mutex<Self>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let api = Arc::new(Mutex::new(Self::default()));
        let shared = Arc::clone(&api);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let api = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream, &api));
            }
        });
        (port, api)
    }

    fn handle(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let missing =
            (404, json!({ "error": { "code": 404, "message": "not found", "status": "NOT_FOUND" } }));
        if path.contains("/versions/latest") {
            let name = "projects/1/secrets/gemini/versions/7";
            return (200, json!({ "name": name, "state": "ENABLED", "createTime": "2026-01-01T00:00:00Z" }));
        }
        if path.contains("IamPolicy") || path.contains("testIamPermissions") {
            return (200, json!({ "bindings": [], "etag": "x", "version": 1 }));
        }
        let Some((_, name)) = path.split_once("/services") else { return missing };
        let name = name.trim_start_matches('/').to_owned();
        match method {
            "GET" if name.is_empty() => {
                let items: Vec<&Value> = self.services.values().collect();
                (
                    200,
                    json!({ "apiVersion": "serving.knative.dev/v1", "kind": "ServiceList", "items": items }),
                )
            }
            "GET" => self.services.get(&name).map_or(missing, |service| (200, service.clone())),
            "POST" | "PUT" => (200, self.reconcile(body.clone())),
            _ => missing,
        }
    }

    fn reconcile(&mut self, mut service: Value) -> Value {
        self.generation += 1;
        let name = service["metadata"]["name"].as_str().unwrap().to_owned();
        let template = service["spec"]["template"].clone();
        let newest = if self.templates.get(&name) == Some(&template) {
            self.services[&name]["status"]["latestReadyRevisionName"].as_str().unwrap().to_owned()
        } else {
            let given = template["metadata"]["name"].as_str().map(str::to_owned);
            given.unwrap_or_else(|| format!("{name}-{:05}-abc", self.generation))
        };
        self.templates.insert(name.clone(), template);
        if service["spec"]["traffic"].is_null() {
            service["spec"]["traffic"] = json!([{ "latestRevision": true, "percent": 100 }]);
        }
        let traffic: Vec<Value> = service["spec"]["traffic"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                let mut entry = entry.clone();
                if entry["latestRevision"] == json!(true) {
                    entry["revisionName"] = json!(newest);
                }
                if let Some(tag) = entry["tag"].as_str() {
                    entry["url"] = json!(format!("https://{tag}---{name}-x.a.run.app"));
                }
                entry
            })
            .collect();
        let time = "2026-01-01T00:00:00.000000Z";
        let condition = |kind: &str| json!({ "type": kind, "status": "True", "lastTransitionTime": time });
        let metadata = service["metadata"].as_object_mut().unwrap();
        metadata.insert("generation".to_owned(), json!(self.generation));
        metadata.insert("resourceVersion".to_owned(), json!(self.generation.to_string()));
        metadata.insert("creationTimestamp".to_owned(), json!(time));
        metadata.insert("uid".to_owned(), json!("u1"));
        metadata.insert(
            "selfLink".to_owned(),
            json!(format!("/apis/serving.knative.dev/v1/namespaces/demo/services/{name}")),
        );
        let url = format!("https://{name}-x.a.run.app");
        service["status"] = json!({
            "observedGeneration": self.generation,
            "conditions": [condition("Ready"), condition("ConfigurationsReady"), condition("RoutesReady")],
            "latestReadyRevisionName": newest, "latestCreatedRevisionName": newest,
            "traffic": traffic, "url": url, "address": { "url": url },
        });
        self.services.insert(name, service.clone());
        service
    }

    fn traffic(&self) -> BTreeMap<String, u64> {
        let all = self.services["backend-staging"]["status"]["traffic"].as_array().unwrap();
        let shares = all.iter().filter_map(|entry| {
            Some((entry["revisionName"].as_str()?.to_owned(), entry["percent"].as_u64()?))
        });
        shares.filter(|(_, share)| *share > 0).collect()
    }
}

fn answer(stream: TcpStream, api: &Mutex<Api>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap_or(0);
            if line.trim().is_empty() {
                break;
            }
            if let Some((_, value)) =
                line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case("content-length"))
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        let _ = reader.read_exact(&mut body);
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let path =
            target.split_once("://").map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        let path = path.split('?').next().unwrap_or("").to_owned();
        let (code, value) = {
            let mut api = api.lock().unwrap();
            api.handle(method, &path, &serde_json::from_slice(&body).unwrap_or(Value::Null))
        };
        let text = value.to_string();
        let head = format!(
            "HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            text.len()
        );
        if stream.write_all(format!("{head}{text}").as_bytes()).is_err() {
            return;
        }
    }
}

/// What a program saw of us: the words it was given, and its variables.
const SEEN: &str = "{ printf 'word %s\\n' \"$@\"; env | sed 's/^/env /'; }";

/// A program in `folder` that writes down what it sees, and goes on as `rest`.
fn wrapper(folder: &Path, name: &str, rest: &str) {
    let at = folder.join("bin").join(name);
    let seen = folder.join(format!("{name}.seen"));
    std::fs::write(&at, format!("#!/bin/sh\n{SEEN} >> '{}'\n{rest}\n", seen.display())).unwrap();
    crate::files::set_mode(&at, 0o755).unwrap();
}

/// Variables that a program may see: the fixed list, those of the target, our own, and what a shell adds for itself.
fn is_expected(name: &str) -> bool {
    let fixed = ["PATH", "HOME", "LANG", "TMPDIR", "TZ", "http_proxy", "PWD", "OLDPWD", "SHLVL", "_"];
    fixed.contains(&name) || ["LC_", "CLOUDSDK_", "SHIPWORTHY_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Every file below a directory.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for at in crate::files::list(directory).unwrap_or_default() {
        if at.is_dir() { found.extend(files_below(&at)) } else { found.push(at) }
    }
    found
}

#[test]
fn staged_checked_promoted_and_taken_back() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut programs = std::env::split_paths(&path).map(|directory| directory.join("gcloud"));
    let Some(gcloud) = programs.find(|file| file.is_file()) else {
        println!("skipped: there is no gcloud here");
        return;
    };
    let (port, api) = Api::start();
    let healthy = Arc::new(Mutex::new(200));
    let health = server(&healthy);
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    std::fs::create_dir_all(at("bin")).unwrap();
    std::fs::write(at("token"), "token").unwrap();
    let image = format!("registry.example/app/backend@sha256:{}", "a".repeat(64));
    wrapper(scratch.path(), "docker", &format!("if [ \"$1\" = image ]; then echo '[\"{image}\"]'; fi"));
    wrapper(scratch.path(), "gcloud", &format!("exec '{}' \"$@\"", gcloud.display()));
    let target = format!(
        "provider = \"cloud-run\"\nproject = \"demo\"\nregion = \"us-central1\"\nstrategy = {{ kind = \"staged\", canary = [10] }}\n\
         [target.staging.env]\nCLOUDSDK_API_ENDPOINT_OVERRIDES_RUN = \"http://run.local:{port}/\"\n\
         CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER = \"http://secretmanager.local:{port}/\"\n\
         http_proxy = \"http://127.0.0.1:{port}\"\nCLOUDSDK_AUTH_ACCESS_TOKEN_FILE = \"{}\"\nCLOUDSDK_CONFIG = \"{}\"\n\
         CLOUDSDK_CORE_SHOULD_PROMPT_TO_ENABLE_API = \"false\"\n\
         [[target.staging.service]]\nname = \"backend\"\nservice = \"backend-staging\"\nimage = \"registry.example/app/backend\"\n\
         request_timeout = \"3600s\"\nhealth = {{ url = \"http://127.0.0.1:{health}/\", deadline = \"2s\" }}\n\
         secrets = {{ GEMINI_API_KEY = \"gemini\" }}\nenv = {{ API_TOKEN = \"{CANARY}\" }}\n\
         [service.backend]\ndockerfile = \"Dockerfile\"\ncontext = \".\"\n",
        at("token").display(),
        at("gcloud").display()
    );
    let yard = Yard::new(&target);
    let path = std::env::join_paths(std::iter::once(at("bin")).chain(std::env::split_paths(&path))).unwrap();
    let request = Request { path: Some(path), ..yard.request() };
    let mut told = Told::default();

    let first = deploy(&request, &mut told);
    assert_eq!(ends(&first), (State::Done, Exit::Done), "{:?}", first.problems);
    let first_traffic = api.lock().unwrap().traffic();
    assert_eq!(first_traffic.values().collect::<Vec<_>>(), [&100]);

    let second = deploy(&request, &mut told);
    assert_eq!(ends(&second), (State::Done, Exit::Done), "{:?}", second.problems);
    let second_traffic = api.lock().unwrap().traffic();
    assert_ne!(first_traffic, second_traffic);

    *healthy.lock().unwrap() = 500;
    let unwell = deploy(&request, &mut told);
    assert_eq!(ends(&unwell), (State::FailedSafe, Exit::Unhealthy), "{:?}", unwell.problems);
    assert_eq!(api.lock().unwrap().traffic(), second_traffic);
    *healthy.lock().unwrap() = 200;

    let back = rollback(&request, &mut told);
    assert_eq!(back.exit, Exit::Done, "{:?}", back.problems);
    assert_eq!(api.lock().unwrap().traffic(), first_traffic);

    // Variables go by file, secrets by a numbered reference.
    let id = second.deploy.unwrap();
    let journal = crate::trial::text(&yard.own(&format!("deploys/{id}.jsonl")));
    assert!(journal.contains("\"--no-traffic\",\"--tag=sw-"), "{journal}");
    let service = api.lock().unwrap().services["backend-staging"].to_string();
    assert!(service.contains(CANARY) && service.contains(&"a".repeat(64)));
    assert!(service.contains("\"secretKeyRef\":{\"key\":\"7\",\"name\":\"gemini\"}"), "{service}");

    // No program saw a value in its words or variables, and no variable that nobody gave it.
    for name in ["gcloud", "docker"] {
        let seen = crate::trial::text(&at(&format!("{name}.seen")));
        assert!(seen.contains("word ") && seen.contains("env PATH="), "{name}: {seen}");
        assert!(!seen.contains(CANARY), "{name}: {seen}");
        let variables = seen.lines().filter_map(|line| line.strip_prefix("env ")?.split_once('='));
        let foreign: Vec<_> = variables.map(|(name, _)| name).filter(|name| !is_expected(name)).collect();
        assert_eq!(foreign, [""; 0], "{name}");
    }
    // Nothing that is left or was told holds one: journals, receipts, locks, what steps wrote, gcloud's own files.
    assert!(!at("gcloud/logs").exists(), "gcloud has written a log");
    let left = [files_below(&yard.own("")), files_below(&at("gcloud"))].concat();
    assert!(left.iter().any(|file| file.ends_with(format!("receipts/{id}.json"))), "{left:?}");
    for file in left {
        let bytes = crate::files::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "{}", file.display());
    }
    assert!(!told.0.join("\n").contains(CANARY));
    for report in [first, unwell, back] {
        assert!(!format!("{report:?}").contains(CANARY));
    }
}
