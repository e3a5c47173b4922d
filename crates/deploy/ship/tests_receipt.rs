//! Receipts: for whom they speak, and who is believed.

use super::tests::{TWO, Told, Yard};
use super::*;

/// A key for signing; none, with a word on it, where nothing here makes one.
fn keygen(yard: &Yard, name: &str) -> Option<PathBuf> {
    let key = yard.trial.outside(name);
    #[expect(clippy::disallowed_methods, reason = "keys for the test")]
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: there is no ssh-keygen here");
        return None;
    }
    Some(key)
}

#[test]
fn a_receipt_is_for_these_files_only() {
    let yard = Yard::new(TWO);
    let receipt = make_receipt(&yard.request()).unwrap();
    let file = yard.trial.outside("receipt.json");
    write_receipt(&yard.request(), &receipt, &file, None).unwrap();
    // Nothing is wrong with it but that anybody could have written it.
    let unsigned = verify_receipt(&yard.request(), &file, None).unwrap_err();
    assert!(unsigned.0.contains("it is for this commit and target, but nobody is named"), "{unsigned}");
    let other = Request { target: "production".to_owned(), ..yard.request() };
    assert!(verify_receipt(&other, &file, None).unwrap_err().0.contains("for the target `staging`"));
    for (pointer, value, why) in [
        ("/predicate/expires", "2020-01-01T00:00:00Z", "expired"),
        ("/predicate/timeVerified", "2999-01-01T00:00:00Z", "future"),
        ("/predicate/verificationResult", "FAILED", "not passed"),
    ] {
        let mut other: serde_json::Value = serde_json::from_slice(&receipt.bytes()).unwrap();
        *other.pointer_mut(pointer).unwrap() = value.into();
        let altered = yard.trial.outside("altered.json");
        std::fs::write(&altered, other.to_string()).unwrap();
        assert!(verify_receipt(&yard.request(), &altered, None).unwrap_err().0.contains(why), "{pointer}");
    }
    yard.trial.write("more", "");
    yard.trial.record();
    assert!(verify_receipt(&yard.request(), &file, None).unwrap_err().0.contains("other files"));
}

#[test]
fn a_signature_counts_only_from_those_who_are_allowed() {
    let yard = Yard::new(TWO);
    let (Some(key), Some(other)) = (keygen(&yard, "key"), keygen(&yard, "other")) else { return };
    let public = crate::trial::text(&key.with_extension("pub"));
    let signers = format!("ci@example.org namespaces=\"shipworthy-receipt\" {public}");
    let required =
        format!("{TWO}[gate.receipt]\nci_required = [\"staging\"]\nallowed_signers = \"main:signers\"\n");
    let yard = Yard::with(&required, &[("signers", &signers)]);
    assert!(yard.deploy().problems[0].message.contains("needs a signed receipt"));
    let plain = Request { from: Some("HEAD".to_owned()), ..yard.request() };
    let made = || make_receipt(&plain).unwrap();
    let file = yard.trial.outside("receipt.json");
    for (signer, exit) in [(&other, Exit::Unsure), (&key, Exit::Done)] {
        write_receipt(&plain, &made(), &file, Some(signer)).unwrap();
        let request = Request { receipt: Some(file.clone()), ..plain.clone() };
        let report = deploy(&request, &mut Told::default());
        assert_eq!(report.exit, exit, "{:?}", report.problems);
    }
    // A change that names its own signer vouches for itself; only the protected branch names them.
    yard.trial.git(&["checkout", "-q", "-b", "side"]);
    let own = format!("ci@example.org {}", crate::trial::text(&other.with_extension("pub")));
    yard.trial.write("signers", &own);
    yard.trial.record();
    write_receipt(&plain, &made(), &file, Some(&other)).unwrap();
    let request = Request { receipt: Some(file.clone()), ..plain.clone() };
    assert_eq!(deploy(&request, &mut Told::default()).exit, Exit::Unsure);
    yard.trial.git(&["checkout", "-q", "main"]);
    write_receipt(&plain, &made(), &file, Some(&key)).unwrap();
    let tampered = crate::trial::text(&file).replace("\"files\": ", "\"files\": 1");
    std::fs::write(&file, tampered).unwrap();
    let request = Request { receipt: Some(file), ..plain };
    assert_eq!(deploy(&request, &mut Told::default()).exit, Exit::Unsure);
}

