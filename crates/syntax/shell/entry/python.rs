//! Programs that start Python code.

use source::Span;

use super::arguments::{Arguments, Value};
use super::{Found, Target, found};
use crate::Spanned;
use crate::shell::types::Word;

/// Options of `python` that take the next word.
const PYTHON_VALUED: [&str; 4] = ["-W", "-X", "--check-hash-based-pycs", "-Q"];

/// Options of servers that take the next word, those of uvicorn, gunicorn, hypercorn, daphne, granian, waitress.
/// An unknown option is taken to stand alone, unless what follows it is no application.
const SERVER_VALUED: [&str; 71] = [
    "--host",
    "--port",
    "--uds",
    "--fd",
    "--workers",
    "-w",
    "--loop",
    "--http",
    "--ws",
    "--ws-max-size",
    "--ws-max-queue",
    "--ws-ping-interval",
    "--ws-ping-timeout",
    "--lifespan",
    "--interface",
    "--env-file",
    "--log-config",
    "--log-level",
    "--root-path",
    "--forwarded-allow-ips",
    "--limit-concurrency",
    "--backlog",
    "--limit-max-requests",
    "--timeout-keep-alive",
    "--timeout-graceful-shutdown",
    "--timeout-worker-healthcheck",
    "--ssl-keyfile",
    "--ssl-certfile",
    "--ssl-ca-certs",
    "--header",
    "--app-dir",
    "--reload-dir",
    "--reload-include",
    "--reload-exclude",
    "--reload-delay",
    "--h11-max-incomplete-event-size",
    "-b",
    "--bind",
    "-k",
    "--worker-class",
    "--threads",
    "--worker-connections",
    "--max-requests",
    "--max-requests-jitter",
    "-t",
    "--timeout",
    "--graceful-timeout",
    "--keep-alive",
    "-c",
    "--config",
    "--chdir",
    "--pythonpath",
    "-p",
    "--pid",
    "-u",
    "--user",
    "-g",
    "--group",
    "-m",
    "--umask",
    "-e",
    "--env",
    "-n",
    "--name",
    "--access-logfile",
    "--error-logfile",
    "--log-file",
    "--worker-tmp-dir",
    "--certfile",
    "--keyfile",
    "--statsd-host",
];

/// Files that `fastapi run` looks for, in this order:
/// <https://github.com/fastapi/fastapi-cli/blob/main/src/fastapi_cli/discover.py>.
const FASTAPI_DEFAULTS: [&str; 6] =
    ["main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py"];

/// What a program starts; `None` for one that is none of Python's.
pub(super) fn started(name: &str, arguments: &Arguments<'_>) -> Option<Vec<Found>> {
    if is_interpreter(name) {
        return Some(interpreter(arguments));
    }
    module_runner(name, arguments)
}

fn is_interpreter(name: &str) -> bool {
    let version = ["python", "pypy"].into_iter().find_map(|interpreter| name.strip_prefix(interpreter));
    version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// `python file.py`, `python -m module`, `python -um uvicorn app:app`.
fn interpreter(arguments: &Arguments<'_>) -> Vec<Found> {
    let words = arguments.words();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        if let Some(flags) = text.strip_prefix('-').filter(|flags| !flags.starts_with('-')) {
            if flags.ends_with('m') && flags.bytes().all(|flag| flag.is_ascii_alphabetic()) {
                return module(&arguments.after(at + 1));
            }
            // `-mpip`: the module stands right behind its option.
            if flags.starts_with('m') && flags.len() > 1 {
                let name = flags.get(1..).unwrap_or("");
                return module_runner(name, &arguments.after(at + 1)).unwrap_or_default();
            }
            if flags.is_empty() || flags.starts_with('c') || flags.ends_with('c') {
                return Vec::new();
            }
        }
        if !text.starts_with('-') {
            return if word.literal {
                vec![found(Target::PythonFile(text.to_owned()), word)]
            } else {
                Vec::new()
            };
        }
        at += 1 + usize::from(PYTHON_VALUED.contains(&text));
    }
    Vec::new()
}

