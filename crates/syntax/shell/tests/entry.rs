use source::Span;

use super::read;
use crate::Spanned;
use crate::shell::{EntryPoint, Target, entry_points, entry_points_of};

fn told(entry: &EntryPoint) -> String {
    let target = match &entry.target {
        Target::PythonModule { module, attribute: Some(attribute), .. } => {
            format!("module {module}:{attribute}")
        }
        Target::PythonModule { module, attribute: None, .. } => format!("module {module}"),
        Target::PythonFile(path) => format!("python {path}"),
        Target::PythonFirstOf(paths) => format!("python {} ...", paths[0]),
        Target::NodeFile(path) => format!("node {path}"),
        Target::NpmScript(name) => format!("npm {name}"),
        Target::Script(path) => format!("script {path}"),
        Target::Binary(path) => format!("binary {path}"),
    };
    match &entry.directory {
        Some(directory) => format!("{target} in {}", directory.value),
        None => target,
    }
}

fn entries(text: &str) -> Vec<String> {
    entry_points_of(&read(text)).iter().map(told).collect()
}

#[track_caller]
fn one(text: &str, expected: &str) {
    assert_eq!(entries(text), [expected], "{text}");
}

#[test]
fn servers() {
    one("uvicorn app.main:app", "module app.main:app");
    one("uvicorn --host 0.0.0.0 --port 8000 app.main:app", "module app.main:app");
    one("uvicorn --factory app:create_app --reload", "module app:create_app");
    one("uvicorn --app-dir backend --workers=4 main:app", "module main:app in backend");
    one("uvicorn --unheard-of x main:app", "module main:app");
    one("gunicorn -k uvicorn.workers.UvicornWorker -b 0.0.0.0:8000 app.main:app", "module app.main:app");
    one("gunicorn -w 4 --chdir src wsgi", "module wsgi in src");
    one("gunicorn 'app:create_app()' --bind=:8000", "module app:create_app()");
    one("gunicorn --bind :$PORT --workers 1 main:app", "module main:app");
    assert_eq!(
        entries("gunicorn -c gunicorn.conf.py app:app"),
        ["python gunicorn.conf.py", "module app:app"]
    );
    one("hypercorn app:app --bind localhost:8000", "module app:app");
    one("daphne -b 0.0.0.0 -p 8000 site.asgi:application", "module site.asgi:application");
    one("granian --interface asgi app.main:app", "module app.main:app");
    one("uwsgi --http :8000 --module pkg.wsgi:app", "module pkg.wsgi:app");
    assert_eq!(entries("uvicorn $APP_MODULE --port 80"), Vec::<String>::new());
}

#[test]
fn workers_and_frameworks() {
    one("celery -A proj.celery_app worker -l info", "module proj.celery_app");
    one("celery --app=proj.tasks:app beat", "module proj.tasks:app");
    one("celery worker -A proj", "module proj");
    one("celery --workdir src -Aproj worker", "module proj in src");
    one("arq app.worker.WorkerSettings", "module app.worker:WorkerSettings");
    one("dramatiq --processes 2 app.tasks", "module app.tasks");
    one("flask --app pkg.web:create run --port 80", "module pkg.web:create");
    one("fastapi run app/main.py --port 80", "python app/main.py");
    one("fastapi run --workers 4", "python main.py ...");
    one("fastapi run --entrypoint app.main:app", "module app.main:app");
    one("streamlit run dash.py", "python dash.py");
}

#[test]
fn interpreters() {
    one("python -m pkg.server --port 8000", "module pkg.server");
    one("python3.11 -u -X dev -W ignore main.py arg.py", "python main.py");
    one("python -um pkg", "module pkg");
    one("python -m uvicorn app.main:app --reload", "module app.main:app");
    one("/usr/local/bin/python -Im gunicorn app:app", "module app:app");
    one("python manage.py runserver", "python manage.py");
    assert_eq!(
        entries("python -c 'import x'\npython --version\npython -\npython $FILE"),
        Vec::<String>::new()
    );
}

#[test]
fn javascript() {
    one("node --max-old-space-size=512 -r dotenv/config server.js", "node server.js");
    one("npx tsx watch src/index.ts", "node src/index.ts");
    one("npm start", "npm start");
    one("npm run start:prod -- --port 80", "npm start:prod");
    one("npm --prefix web run build", "npm build in web");
    one("yarn build", "npm build");
    one("yarn run serve", "npm serve");
    one("pnpm -C web start", "npm start in web");
    one("bun run src/index.ts", "node src/index.ts");
    one("bun run start", "npm start");
    one("deno run -A main.ts", "node main.ts");
    one("pm2-runtime start dist/main.js -i 2", "node dist/main.js");
    assert_eq!(
        entries("npm ci\nnpm install x\nyarn install\nnode -e 'x'\npnpm i\nyarn workspaces run build"),
        Vec::<String>::new()
    );
}

#[test]
fn scripts_and_binaries() {
    one("./start.sh --flag", "script ./start.sh");
    one("bash -x scripts/run.sh arg", "script scripts/run.sh");
    one("bash -euo pipefail scripts/run.sh", "script scripts/run.sh");
    one("sh -e entry", "script entry");
    one(". ./env.sh", "script ./env.sh");
    one("/app/server --port 80", "binary /app/server");
    one("scripts/migrate.py", "python scripts/migrate.py");
    assert_eq!(
        entries("nginx -g 'daemon off;'\nalembic upgrade head\n$CMD\nexec \"$@\""),
        Vec::<String>::new()
    );
}

#[test]
fn wrappers_texts_and_folders() {
    one("exec gunicorn app:app", "module app:app");
    one("ENV=x poetry run uvicorn app.main:app", "module app.main:app");
    one(
        "sh -c 'alembic upgrade head && exec uvicorn app.main:app --port ${PORT:-8000}'",
        "module app.main:app",
    );
    one("cd backend && python -m app", "module app in backend");
    assert_eq!(
        entries("cd a\ncd b/c; python x.py\ncd /d; python y.py\ncd $E; python z.py"),
        ["python x.py in a/b/c", "python y.py in /d", "python z.py",]
    );
    one("tini -- python -m app", "module app");
}

#[test]
fn exec_form() {
    let text = r#"["sh", "-c", "uvicorn --port $PORT app.main:app"]"#;
    let words: Vec<_> = ["sh", "-c", "uvicorn --port $PORT app.main:app"]
        .map(|word| {
            let start = text.find(word).unwrap();
            Spanned::new(word.to_owned(), Span::new(start, start + word.len()))
        })
        .into();
    let found = entry_points(&words);
    assert_eq!(found.iter().map(told).collect::<Vec<_>>(), ["module app.main:app"]);
    assert_eq!((found[0].span.of(text), found[0].runner.as_str()), ("app.main:app", "uvicorn"));

    let quoted: Vec<_> = words
        .iter()
        .map(|word| Spanned::new(word.value.clone(), Span::new(word.span.start - 1, word.span.end + 1)))
        .collect();
    assert_eq!(entry_points(&quoted)[0].span.of(text), "app.main:app");
    assert_eq!(entry_points(&[]), []);
}

#[test]
fn spans_of_options() {
    let text = "celery --app=proj.tasks worker";
    assert_eq!(entry_points_of(&read(text))[0].span.of(text), "proj.tasks");
}
