//! The threads that do the work.

/// The stack of each thread in bytes. Hostile input makes syntax trees deep; pages that are not touched cost nothing.
const STACK: usize = 256 << 20;

/// Runs `work` on a pool of its own, with as many threads as asked for.
pub(crate) fn run<T: Send>(threads: Option<u16>, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .num_threads(threads.map_or(0, usize::from))
        .build()
        .map_err(|error| format!("cannot start threads: {error}"))?;
    Ok(pool.install(work))
}