/// What follows `-m`: a module, or a runner that is one.
fn module(arguments: &Arguments<'_>) -> Vec<Found> {
    let Some(word) = arguments.words().first().filter(|word| word.literal) else { return Vec::new() };
    module_runner(&word.text, &arguments.after(1))
        .unwrap_or_else(|| vec![found_module(&word.text, None, word.span, None)])
}

fn module_runner(name: &str, arguments: &Arguments<'_>) -> Option<Vec<Found>> {
    Some(match name {
        "uvicorn" | "hypercorn" | "daphne" | "granian" | "waitress-serve" | "gunicorn" => {
            server(name, arguments)
        }
        "celery" => celery(arguments),
        "arq" | "dramatiq" | "huey_consumer" | "huey_consumer.py" | "taskiq" => worker(name, arguments),
        "flask" => flask(arguments),
        "fastapi" => fastapi(arguments),
        "streamlit" => file_after(arguments, &["run"], &["--server.port", "--server.address"]),
        "uwsgi" => uwsgi(arguments),
        "faust" => option_module(arguments, &["-A", "--app"]),
        _ => return None,
    })
}

/// A server whose word of its own is the application.
fn server(name: &str, arguments: &Arguments<'_>) -> Vec<Found> {
    let directory =
        arguments.option(&["--app-dir", "--chdir", "--pythonpath", "--working-dir"]).map(Value::spanned);
    let own = || arguments.own(&SERVER_VALUED).filter(|word| word.literal);
    // The others take a path for that of a file; these two import it as a name.
    let imports = matches!(name, "gunicorn" | "uvicorn");
    let is_one = |text: &str| is_application(text) || imports && is_application(&text.replace('/', "."));
    let application = own().find(|word| is_one(&word.text));
    // Only gunicorn takes a module alone; its application is then called `application`.
    let application =
        application.or_else(|| own().next().filter(|word| name == "gunicorn" && is_dotted(&word.text)));
    let application = application.map(|word| Found { directory, ..module_at(&Value::of(word)) });
    configuration(name, arguments).into_iter().chain(application).collect()
}

/// A configuration that is Python code: `gunicorn -c gunicorn.conf.py`. It is read before `--chdir` is followed:
/// <https://docs.gunicorn.org/en/stable/settings.html#chdir>.
fn configuration(name: &str, arguments: &Arguments<'_>) -> Option<Found> {
    if !matches!(name, "gunicorn" | "hypercorn") {
        return None;
    }
    let file = arguments.option(&["-c", "--config"])?;
    let path = file.text.strip_prefix("file:").unwrap_or(&file.text);
    is_python_file(path).then(|| Found {
        target: Target::PythonFile(path.to_owned()),
        span: file.span,
        directory: None,
    })
}

fn is_python_file(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "py")
}

fn celery(arguments: &Arguments<'_>) -> Vec<Found> {
    let directory = arguments.option(&["--workdir"]).map(Value::spanned);
    let mut started = option_module(arguments, &["-A", "--app"]);
    for found in &mut started {
        found.directory.clone_from(&directory);
    }
    started
}

/// What celery and faust look up with kombu's `symbol_by_name`: an attribute of a module, or else a module.
fn option_module(arguments: &Arguments<'_>, names: &[&str]) -> Vec<Found> {
    let value = arguments.option(names).filter(|value| is_dotted(value.text.split(':').next().unwrap_or("")));
    let mut found: Vec<Found> = value.map(|value| module_at(&value)).into_iter().collect();
    for found in &mut found {
        if let Target::PythonModule { module, attribute, may_end_in_attribute } = &mut found.target {
            *may_end_in_attribute = attribute.is_none() && module.contains('.');
        }
    }
    found
}

/// `arq app.worker.Settings`, `dramatiq app.tasks`, `taskiq worker app.broker:broker`.
fn worker(name: &str, arguments: &Arguments<'_>) -> Vec<Found> {
    let valued =
        ["-w", "--workers", "-p", "--processes", "-t", "--threads", "-Q", "--queues", "--watch", "-k"];
    let own: Vec<&Word> = arguments.own(&valued).filter(|word| word.literal).collect();
    let skipped = usize::from(name == "taskiq");
    let named = own.get(skipped..).unwrap_or_default().iter();
    match name {
        "arq" | "huey_consumer" | "huey_consumer.py" => named.take(1).map(|word| member_at(word)).collect(),
        _ => named
            .filter(|word| is_dotted(word.text.split(':').next().unwrap_or("")))
            .map(|word| module_at(&Value::of(word)))
            .collect(),
    }
}

