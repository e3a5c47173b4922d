//! The receipt: a statement that one tree of files passed the gate for one target, in the in-toto form (Statement v1).
//!
//! The predicate is our own: it holds what was judged by, what was passed over and until when it is believed, for which the
//! known summaries have no place.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lint::gate::Clearance;
use serde_json::{Value, json};

use crate::config::Argv;
use crate::runner::{Invocation, Runner};
use crate::{files, hash, time};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://shipworthy/gate/v1";
/// What a signature is for; one that was made for anything else does not count.
const NAMESPACE: &str = "shipworthy-receipt";
const SIGNING: Duration = Duration::from_mins(1);

/// A statement that a tree passed the gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt(Value);

/// Why a receipt is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptError(pub String);

impl fmt::Display for ReceiptError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for ReceiptError {}

/// What a receipt has to speak of.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    /// The target.
    pub target: &'w str,
    /// The id of the tree of files.
    pub tree: &'w str,
    /// SHA-256 of what it was judged by; none where the receipt's own is good enough.
    pub policy: Option<&'w str>,
}

impl Receipt {
    /// The receipt for a clearance. `snapshot` is the digest of the files, `contexts` those of build contexts by service.
    #[must_use]
    pub fn of(
        clearance: &Clearance,
        snapshot: &str,
        contexts: &[(String, String)],
        max_age: Duration,
    ) -> Self {
        let now = time::unix();
        let mut subject = vec![
            json!({ "name": "git", "digest": { "gitCommit": clearance.commit(), "gitTree": clearance.tree() } }),
            json!({ "name": "snapshot", "digest": { "sha256": snapshot } }),
        ];
        subject.extend(contexts.iter().map(|(service, digest)| {
            json!({ "name": format!("context/{service}"), "digest": { "sha256": digest } })
        }));
        let counts = clearance.counts();
        let overridden = clearance.overridden();
        Self(json!({
            "_type": STATEMENT,
            "subject": subject,
            "predicateType": PREDICATE,
            "predicate": {
                "verifier": { "id": "https://shipworthy/gate", "version": env!("CARGO_PKG_VERSION") },
                "timeVerified": time::rfc3339(now),
                "expires": time::rfc3339(now + max_age.as_secs()),
                "target": clearance.target(),
                "environment": clearance.environment(),
                "scope": clearance.scope().name(),
                "policy": { "uri": "shipworthy.toml", "digest": { "sha256": clearance.policy() } },
                "verificationResult": if overridden.is_some() { "FAILED" } else { "PASSED" },
                "overrides": overridden.map_or(&[][..], |one| &one.rules),
                "reason": overridden.map(|one| one.reason.as_str()),
                "files": counts.files,
                "findings": { "error": counts.errors, "warning": counts.warnings },
                "suppressed": counts.suppressed,
                "baselined": counts.baselined,
                "dirty": clearance.is_dirty(),
            }
        }))
    }

    /// Adds an image that was built.
    pub fn add_image(&mut self, name: &str, digest: &str) {
        if let Some(subject) = self.0.get_mut("subject").and_then(Value::as_array_mut) {
            let digest = digest.trim_start_matches("sha256:");
            subject.push(json!({ "name": name, "digest": { "sha256": digest } }));
        }
    }

    /// The receipt as it is written and signed.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(&self.0).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// SHA-256 of [`Receipt::bytes`] in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        hash::sha256(&self.bytes())
    }

    /// Reads a receipt.
    ///
    /// # Errors
    /// It is none, or of another kind.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| ReceiptError(format!("this is no receipt: {error}")))?;
        let receipt = Self(value);
        if receipt.text("/_type") == STATEMENT && receipt.text("/predicateType") == PREDICATE {
            Ok(receipt)
        } else {
            Err(ReceiptError("this is a statement of another kind".to_owned()))
        }
    }

    /// Whether the receipt speaks of what is wanted, and still may be believed at this time.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verify(&self, wanted: Wanted<'_>, max_age: Option<Duration>) -> Result<(), ReceiptError> {
        let wrong = |message: String| Err(ReceiptError(message));
        if self.text("/predicate/target") != wanted.target {
            return wrong(format!("the receipt is for the target `{}`", self.text("/predicate/target")));
        }
        let subjects = self.0.get("subject").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut trees =
            subjects.iter().filter_map(|one| one.pointer("/digest/gitTree").and_then(Value::as_str));
        if !trees.any(|tree| tree == wanted.tree) {
            return wrong("the receipt is for other files than these".to_owned());
        }
        if self.text("/predicate/verificationResult") != "PASSED" {
            return wrong("the receipt says that the gate was not passed".to_owned());
        }
        if wanted.policy.is_some_and(|policy| self.text("/predicate/policy/digest/sha256") != policy) {
            return wrong(
                "the receipt was made by other rules or another configuration than these".to_owned(),
            );
        }
        let now = time::unix();
        let (Some(made), Some(ends)) =
            (time::parse(self.text("/predicate/timeVerified")), time::parse(self.text("/predicate/expires")))
        else {
            return wrong("the receipt does not say when it was made and until when it holds".to_owned());
        };
        let ends = max_age.map_or(ends, |age| ends.min(made.saturating_add(age.as_secs())));
        // A clock that runs a little ahead elsewhere is no forgery.
        if made > now + 300 {
            return wrong("the receipt is from the future".to_owned());
        }
        if now >= ends {
            return wrong(format!("the receipt expired at {}", time::rfc3339(ends)));
        }
        Ok(())
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or("")
    }
}

