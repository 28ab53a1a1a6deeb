//! Files that are there as a whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The start of the names of files that are not complete.
pub(crate) const INCOMPLETE: &str = ".incomplete-";

/// Writes a file, or replaces it, so that it is there as a whole or not at all, whatever ends the program.
///
/// The content goes to another file in the same directory, and from the system's memory to the disk; then the file gets its
/// name, and the directory goes to the disk. If anything of that fails, what was there before is as it was.
pub(crate) fn write_in_one_step(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    // As other new files: readable for all whom the user's mask allows.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.prefix(INCOMPLETE).tempfile_in(directory)?;
    let mut buffered = BufWriter::new(file.as_file());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // Other systems do not open directories as files.
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    Ok(())
}
