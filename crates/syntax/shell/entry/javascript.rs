//! Programs that start JavaScript or TypeScript code.

use super::arguments::{Arguments, Value};
use super::{Found, Target, found};
use crate::Spanned;
use crate::node::is_manager_command;

/// Options of `node` and its relatives that take the next word.
const NODE_VALUED: [&str; 12] = [
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "--env-file",
    "-C",
    "--conditions",
    "--title",
    "--watch-path",
    "-P",
    "--project",
];

/// What a program starts; `None` for one that is none of JavaScript's.
pub(super) fn started(name: &str, arguments: &Arguments<'_>) -> Option<Vec<Found>> {
    Some(match name {
        "node" | "nodejs" | "tsx" | "ts-node" | "ts-node-dev" | "nodemon" => node(arguments),
        "deno" => after(arguments, &["run", "serve"]),
        "bun" => bun(arguments),
        "pm2" | "pm2-runtime" | "pm2-docker" => process_manager(arguments),
        "npm" => npm(arguments),
        "yarn" | "pnpm" => manager(arguments),
        _ => return None,
    })
}

fn node(arguments: &Arguments<'_>) -> Vec<Found> {
    let text = |word: &str| matches!(word, "-e" | "--eval" | "-p" | "--print");
    if arguments.first().is_some_and(text) {
        return Vec::new();
    }
    let mut own = arguments.own(&NODE_VALUED).filter(|word| word.literal);
    // `node --run build`, a script of package.json since version 22.
    let run = arguments.words().iter().skip_while(|word| word.text != "--run").nth(1);
    if let Some(word) = run.filter(|word| word.literal) {
        return vec![found(Target::NpmScript(word.text.clone()), word)];
    }
    // `tsx watch src/index.ts`
    let file = own.find(|word| word.text != "watch");
    file.map(|word| found(Target::NodeFile(word.text.clone()), word)).into_iter().collect()
}

fn after(arguments: &Arguments<'_>, subcommands: &[&str]) -> Vec<Found> {
    if arguments.first().is_some_and(|first| subcommands.contains(&first)) {
        node(&arguments.after(1))
    } else {
        Vec::new()
    }
}

/// `bun run src/index.ts`, `bun run start`, `bun src/index.ts`.
fn bun(arguments: &Arguments<'_>) -> Vec<Found> {
    let arguments = if arguments.first() == Some("run") { arguments.after(1) } else { arguments.after(0) };
    let Some(word) = arguments.first_own(&["--cwd", "--env-file"]).filter(|word| word.literal) else {
        return Vec::new();
    };
    if is_manager_command(&word.text) {
        return Vec::new();
    }
    let target = if is_file(&word.text) {
        Target::NodeFile(word.text.clone())
    } else {
        Target::NpmScript(word.text.clone())
    };
    vec![Found { directory: directory(&arguments, &["--cwd"]), ..found(target, word) }]
}

/// `pm2 start dist/main.js`, `pm2-runtime dist/main.js`; an ecosystem file is one as well.
fn process_manager(arguments: &Arguments<'_>) -> Vec<Found> {
    let valued = ["-i", "--instances", "-n", "--name", "--env", "-c", "--cwd"];
    let file = arguments.own(&valued).find(|word| is_file(&word.text));
    file.map(|word| found(Target::NodeFile(word.text.clone()), word)).into_iter().collect()
}

/// `npm start`, `npm run build`, `npm --prefix web run build`.
fn npm(arguments: &Arguments<'_>) -> Vec<Found> {
    let valued = ["--prefix", "-C", "--workspace", "-w", "--loglevel"];
    let own: Vec<_> = arguments.own(&valued).take(2).collect();
    let script = match own.as_slice() {
        [run, script, ..] if matches!(run.text.as_str(), "run" | "run-script") => Some(*script),
        [script, ..] if matches!(script.text.as_str(), "start" | "test" | "stop" | "restart") => {
            Some(*script)
        }
        _ => None,
    };
    let directory = directory(arguments, &["--prefix", "-C"]);
    let script = script.filter(|word| word.literal);
    script
        .map(|word| Found { directory, ..found(Target::NpmScript(word.text.clone()), word) })
        .into_iter()
        .collect()
}

/// `yarn build`, `yarn run build`, `pnpm --dir web build`.
fn manager(arguments: &Arguments<'_>) -> Vec<Found> {
    let valued = ["--cwd", "--dir", "-C", "--filter", "-F"];
    let mut own = arguments.own(&valued).filter(|word| word.literal).skip_while(|word| word.text == "run");
    let script = own.next().filter(|word| !is_manager_command(&word.text));
    let directory = directory(arguments, &["--cwd", "--dir", "-C"]);
    script
        .map(|word| Found { directory, ..found(Target::NpmScript(word.text.clone()), word) })
        .into_iter()
        .collect()
}

fn directory(arguments: &Arguments<'_>, names: &[&str]) -> Option<Spanned<String>> {
    arguments.option(names).map(Value::spanned)
}

fn is_file(text: &str) -> bool {
    let extension = text.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "tsx" | "jsx" | "json")
}
