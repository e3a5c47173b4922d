//! `shipworthy lsp`: the findings in an editor, over the text that it has and not the one on disk.

mod actions;
mod diagnostics;
mod session;
mod texts;
mod uri;

use std::path::PathBuf;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument,
    DidSaveTextDocument, Notification as _, PublishDiagnostics,
};
use lsp_types::request::{CodeActionRequest, HoverRequest, Request as _};
use lsp_types::{
    CodeActionParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    HoverParams,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{pool, root};
use session::Session;

/// Serves one editor until it says goodbye.
pub(crate) fn run() -> Result<u8, String> {
    let (connection, threads) = Connection::stdio();
    let capabilities = json!({
        "textDocumentSync": {"openClose": true, "change": 1, "save": true},
        "codeActionProvider": {"codeActionKinds": ["quickfix"]},
        "hoverProvider": true,
    });
    let given = connection.initialize(capabilities).map_err(|error| format!("no session: {error}"))?;
    let tree = root::open(Some(&folder(&given)?))?.tree;
    let ended = pool::run(None, || serve(&connection, Session::new(tree)))?;
    drop(connection);
    ended?;
    // The error itself holds the message that could not be read, and with it what the user has open.
    threads.join().map_err(|error| format!("cannot speak to the editor ({})", error.kind()))?;
    Ok(0)
}

/// The folder that the editor has open.
fn folder(given: &Value) -> Result<PathBuf, String> {
    let of_workspace = given.pointer("/workspaceFolders/0/uri").or_else(|| given.get("rootUri"));
    match of_workspace.and_then(Value::as_str) {
        Some(address) => {
            uri::to_path(address).ok_or_else(|| format!("`{address}` is no folder on this machine"))
        }
        None => std::env::current_dir().map_err(|error| format!("no current directory: {error}")),
    }
}

fn serve(connection: &Connection, mut session: Session) -> Result<(), String> {
    judge(connection, &mut session)?;
    while let Ok(message) = connection.receiver.recv() {
        let mut waiting = vec![message];
        // Keys are pressed faster than anything is judged: all that has come is taken in at once.
        waiting.extend(connection.receiver.try_iter());
        for message in waiting {
            match message {
                Message::Notification(told) if told.method == "exit" => return Ok(()),
                Message::Notification(told) => take_in(&told, &mut session),
                // `exit` may have come with it already, so it is waited for like any other message.
                Message::Request(asked) if asked.method == "shutdown" => {
                    send(connection, Message::Response(Response::new_ok(asked.id, ())))?;
                }
                Message::Request(asked) => {
                    judge(connection, &mut session)?;
                    send(connection, Message::Response(answer(&asked, &session)))?;
                }
                Message::Response(_) => {}
            }
        }
        judge(connection, &mut session)?;
    }
    Ok(())
}

/// Judges where something changed since, and shows what comes of it.
fn judge(connection: &Connection, session: &mut Session) -> Result<(), String> {
    for shown in session.judge() {
        let told = Notification::new(PublishDiagnostics::METHOD.to_owned(), shown);
        send(connection, Message::Notification(told))?;
    }
    Ok(())
}

fn send(connection: &Connection, message: Message) -> Result<(), String> {
    connection.sender.send(message).map_err(|_| "the editor went away".to_owned())
}

/// Takes in what the editor did. What is not understood changes nothing.
fn take_in(told: &Notification, session: &mut Session) {
    match told.method.as_str() {
        DidOpenTextDocument::METHOD => {
            if let Some(DidOpenTextDocumentParams { text_document: opened }) = read(&told.params) {
                session.set(&opened.uri, opened.version, opened.text);
            }
        }
        DidChangeTextDocument::METHOD => {
            let Some(changed) = read::<DidChangeTextDocumentParams>(&told.params) else { return };
            // Changes come as whole texts, and the last one holds.
            if let Some(last) = changed.content_changes.into_iter().next_back() {
                session.set(&changed.text_document.uri, changed.text_document.version, last.text);
            }
        }
        DidCloseTextDocument::METHOD => {
            if let Some(closed) = read::<DidCloseTextDocumentParams>(&told.params) {
                session.close(&closed.text_document.uri);
            }
        }
        DidSaveTextDocument::METHOD | DidChangeWatchedFiles::METHOD => session.look_again(),
        _ => {}
    }
}

fn answer(asked: &Request, session: &Session) -> Response {
    let id = asked.id.clone();
    match asked.method.as_str() {
        CodeActionRequest::METHOD => {
            let asked: Option<CodeActionParams> = read(&asked.params);
            let actions = asked.map(|asked| session.actions(&asked.text_document.uri, asked.range));
            Response::new_ok(id, actions.unwrap_or_default())
        }
        HoverRequest::METHOD => {
            let asked: Option<HoverParams> = read(&asked.params);
            let at = asked.map(|asked| asked.text_document_position_params);
            Response::new_ok(id, at.and_then(|at| session.hover(&at.text_document.uri, at.position)))
        }
        method => {
            Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not served"))
        }
    }
}

fn read<P: DeserializeOwned>(params: &Value) -> Option<P> {
    P::deserialize(params).ok()
}