/// `flask --app pkg.mod:app run`, `flask --app wsgi.py run`.
fn flask(arguments: &Arguments<'_>) -> Vec<Found> {
    match arguments.option(&["--app", "-A"]) {
        Some(file) if is_python_file(&file.text) => {
            vec![Found { target: Target::PythonFile(file.text), span: file.span, directory: None }]
        }
        Some(value) => vec![module_at(&value)],
        None => Vec::new(),
    }
}

/// `fastapi run app/main.py`; where no file is named, it takes one of [`FASTAPI_DEFAULTS`].
fn fastapi(arguments: &Arguments<'_>) -> Vec<Found> {
    let subcommands = ["run", "dev"];
    let valued = ["--host", "--port", "--app", "--workers", "--root-path", "--entrypoint", "-e"];
    if let Some(entry) = arguments.option(&["--entrypoint", "-e"]) {
        return vec![module_at(&entry)];
    }
    let named = file_after(arguments, &subcommands, &valued);
    let subcommand = arguments.words().first().filter(|word| subcommands.contains(&word.text.as_str()));
    match subcommand.filter(|_| named.is_empty() && arguments.after(1).first_own(&valued).is_none()) {
        Some(word) => vec![found(Target::PythonFirstOf(&FASTAPI_DEFAULTS), word)],
        None => named,
    }
}

/// `streamlit run app.py`.
fn file_after(arguments: &Arguments<'_>, subcommands: &[&str], valued: &[&str]) -> Vec<Found> {
    if !arguments.first().is_some_and(|first| subcommands.contains(&first)) {
        return Vec::new();
    }
    let arguments = arguments.after(1);
    let file = arguments.first_own(valued).filter(|word| word.literal);
    file.map(|word| found(Target::PythonFile(word.text.clone()), word)).into_iter().collect()
}

fn uwsgi(arguments: &Arguments<'_>) -> Vec<Found> {
    let directory = arguments.option(&["--chdir", "--pythonpath"]).map(Value::spanned);
    let file = arguments.option(&["--wsgi-file", "--file"]).map(|file| Found {
        target: Target::PythonFile(file.text),
        span: file.span,
        directory: None,
    });
    let module = arguments.option(&["--module", "-w"]).map(|value| module_at(&value));
    file.into_iter().chain(module).map(|found| Found { directory: directory.clone(), ..found }).collect()
}

/// `pkg.mod:app`, `pkg.mod`.
fn module_at(value: &Value) -> Found {
    let (module, attribute) = match value.text.split_once(':') {
        Some((module, attribute)) => (module, Some(attribute.to_owned())),
        None => (value.text.as_str(), None),
    };
    found_module(module, attribute, value.span, None)
}

/// `pkg.mod.Settings`.
fn member_at(word: &Word) -> Found {
    let (module, attribute) = match word.text.rsplit_once('.') {
        Some((module, attribute)) => (module, Some(attribute.to_owned())),
        None => (word.text.as_str(), None),
    };
    found_module(module, attribute, word.span, None)
}

fn found_module(
    module: &str,
    attribute: Option<String>,
    span: Span,
    directory: Option<Spanned<String>>,
) -> Found {
    let target = Target::PythonModule { module: module.to_owned(), attribute, may_end_in_attribute: false };
    Found { target, span, directory }
}

/// `module:attribute`, where the attribute may be a call; `localhost:8000` is none.
fn is_application(text: &str) -> bool {
    text.split_once(':').is_some_and(|(module, attribute)| {
        is_dotted(module) && attribute.starts_with(|first: char| first.is_alphabetic() || first == '_')
    })
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|one| one.is_alphanumeric() || one == '_')
    })
}
