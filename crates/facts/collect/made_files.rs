//! The files and folders that a shell text makes.

use source::join;
use syntax::shell::{self, Command, Word};

use super::commands::is_known_path;
use super::working_directory::located;

/// Programs whose arguments are all made.
const MAKERS: &[&str] = &["mkdir", "touch", "tee"];
/// Programs whose last argument is made.
const COPIERS: &[&str] = &["cp", "install", "ln", "mv", "rsync"];
/// Options before the name of what is made.
const OUTPUTS: &[&str] = &["-o", "-O", "--output", "--out", "--output-document"];

/// What a text that starts in `folder` makes, relative to the root.
pub(crate) fn made_files(text: &str, folder: &str) -> Vec<String> {
    let script = shell::parse(text).tree;
    let all = located(&script, folder, None);
    let made = all.iter().flat_map(|one| {
        let words = made_by(&one.command);
        words.into_iter().filter_map(|word| {
            let path = word.text.as_str();
            let is_plain = is_known_path(path) && !path.starts_with(['/', '~', '-']);
            join(one.folder.as_deref()?, path).filter(|path| is_plain && !path.is_empty())
        })
    });
    made.collect()
}

fn made_by(command: &Command) -> Vec<&Word> {
    let written = command.redirects.iter().filter(|redirect| redirect.operator.value.contains('>'));
    let mut made: Vec<&Word> = written.map(|redirect| &redirect.target).collect();
    let name = command.name().map_or("", source::file_name);
    let arguments = || command.words.iter().skip(1).filter(|word| !word.text.starts_with('-'));
    if MAKERS.contains(&name) {
        made.extend(arguments());
    } else if COPIERS.contains(&name) {
        made.extend(arguments().next_back());
    }
    let pairs = command.words.windows(2).filter_map(|pair| match pair {
        [option, value] if OUTPUTS.contains(&option.text.as_str()) => Some(value),
        _ => None,
    });
    made.extend(pairs);
    made
}

#[cfg(test)]
mod tests {
    use super::made_files;

    #[test]
    fn what_commands_make() {
        for (text, expected) in [
            ("mkdir -p build/images", &["build/images"][..]),
            ("cd build && docker save api > api.tar", &["build/api.tar"]),
            ("cp -r dist web/public", &["web/public"]),
            ("curl -o model.bin https://example.com/x | tee log.txt", &["model.bin", "log.txt"]),
            ("go build -o bin/api ./cmd/api", &["bin/api"]),
            ("echo $X > $FILE; echo y > /tmp/y; ls build", &[]),
        ] {
            assert_eq!(made_files(text, ""), expected, "{text}");
        }
    }
}
