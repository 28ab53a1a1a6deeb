//! `stackprop export`

use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use stackprop_kit::c;
use stackprop_kit::import::Imported;

use super::source::Source;

/// Export a model as C, for a program without Rust.
///
/// Takes what `stackprop import` takes. Writes DIR/NAME.h and DIR/NAME.c, with a function that has the bits of stackprop's
/// outputs and one that checks that:
///
///     void NAME_predict(const float input[NAME_INPUTS], float output[NAME_OUTPUTS]);
///     int NAME_verify(void);
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,

    /// Write C99 to this directory.
    #[arg(long = "c", value_name = "DIR")]
    directory: PathBuf,

    /// What the names of the files and functions begin with [default: the name of the model's file].
    #[arg(long)]
    name: Option<String>,

    /// Replace DIR/NAME.h and DIR/NAME.c even if `stackprop export` did not write them.
    #[arg(long)]
    force: bool,
}

impl Arguments {
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        let Self { source, directory, name, force } = self;
        let Imported { model, notes } = source.import()?;
        let name = name.unwrap_or_else(|| name_of(&source.model));
        let files = c::export(&model, &name)
            .map_err(|error| format!("{}: {}", source.model.display(), advice(error)))?;
        let files = [("h", files.header), ("c", files.source)]
            .map(|(extension, text)| (directory.join(format!("{name}.{extension}")), text));
        fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        for (path, _) in &files {
            source.spare(path)?;
            if !force {
                check_replaceable(path)?;
            }
        }
        notes.iter().for_each(|note| println!("note: {note}"));
        for (path, text) in files {
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
            println!("wrote {}", path.display());
        }
        println!("Compile {name}.c with -std=c99 -ffp-contract=off, and call {name}_verify() once.");
        Ok(())
    }
}

/// The error, with the option that avoids it.
fn advice(error: c::Error) -> String {
    match error {
        c::Error::Name(_) => format!("{error}: give one with `--name`"),
        _ => error.to_string(),
    }
}

/// Refuses to replace a file that was not generated.
fn check_replaceable(path: &Path) -> Result<(), String> {
    match fs::read(path) {
        Ok(text) if c::is_generated(&text) => Ok(()),
        Ok(_) => Err(format!(
            "{} is there, and was not written by `stackprop export`: it is replaced only with `--force`",
            path.display()
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

/// The name of a file without its extension, as a name in C.
fn name_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
