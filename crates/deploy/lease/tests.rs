use super::*;
use crate::trial::Trial;

/// A remote, and clones of it.
struct Team {
    trial: Trial,
    ttl: Duration,
}

impl Team {
    fn new(ttl: u64) -> Self {
        let trial = Trial::with(&[("a", "1")]);
        let remote = trial.outside("remote.git").display().to_string();
        trial.git(&["init", "-q", "--bare", &remote]);
        trial.git(&["remote", "add", "origin", &remote]);
        Self { trial, ttl: Duration::from_secs(ttl) }
    }

    fn place(&self) -> Place {
        Place {
            repository: self.trial.repository(),
            remote: "origin".to_owned(),
            reference: "refs/shipworthy/lock/staging".to_owned(),
            ttl: self.ttl,
        }
    }

    fn take(&self, holder: &str) -> Result<Lease, LeaseError> {
        Lease::take(self.place(), holder, &format!("{holder} deploys"), Duration::ZERO, &Interrupt::default())
    }
}

#[test]
fn one_clone_holds_it_and_the_next_is_told_who() {
    let team = Team::new(60);
    let one = team.take("one").unwrap();
    let Err(LeaseError::Held(who)) = team.take("other") else { panic!("it was given twice") };
    assert!(who.contains("one deploys"), "{who}");
    assert!(matches!(team.place().free("in a hurry"), Err(LeaseError::Held(_))));
    assert_eq!((one.holds(true), one.fence()), (Ok(()), 1));
    one.release();
    assert_eq!(team.take("other").unwrap().fence(), 2);
}

#[test]
fn one_that_nobody_renews_ends_by_itself() {
    let team = Team::new(2);
    let kept = team.take("one").unwrap();
    std::thread::sleep(Duration::from_millis(3_200));
    assert!(matches!(team.take("other"), Err(LeaseError::Held(_))), "it was not renewed");
    drop(kept);
    // The clone itself goes on at once: its own lock says that whoever wrote the lease is gone.
    drop(team.take("one").unwrap());
    std::thread::sleep(Duration::from_millis(3_200));
    assert_eq!(team.take("other").unwrap().fence(), 3);
}

#[test]
fn who_has_lost_it_notices() {
    let team = Team::new(60);
    let one = team.take("one").unwrap();
    let (id, note) = team.place().read().unwrap().unwrap();
    team.place().write(Some(&id), &Note { holder: "other".to_owned(), ..note }).unwrap().unwrap();
    assert_eq!(one.holds(false), Ok(()));
    assert!(one.holds(true).unwrap_err().contains("somebody else"));
}

#[test]
fn without_the_remote_nothing_is_held() {
    let team = Team::new(60);
    team.trial.git(&["remote", "set-url", "origin", "/no/such/remote"]);
    assert!(matches!(team.take("one"), Err(LeaseError::Failed(_))));
}

#[test]
fn one_that_cannot_be_renewed_in_time_is_lost() {
    let team = Team::new(2);
    let one = team.take("one").unwrap();
    team.trial.git(&["remote", "set-url", "origin", "/no/such/remote"]);
    assert_eq!(one.holds(true), Ok(()), "its time is not over yet");
    std::thread::sleep(Duration::from_millis(2_200));
    assert!(one.holds(false).unwrap_err().contains("could not be renewed"));
}
