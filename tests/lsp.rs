//! A session of `shipworthy lsp`: open, edit, diagnostics, a code action that is applied, hover, goodbye.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{command, folder};

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

struct Editor {
    child: Child,
    input: ChildStdin,
    output: Receiver<Value>,
}

impl Editor {
    fn start(folder: &std::path::Path) -> Self {
        let mut child =
            command(folder, &["lsp"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut reader) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self { child, input, output }
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(json!({"method": method, "params": params}));
    }

    /// The next message for which `wanted` answers.
    fn wait(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.output.recv_timeout(PATIENCE).expect("no answer in time");
            if wanted(&message) {
                return message;
            }
        }
    }

    fn ask(&mut self, id: u32, method: &str, params: &Value) -> Value {
        self.send(json!({"id": id, "method": method, "params": params}));
        self.wait(|message| message["id"] == id)["result"].clone()
    }

    fn diagnostics(&self, uri: &str, version: i32) -> Vec<Value> {
        let is_it = |message: &Value| {
            let params = &message["params"];
            params["uri"] == uri && params["version"] == version
        };
        self.wait(is_it)["params"]["diagnostics"].as_array().unwrap().clone()
    }
}

fn read(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim() {
            "" => break,
            header => {
                if let Some(value) = header.strip_prefix("Content-Length: ") {
                    length = value.parse().ok()?;
                }
            }
        }
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

// The addresses that the test writes are those of Unix.
#[cfg(unix)]
#[test]
fn a_whole_session() {
    let tree = folder(&[
        (
            "shipworthy.toml",
            b"[timeouts]\nbackend_timeout_sec = { equals = \"24h\", environments = [\"staging\"] }\n",
        ),
        ("staging.tfvars", b"backend_timeout_sec = 86400\n"),
        (".env.staging", b"JWT_SECRET_KEY=replace_this_c4n4ry\n"),
    ]);
    let root = tree.path().canonicalize().unwrap();
    let uri = format!("file://{}/staging.tfvars", root.display());
    let mut editor = Editor::start(tree.path());
    let answer = editor.ask(
        1,
        "initialize",
        &json!({"capabilities": {}, "rootUri": format!("file://{}", root.display())}),
    );
    assert_eq!(answer["capabilities"]["hoverProvider"], true);
    editor.tell("initialized", &json!({}));

    // What is on disk is shown without any file being open, and no secret of it.
    let secret = editor
        .wait(|message| message["params"]["uri"].as_str().is_some_and(|uri| uri.ends_with(".env.staging")));
    assert_eq!(secret["params"]["diagnostics"][0]["code"], "placeholder-value", "{secret}");
    assert!(!secret.to_string().contains("c4n4ry"), "{secret}");

    // A text that was never saved is judged.
    let text = "# ä😀\nbackend_timeout_sec = 600 # why?\n";
    editor.tell("textDocument/didOpen", &json!({"textDocument": {"uri": uri, "languageId": "terraform", "version": 1, "text": "backend_timeout_sec = 86400\n"}}));
    editor.tell(
        "textDocument/didChange",
        &json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]}),
    );
    let found = editor.diagnostics(&uri, 2);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], "timeout-policy");
    let range = found[0]["range"].clone();
    assert_eq!(range["start"]["line"], 1);

    let hover = editor.ask(
        2,
        "textDocument/hover",
        &json!({"textDocument": {"uri": uri}, "position": range["start"]}),
    );
    assert!(hover["contents"]["value"].as_str().unwrap().contains("## What to do"), "{hover}");

    let asked = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": found}});
    let actions = editor.ask(3, "textDocument/codeAction", &asked);
    let edit = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!((&edit["textDocument"]["uri"], &edit["textDocument"]["version"]), (&json!(uri), &json!(2)));
    let edit = &edit["edits"][0];
    assert_eq!(
        edit["range"],
        json!({"start": {"line": 1, "character": 22}, "end": {"line": 1, "character": 25}})
    );
    let fixed = text.replace("600", edit["newText"].as_str().unwrap());
    editor.tell(
        "textDocument/didChange",
        &json!({"textDocument": {"uri": uri, "version": 3}, "contentChanges": [{"text": fixed}]}),
    );
    assert_eq!(editor.diagnostics(&uri, 3), [] as [Value; 0]);

    assert_eq!(editor.ask(4, "shutdown", &Value::Null), Value::Null);
    editor.tell("exit", &Value::Null);
    assert_eq!(editor.child.wait().unwrap().code(), Some(0));
}
