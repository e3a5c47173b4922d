//! The branches that a commit is measured against. What it says of itself is not enough: whoever could take the demand
//! away in the change that is judged would not need to meet it.

use git::{Commit, Repository};
use lint::Config;

use super::candidate::Candidate;
use super::{history, short};

/// A branch that a commit has to contain.
struct Demand {
    /// The branch, as `REMOTE/BRANCH` or `BRANCH`.
    name: String,
    /// Who demands it, where the commit does not do so itself.
    by: Option<String>,
}

impl Candidate<'_> {
    /// The commits of the protected branches, once this one is known to contain them.
    pub(super) fn up_to_date(&self) -> Result<Vec<Commit>, String> {
        let mut protected = Vec::new();
        for demand in self.demands()? {
            protected.extend(self.contained(&demand)?);
        }
        Ok(protected)
    }

    /// Where the allowed signers stand: as the protected branch says where there is one, for the commit could name others.
    pub(super) fn allowed_signers(&self) -> Result<Option<String>, String> {
        let of = |commit: &Commit| {
            let gate = Config::load(commit).other.get("gate")?.clone();
            gate.get("receipt")?.get("allowed_signers")?.as_str().map(str::to_owned)
        };
        match self.up_to_date()?.first() {
            Some(protected) => Ok(of(protected)),
            None => Ok(self.gate.receipt.allowed_signers.clone()),
        }
    }

    /// What the commit demands itself, what the last deployment to the target demanded, and what the branch demands that
    /// a remote calls its first.
    fn demands(&self) -> Result<Vec<Demand>, String> {
        let own = self.gate.require_up_to_date.clone().map(|name| Demand { name, by: None });
        let mut demands: Vec<Demand> = own.into_iter().collect();
        let target = &self.target.name;
        let before = history::of(&self.opened.places(), Some(target)).map_err(|error| error.to_string())?;
        let last = before.into_iter().next_back().and_then(|last| last.plan.require_up_to_date);
        let others = last.map(|name| (name, format!("the last deployment to `{target}`")));
        for (name, by) in others.into_iter().chain(self.of_first_branches()?) {
            if demands.iter().all(|known| known.name != name) {
                demands.push(Demand { name, by: Some(by) });
            }
        }
        Ok(demands)
    }

    /// What the first branch of each remote demands, as far as this clone knows it.
    fn of_first_branches(&self) -> Result<Vec<(String, String)>, String> {
        let repository = &self.opened.repository;
        let remotes = repository.remotes().map_err(|error| error.to_string())?;
        let known = remotes.iter().filter_map(|remote| first_branch(repository, remote));
        Ok(known
            .filter_map(|branch| Some((demanded_by(repository, &branch)?, format!("`{branch}`"))))
            .collect())
    }

    /// The commit of a branch, which this one must contain. A branch that is not there any more is protected by nobody:
    /// only where the commit itself names it is that a mistake.
    fn contained(&self, demand: &Demand) -> Result<Option<Commit>, String> {
        let (repository, name) = (&self.opened.repository, &demand.name);
        let by = demand.by.as_ref().map(|by| format!(" (demanded by {by})")).unwrap_or_default();
        let Some(id) = head_of(repository, name).map_err(|why| format!("{why}{by}"))? else {
            return match demand.by {
                Some(_) => Ok(None),
                None => Err(format!("`require_up_to_date`: there is no branch `{name}`")),
            };
        };
        if !repository.contains(self.commit.id(), &id).unwrap_or(false) {
            return Err(format!(
                "commit {} does not contain `{name}`, which is at {}{by}: deploying it would undo later changes; fetch, \
                 and merge or rebase",
                short(self.commit.id()),
                short(&id)
            ));
        }
        Commit::open(repository, &id).map(Some).map_err(|error| error.to_string())
    }
}

/// The commit that a branch points to; of a branch of a remote the remote itself is asked.
fn head_of(repository: &Repository, name: &str) -> Result<Option<String>, String> {
    let remotes = repository.remotes().map_err(|error| error.to_string())?;
    let of_remote = remotes.iter().find_map(|remote| {
        let branch = name.strip_prefix(remote.as_str())?.strip_prefix('/')?;
        Some((remote, branch))
    });
    match of_remote {
        Some((remote, branch)) => repository
            .remote_head(remote, branch)
            .map_err(|error| format!("whether `{name}` has moved cannot be told: {error}")),
        None => Ok(repository.commit_id(name).ok()),
    }
}

/// The branch that a remote calls its first; without that, the one that is most often called so.
fn first_branch(repository: &Repository, remote: &str) -> Option<String> {
    let names = ["HEAD", "main", "master"].map(|branch| format!("{remote}/{branch}"));
    names.into_iter().find(|name| repository.commit_id(&format!("refs/remotes/{name}")).is_ok())
}

/// What `[gate] require_up_to_date` says in a branch of a remote.
fn demanded_by(repository: &Repository, branch: &str) -> Option<String> {
    let commit = Commit::open(repository, &format!("refs/remotes/{branch}")).ok()?;
    let config = Config::load(&commit);
    config.other.get("gate")?.get("require_up_to_date")?.as_str().map(str::to_owned)
}
