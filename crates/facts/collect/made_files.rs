//! The files and folders that a shell text makes.

use source::join;
use syntax::shell::{Command, Word};

use super::commands::is_known_path;
use super::working_directory::Located;

/// Programs whose arguments are all made.
const MAKERS: &[&str] = &["mkdir", "touch", "tee"];
/// Programs whose last argument is made, or filled.
const COPIERS: &[&str] = &["cp", "install", "ln", "mv", "rsync"];
/// Options before the name of what is made, in a word of its own or behind `=`.
const OUTPUTS: &[&str] = &[
    "-o",
    "-O",
    "-out",
    "--output",
    "--out",
    "--out-file",
    "--output-document",
    "--output-file",
    "--plaintext-file",
];

/// Package managers with the lock file that they write, and the commands of theirs that write it.
const LOCKS: &[(&str, &[&str], &str)] = &[
    ("bun", &["install"], "bun.lock"),
    ("bundle", &["install", "lock"], "Gemfile.lock"),
    ("cargo", &["build", "generate-lockfile", "update"], "Cargo.lock"),
    ("composer", &["install", "update"], "composer.lock"),
    ("npm", &["i", "install"], "package-lock.json"),
    ("pdm", &["install", "lock"], "pdm.lock"),
    ("pnpm", &["i", "install"], "pnpm-lock.yaml"),
    ("poetry", &["install", "lock"], "poetry.lock"),
    ("uv", &["lock", "sync"], "uv.lock"),
    ("yarn", &["", "install"], "yarn.lock"),
];

/// What commands make, relative to the root.
pub(crate) fn made_files(commands: &[Located]) -> Vec<String> {
    let made = commands.iter().flat_map(|one| {
        let paths = made_by(&one.command).into_iter();
        paths.filter_map(|path| {
            let is_plain = is_known_path(&path) && !path.starts_with(['/', '~', '-']);
            join(one.folder.as_deref()?, &path).filter(|path| is_plain && !path.is_empty())
        })
    });
    made.collect()
}

fn made_by(command: &Command) -> Vec<String> {
    let written = command.redirects.iter().filter(|redirect| redirect.operator.value.contains('>'));
    let mut made: Vec<String> = written.map(|redirect| redirect.target.text.clone()).collect();
    let name = command.name().map_or("", source::file_name);
    let arguments: Vec<&Word> =
        command.words.iter().skip(1).filter(|word| !word.text.starts_with('-')).collect();
    if MAKERS.contains(&name) || makes_virtual_environment(name, &command.words) {
        made.extend(arguments.iter().map(|word| word.text.clone()));
    } else if COPIERS.contains(&name)
        && let Some((target, sources)) = arguments.split_last()
    {
        // Into a folder each goes under its own name.
        let inside = sources.iter().map(|source| {
            let name = source::file_name(source.text.trim_end_matches('/'));
            format!("{}/{name}", target.text.trim_end_matches('/'))
        });
        made.extend(inside);
        made.push(target.text.clone());
    }
    let pairs = command.words.windows(2).filter_map(|pair| match pair {
        [option, value] if OUTPUTS.contains(&option.text.as_str()) => Some(value.text.clone()),
        _ => None,
    });
    made.extend(pairs);
    let asked = arguments.first().map_or("", |word| word.text.as_str());
    let locks = LOCKS.iter().filter(|(program, commands, _)| *program == name && commands.contains(&asked));
    made.extend(locks.map(|(_, _, file)| (*file).to_owned()));
    made.extend(command.words.iter().filter_map(|word| made_by_word(&word.text)).map(str::to_owned));
    made
}

/// What a single word of a command makes: `--output=dist/app`.
pub(crate) fn made_by_word(word: &str) -> Option<&str> {
    let (option, value) = word.split_once('=')?;
    OUTPUTS.contains(&option).then_some(value)
}

/// `python -m venv DIR`, `virtualenv DIR`, `uv venv DIR`.
fn makes_virtual_environment(name: &str, words: &[Word]) -> bool {
    let asked: Vec<&str> = words.iter().skip(1).take(2).map(|word| word.text.as_str()).collect();
    match asked.as_slice() {
        _ if name == "virtualenv" => true,
        ["-m", module] => name.starts_with("python") && matches!(*module, "venv" | "virtualenv"),
        ["venv", ..] => name == "uv",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use syntax::shell;

    use super::made_files;
    use crate::collect::working_directory::located;

    #[test]
    fn what_commands_make() {
        for (text, expected) in [
            ("mkdir -p build/images", &["build/images"][..]),
            ("cd build && docker save api > api.tar", &["build/api.tar"]),
            ("cp -r dist web/public", &["web/public/dist", "web/public"]),
            ("cd worker; cp -R ../shared ./", &["worker/shared", "worker"]),
            ("cp -R lib/shared ./", &["shared"]),
            ("curl -o model.bin https://example.com/x | tee log.txt", &["model.bin", "log.txt"]),
            ("cd web; python3 -m venv .venv", &["web/venv", "web/.venv"]),
            ("gcloud kms decrypt --ciphertext-file=a.enc --plaintext-file=./key.json", &["key.json"]),
            ("go build -o bin/api ./cmd/api", &["bin/api"]),
            ("cd web && npm install --package-lock-only; yarn", &["web/package-lock.json", "web/yarn.lock"]),
            ("echo $X > $FILE; echo y > /tmp/y; ls build", &[]),
        ] {
            let script = shell::parse(text).tree;
            assert_eq!(made_files(&located(&script, Some(""), None)), expected, "{text}");
        }
    }
}
