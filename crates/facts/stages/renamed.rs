//! Files that a stage is asked for under the name of another format.

use source::{EntryKind, directory_of, file_name};
use syntax::dockerfile::{Command, Kind};

use super::{Build, Stage, container_path};
use crate::image::CopyStatus;

/// Endings between which a file is renamed when its language changes.
const FORMATS: &[&str] = &["ts", "mts", "cts", "js", "mjs", "cjs"];

impl Build<'_> {
    /// What becomes of `COPY --from=builder /app/next.config.ts`, where the context gives that folder of the stage a
    /// `next.config.js` alone and no command of the stage names the file; `None` where nothing is known.
    pub(super) fn renamed_in(&self, number: usize, stage: &Stage, source: &str) -> Option<CopyStatus> {
        let path = container_path(source, "");
        let (stem, ending) = file_name(&path).rsplit_once('.')?;
        // A compiler makes `server.js` of `server.ts`; it makes no configuration, and no source.
        let is_never_made = stem.ends_with(".config") || matches!(ending, "ts" | "mts" | "cts");
        if !FORMATS.contains(&ending) || !is_never_made || stage.layout.find(self.inventory, &path).is_some()
        {
            return None;
        }
        let like = stage.layout.sources(&path).find_map(|absent| {
            let folder = directory_of(&absent).to_owned();
            let mut others = self.inventory.below(&folder).iter().filter(|entry| {
                entry.kind == EntryKind::File
                    && directory_of(&entry.path) == folder
                    && file_name(&entry.path)
                        .rsplit_once('.')
                        .is_some_and(|(other, ending)| other == stem && FORMATS.contains(&ending))
            });
            others.next().map(|entry| entry.path.clone())
        })?;
        (!self.is_named_by_a_run(number, file_name(&path)))
            .then_some(CopyStatus::Missing { generated: false, similar: Some(like) })
    }

    /// Whether a RUN instruction of a stage speaks of a file.
    fn is_named_by_a_run(&self, stage: usize, name: &str) -> bool {
        self.dockerfile.instructions_of(stage).any(|(_, instruction)| match &instruction.kind {
            Kind::Run(Command::Shell(text)) => text.value.contains(name),
            Kind::Run(Command::Exec(words)) => words.iter().any(|word| word.value.contains(name)),
            _ => false,
        })
    }
}