#[test]
fn who_is_believed_stands_on_the_protected_branch() {
    let named = format!(
        "{TWO}[gate]\nrequire_up_to_date = \"main\"\n[gate.receipt]\nallowed_signers = \"main:signers\"\n"
    );
    let yard = Yard::with(&named, &[("signers", "")]);
    let (Some(key), Some(other)) = (keygen(&yard, "key"), keygen(&yard, "other")) else { return };
    let public = |key: &Path| crate::trial::text(&key.with_extension("pub"));
    yard.trial.write("signers", &format!("ci@example.org {}", public(&key)));
    yard.trial.record();
    yard.trial.git(&["checkout", "-q", "-b", "side"]);
    yard.trial.write("own", &format!("attacker@example.org {}", public(&other)));
    let text = crate::trial::text(&yard.trial.path().join("shipworthy.toml"));
    yard.trial.write("shipworthy.toml", &text.replace("main:signers", "side:own"));
    yard.trial.record();
    yard.trial.git(&["checkout", "-q", "main"]);
    let receipt = make_receipt(&yard.request()).unwrap();
    let file = yard.trial.outside("receipt.json");
    let request = yard.request();
    write_receipt(&request, &receipt, &file, Some(&other)).unwrap();
    assert!(verify_receipt(&request, &file, None).unwrap_err().0.contains("not good"));
    write_receipt(&request, &receipt, &file, Some(&key)).unwrap();
    assert_eq!(verify_receipt(&request, &file, None), Ok("ci@example.org".to_owned()));
    // The change names its own signer, and vouches for itself.
    let text = crate::trial::text(&file).replace(receipt_tree(&receipt), yard.trial.commit("side").tree_id());
    std::fs::write(&file, text).unwrap();
    let forged = read_receipt(&file).unwrap();
    write_receipt(&request, &forged, &file, Some(&other)).unwrap();
    yard.trial.git(&["checkout", "-q", "side"]);
    assert!(verify_receipt(&request, &file, None).unwrap_err().0.contains("not good"));
}

fn receipt_tree(receipt: &Receipt) -> &str {
    receipt.text("/subject/0/digest/gitTree")
}

#[cfg(unix)]
#[test]
fn a_program_of_the_work_tree_neither_signs_nor_verifies() {
    let yard = Yard::new(TWO);
    yard.trial.script("bin/ssh-keygen", "#!/bin/sh\necho attacker@example\n");
    yard.trial.write("signers", "");
    yard.trial.record();
    let path = yard.trial.path().join("bin").into_os_string();
    let request = Request { path: Some(path), ..yard.request() };
    let receipt = make_receipt(&request).unwrap();
    let file = yard.trial.outside("receipt.json");
    let signers = yard.trial.path().join("signers");
    let told = |answer: Result<(), ReceiptError>| answer.unwrap_err().0;
    for why in [
        told(write_receipt(&request, &receipt, &file, Some(Path::new("key")))),
        told({
            write_receipt(&request, &receipt, &file, None).unwrap();
            std::fs::write(crate::receipt::signature_of(&file), "").unwrap();
            verify_receipt(&request, &file, Some(&signers)).map(drop)
        }),
    ] {
        assert!(why.contains("inside the work tree"), "{why}");
    }
}

/// A path means what it means where the caller is, and no receipt is left that looks as if it were signed.
#[test]
fn paths_are_those_of_the_caller_and_nothing_unsigned_is_left() {
    let yard = Yard::new(TWO);
    let Some(key) = keygen(&yard, "key") else { return };
    let receipt = make_receipt(&yard.request()).unwrap();
    let folder = tempfile::Builder::new().tempdir_in(".").unwrap();
    let here = Path::new(folder.path().file_name().unwrap());
    let (file, own) = (here.join("receipt.json"), here.join("key"));
    let missing = write_receipt(&yard.request(), &receipt, &file, Some(&own)).unwrap_err();
    assert!(missing.0.contains("cannot be signed"), "{missing}");
    assert!(!file.exists() && !crate::receipt::signature_of(&file).exists());
    std::fs::copy(&key, &own).unwrap();
    crate::files::set_mode(&own, 0o600).unwrap();
    write_receipt(&yard.request(), &receipt, &file, Some(&own)).unwrap();
    let signers = here.join("signers");
    let public = crate::trial::text(&key.with_extension("pub"));
    std::fs::write(&signers, format!("ci@example.org {public}")).unwrap();
    assert_eq!(verify_receipt(&yard.request(), &file, Some(&signers)), Ok("ci@example.org".to_owned()));
    // Without a key the signature of the one before is gone.
    write_receipt(&yard.request(), &receipt, &file, None).unwrap();
    let unsigned = verify_receipt(&yard.request(), &file, Some(&signers)).unwrap_err();
    assert!(unsigned.0.contains("it is not signed"), "{unsigned}");
}
