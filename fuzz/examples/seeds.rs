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
    write("csv", "quoted", b"\x00,a,b,y\r\n\"1\",2e-3,-3\r\n\r\n4,5,\"6\"\r\n")?;
    write("csv", "comments", b"\x06;# by hand\n a ; b; y\n1; 2 ;3\n#4;5;6\n7;8;9\n# the end")?;
    write("csv", "plain", b"\x01\t0.1\t1e308\t5.\n.5\t+1\t-0\n")?;
    write("csv", "refused", b"\x00,a,b,y\n1,nan,3\n1,,3\n1,2\n\"x\n\"\"y\",2,3\n")?;
    let npy = |header: &str, data: &[u8]| {
        [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
    };
    let doubles = [1.0_f64, -0.5, 2.0, 1e-300].map(f64::to_le_bytes).concat();
    write("npy", "doubles", &npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }", &doubles))?;
    write("npy", "fortran", &npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 1, 2), }", &[7; 8]))?;
    let every = "Network<3, Chain![Standardize<3>, Dense<3, 4, LeakyRelu<200>>, BatchNorm<4>, PRelu<4>, \
                 PRelu<4, 4>, LayerNorm<4>, Dense<4, 4, Elu<500>>, Dense<4, 2>]>";
    write("model_type", "every", every.as_bytes())
}