/// The signature of a receipt.
///
/// # Errors
/// `ssh-keygen` is not there, or does not take the key.
pub(crate) fn sign(runner: &mut dyn Runner, key: &Path, receipt: &[u8]) -> Result<String, ReceiptError> {
    let key = absolute(key)?;
    keygen(runner, &["ssh-keygen", "-Y", "sign", "-q", "-f", &key, "-n", NAMESPACE], receipt.to_vec())
        .map_err(|why| {
            ReceiptError(format!("it cannot be signed (ssh-keygen -Y sign): {why}; nothing was written"))
        })
}

/// Where the signature of a receipt stands.
pub(crate) fn signature_of(receipt: &Path) -> PathBuf {
    let mut beside = receipt.as_os_str().to_owned();
    beside.push(".sig");
    beside.into()
}

/// A path as `ssh-keygen` takes it, which does not run where the caller is.
fn absolute(path: &Path) -> Result<String, ReceiptError> {
    let absolute = std::path::absolute(path);
    let absolute = absolute.map_err(|error| ReceiptError(format!("{}: {error}", path.display())))?;
    Ok(absolute.display().to_string())
}

/// Who signed the receipt, among those that `signers` (the text of an allowed signers file) names.
///
/// # Errors
/// Nobody of them did.
pub(crate) fn signer(
    runner: &mut dyn Runner,
    receipt: &[u8],
    signature: &Path,
    signers: &[u8],
    scratch: &Path,
) -> Result<String, ReceiptError> {
    let failed = |error: std::io::Error| ReceiptError(error.to_string());
    if !signature.exists() {
        return Err(ReceiptError(format!("it is not signed: there is no {}", signature.display())));
    }
    files::private_directory(scratch).map_err(failed)?;
    let allowed = scratch.join("allowed_signers");
    files::write_private(&allowed, signers).map_err(failed)?;
    let (allowed, signature) = (absolute(&allowed)?, absolute(signature)?);
    let find = ["ssh-keygen", "-Y", "find-principals", "-s", &signature, "-f", &allowed];
    let bad = |why: String| ReceiptError(format!("the signature is not good (ssh-keygen -Y verify): {why}"));
    let who = keygen(runner, &find, Vec::new()).map_err(bad)?;
    let who = who.lines().next().unwrap_or("").to_owned();
    let check = ["ssh-keygen", "-Y", "verify", "-f", &allowed, "-I", &who, "-n", NAMESPACE, "-s", &signature];
    keygen(runner, &check, receipt.to_vec()).map(|_| who).map_err(bad)
}

/// What `ssh-keygen` writes; else what it says is wrong.
fn keygen(runner: &mut dyn Runner, argv: &[&str], input: Vec<u8>) -> Result<String, String> {
    let argv: Argv = argv.iter().map(|word| (*word).to_owned()).collect();
    let env = crate::runner::allowed(&[], std::env::vars());
    let invocation = Invocation { argv, folder: std::env::temp_dir(), env, input, limit: SIGNING };
    let output = runner.run(&invocation)?;
    if output.succeeded() {
        return Ok(String::from_utf8_lossy(&output.out).into_owned());
    }
    Err(String::from_utf8_lossy(&output.err).lines().next().unwrap_or("no reason given").to_owned())
}
