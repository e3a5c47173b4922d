//! `shipworthy receipt`.

use std::path::Path;

use ::deploy::ship::{self, Request};
use ::deploy::{Exit, ReceiptError};

use crate::deploy_args::{ReceiptArgs, ReceiptCommand};
use crate::{output, pool, root};

pub(crate) fn run(args: &ReceiptArgs) -> Result<u8, String> {
    let root = root::open(args.common.directory.as_deref())?.tree.root().to_owned();
    let request = Request { root, ..Request::default() };
    match &args.command {
        ReceiptCommand::Create { target, output, key } => {
            create(&Request { target: target.clone(), ..request }, output, key.as_deref())
        }
        ReceiptCommand::Verify { file, target, allowed_signers } => {
            let request = Request { target: target.clone(), ..request };
            verify(&request, file, allowed_signers.as_deref())
        }
        ReceiptCommand::Show { file } => {
            let shown = ship::read_receipt(file).map_err(|error| error.to_string())?;
            output::print(&shown.bytes())?;
            Ok(0)
        }
    }
}

fn create(request: &Request, file: &Path, key: Option<&Path>) -> Result<u8, String> {
    let made = pool::run(None, || {
        ship::make_receipt(request).map_err(|report| {
            let problems = report.problems.iter().map(|problem| problem.message.clone());
            let findings = report.findings.iter().map(|one| format!("{}: {}", one.rule, one.message));
            (report.exit.code(), problems.chain(findings).collect::<Vec<_>>())
        })
    })?;
    match made {
        Ok(receipt) => {
            ship::write_receipt(request, &receipt, file, key).map_err(|error| error.to_string())?;
            output::print(format!("{}: receipt written to {}\n", request.target, file.display()).as_bytes())?;
            Ok(0)
        }
        Err((code, why)) => {
            why.iter().for_each(|line| output::complain(&source::redact::text(line)));
            Ok(code)
        }
    }
}

fn verify(request: &Request, file: &Path, signers: Option<&Path>) -> Result<u8, String> {
    let answer: Result<String, ReceiptError> =
        pool::run(None, || ship::verify_receipt(request, file, signers))?;
    match answer {
        Ok(who) => {
            output::print(format!("{}: good, signed by {who}\n", file.display()).as_bytes())?;
            Ok(0)
        }
        Err(error) => {
            output::complain(&format!("{}: {error}", file.display()));
            Ok(Exit::Unsure.code())
        }
    }
}
