//! Deployments of infrastructure with the real Terraform, where it is there.

use super::tests::{Told, Yard, ends};
use super::*;

/// Terraform with one resource, whose state is kept beside the repository.
struct Site {
    yard: Yard,
}

impl Site {
    /// None where there is no Terraform.
    fn new(more: &str) -> Option<Self> {
        let found = std::env::var_os("PATH").and_then(|path| {
            std::env::split_paths(&path).find(|directory| directory.join("terraform").is_file())
        });
        if found.is_none() {
            println!("skipped: there is no terraform here");
            return None;
        }
        let target = "provider = \"terraform\"\nenv = { TF_CLI_CONFIG_FILE = \"/dev/null\" }\n[[target.staging.infra]]\nkind = \"terraform\"\n\
                      dir = \"tf\"\nvar_file = \"staging.tfvars\"\nprotected = [\"terraform_data.main\"]\n";
        let site = Self { yard: Yard::new(target) };
        site.write("one", more);
        Some(site)
    }

    fn write(&self, size: &str, more: &str) {
        let state = self.yard.trial.outside("terraform.tfstate");
        let text = format!(
            "terraform {{\n  backend \"local\" {{\n    path = \"{}\"\n  }}\n}}\nvariable \"size\" {{\n  type = string\n}}\n\
             resource \"terraform_data\" \"main\" {{\n  input = var.size\n}}\n{more}\n",
            state.display()
        );
        self.yard.trial.write("tf/main.tf", &text);
        self.yard.trial.write("tf/staging.tfvars", &format!("size = \"{size}\"\n"));
        self.yard.trial.record();
    }

    fn state(&self) -> String {
        crate::trial::text(&self.yard.trial.outside("terraform.tfstate"))
    }
}

#[test]
fn exactly_the_saved_plan_is_applied() {
    let Some(site) = Site::new("") else { return };
    // Nobody has judged a file that git ignores; Terraform would read it in the work tree.
    site.yard.trial.write(".gitignore", "*.auto.tfvars\n");
    site.yard.trial.record();
    site.yard.trial.write("tf/mine.auto.tfvars", "size = \"mine\"\n");
    let report = site.yard.deploy();
    assert_eq!(ends(&report), (State::Done, Exit::Done), "{:?}", report.problems);
    assert!(site.state().contains("\"one\"") && !site.state().contains("\"mine\""));
    let before = site.state();
    assert_eq!(site.yard.deploy().exit, Exit::Done);
    assert_eq!(site.state(), before);
}

#[test]
fn what_is_protected_or_does_not_hold_is_refused() {
    let Some(site) = Site::new("") else { return };
    assert_eq!(site.yard.deploy().exit, Exit::Done);
    let before = site.state();
    let refused = |what: &str| {
        let report = site.yard.deploy();
        assert_eq!(ends(&report), (State::FailedSafe, Exit::Failed), "{what}");
        assert!(report.problems[0].message.contains(what), "{:?}", report.problems);
        assert_eq!(site.state(), before);
    };
    let other = "resource \"terraform_data\" \"other\" {}\n";
    let text = crate::trial::text(&site.yard.trial.path().join("tf/main.tf"));
    site.yard
        .trial
        .write("tf/main.tf", &text.replace("\"terraform_data\" \"main\"", "\"terraform_data\" \"renamed\""));
    site.yard.trial.record();
    refused("terraform_data.main is protected");
    site.write("one", &format!("{other}check \"size\" {{\n  assert {{\n    condition = var.size == \"two\"\n    error_message = \"x\"\n  }}\n}}"));
    refused("does not hold");
}

#[test]
fn a_stale_plan_and_drift_are_refused() {
    struct StopBefore(usize);
    impl Progress for StopBefore {
        fn tell(&mut self, _line: &str) {}
        fn stop(&mut self) -> bool {
            self.0 -= 1;
            self.0 == 0
        }
    }
    let Some(site) = Site::new("") else { return };
    assert_eq!(site.yard.deploy().exit, Exit::Done);
    site.write("two", "");
    let stopped = deploy(&site.yard.request(), &mut StopBefore(3));
    assert_eq!(stopped.exit, Exit::Interrupted);
    let id = stopped.deploy.unwrap();
    // Another plan than the one that was judged.
    let plan = site.yard.own(&format!("out/{id}/infra-1.tfplan"));
    assert!(plan.is_file());
    std::fs::write(&plan, "another").unwrap();
    let report = resume(&site.yard.request(), &id, &mut Told::default());
    assert!(report.problems[0].message.contains("not the one that was judged"), "{:?}", report.problems);
    let stopped = deploy(&site.yard.request(), &mut StopBefore(3));
    assert_eq!(stopped.exit, Exit::Interrupted);
    // Somebody else changes the infrastructure in between.
    let other = site.state().replace("\"serial\": ", "\"serial\": 9");
    std::fs::write(site.yard.trial.outside("terraform.tfstate"), other).unwrap();
    let report = resume(&site.yard.request(), &stopped.deploy.unwrap(), &mut Told::default());
    assert_eq!(report.exit, Exit::Failed);
    assert!(report.problems[0].message.contains("stale"), "{:?}", report.problems);
    site.write("three", "resource \"terraform_data\" \"clock\" {\n  input = timestamp()\n}\n");
    let report = site.yard.deploy();
    assert_eq!(report.exit, Exit::Failed);
    assert!(report.problems[0].message.contains("not as planned"), "{:?}", report.problems);
}
