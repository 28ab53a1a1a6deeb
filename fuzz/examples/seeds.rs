//! Writes the seeds of the targets whose files this crate writes: `cargo run --example seeds DIRECTORY`.

use std::path::Path;
use std::{env, fs, io};

use stackprop_fuzz::{checkpoint, weights};

fn main() -> io::Result<()> {
    let directory = env::args().nth(1).unwrap_or_else(|| "corpus".into());
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let directory = Path::new(&directory).join(target);
        fs::create_dir_all(&directory)?;
        fs::write(directory.join(name), bytes)
    };
    write("safetensors", "f32.safetensors", &weights::saved(&weights::numbered::<f32>()))?;
    write("safetensors", "f64.safetensors", &weights::saved(&weights::numbered::<f64>()))?;
    write("checkpoint", "run.safetensors", &checkpoint::Run::new().saved())?;
    write("idx", "labels", &[&[0, 0, 8, 1, 0, 0, 0, 2][..], &[7, 9]].concat())?;
    write("idx", "images", &[&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2][..], &[1, 2, 3, 4]].concat())?;
    let mut zipped = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    io::Write::write_all(&mut zipped, &[0, 0, 8, 1, 0, 0, 0, 2, 7, 9])?;
    write("idx", "labels.gz", &zipped.finish()?)?;
    let every = "Network<3, Chain![Standardize<3>, Dense<3, 4, LeakyRelu<200>>, BatchNorm<4>, PRelu<4>, \
                 PRelu<4, 4>, LayerNorm<4>, Dense<4, 4, Elu<500>>, Dense<4, 2>]>";
    write("model_type", "every", every.as_bytes())
}
