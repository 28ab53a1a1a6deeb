//! Damaged files: every truncation and every changed byte of small files is an error or a model, and never a panic.

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use stackprop::{BatchNorm, Chain, Dense, Dropout, Network, Relu};
use stackprop_kit::import::{onnx, safetensors};
use stackprop_kit::model::parse_type;
use stackprop_kit::rust;

fn data(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

/// Every truncation, and every byte changed in three ways.
fn damaged(file: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let cut = (0..file.len()).map(|length| file[..length].to_vec());
    let changes: [fn(u8) -> u8; 3] = [|b| b ^ 0x80, |b| b.wrapping_add(1), |_| 0xff];
    let changed = (0..file.len()).flat_map(move |place| {
        changes.map(|change| {
            let mut bytes = file.to_vec();
            bytes[place] = change(bytes[place]);
            bytes
        })
    });
    cut.chain(changed)
}

#[test]
fn onnx_files() {
    let external = data("torch_external.onnx.data");
    for name in ["skl_bin.onnx", "torch_external.onnx"] {
        for bytes in damaged(&data(name)) {
            if let Ok(imported) = onnx::parse(&bytes, &|_| Some(external.clone())) {
                imported.model.check().unwrap();
            }
        }
    }
}

/// A checkpoint of a small network.
fn checkpoint() -> Vec<u8> {
    let mut file = vec![];
    let write = |bytes: &[u8]| {
        file.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    };
    type Net = Network<2, Chain![BatchNorm<2>, Dense<2, 3, Relu>, Dropout<20>, Dense<3, 1>]>;
    stackprop::checkpoint::save(&Net::zeros(), &(), &(), write).unwrap();
    file
}

#[test]
fn safetensors_files() {
    let options = safetensors::Options { activations: Some(vec!["relu".into()]), modules: None };
    for (file, options) in [
        (data("tor.safetensors"), options),
        (data("sb3_pendulum_normalised.safetensors"), safetensors::Options::default()),
    ] {
        assert!(safetensors::parse(&file, &options).is_ok());
        // The numbers themselves may be anything: the header, and some of them.
        let header = u64::from_le_bytes(*file.first_chunk().unwrap()) as usize + 8;
        for bytes in damaged(&file).take(file.len() + 3 * (header + 16)) {
            if let Ok(imported) = safetensors::parse(&bytes, &options) {
                imported.model.check().unwrap();
            }
        }
    }
}

/// Its checksum finds each changed byte. With a checksum that is right again, it is as any other file.
#[test]
fn checkpoints() {
    let (file, options) = (checkpoint(), safetensors::Options::default());
    assert!(safetensors::parse(&file, &options).is_ok());
    for mut bytes in damaged(&file) {
        assert!(safetensors::parse(&bytes, &options).is_err());
        if let Some((covered, sum)) = bytes.split_last_chunk_mut::<4>() {
            *sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(covered).to_le_bytes();
        }
        if let Ok(imported) = safetensors::parse(&bytes, &options) {
            imported.model.check().unwrap();
        }
    }
}

/// Files with random damage. `cargo test --release --test hostile -- --ignored --nocapture`; the number of rounds is the
/// environment variable `ROUNDS`.
#[test]
#[ignore = "slow"]
fn random_damage() {
    let rounds: usize = std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut state = 1_u64;
    let mut random = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n.max(1)
    };
    let (mut tried, mut imported) = (0, 0);
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        let (file, is_onnx) = match path.extension().and_then(|extension| extension.to_str()) {
            Some("onnx") => (fs::read(&path).unwrap(), true),
            Some("safetensors") => (fs::read(&path).unwrap(), false),
            _ => continue,
        };
        for _ in 0..rounds {
            let mut bytes = file.clone();
            for _ in 0..1 + random(4) {
                let (place, other, length) = (random(bytes.len()), random(bytes.len()), random(32));
                match random(4) {
                    0 => bytes[place] = random(256) as u8,
                    1 => bytes[place] ^= 1 << random(8),
                    2 => drop(bytes.drain(place..(place + length).min(bytes.len()))),
                    _ => {
                        let copy = bytes[other..(other + length).min(bytes.len())].to_vec();
                        bytes.splice(place..place, copy);
                    }
                }
            }
            let result = match is_onnx {
                true => onnx::parse(&bytes, &|_| None).ok(),
                false => safetensors::parse(&bytes, &safetensors::Options::default()).ok(),
            };
            tried += 1;
            if let Some(result) = result {
                result.model.check().unwrap();
                imported += 1;
            }
        }
    }
    println!("{tried} damaged files, of which {imported} were imported");
}

/// A name in a file cannot end the comment that it is in, nor reorder its text.
#[test]
fn notes_are_comments() {
    let model = parse_type("Network<1, Chain![Dense<1, 1>]>", 2).unwrap();
    let notes = ["cut off ZipMap `a\n}\nfn main() {\r\u{2028}\u{202e}`: it's \"labels\"".into()];
    let options =
        rust::Options { name: "Net", command: "stackprop import a\nb", notes: &notes, force: false };
    let source = rust::source(&model, &options).unwrap();
    let comment: Vec<&str> = source.lines().take_while(|line| line.starts_with("//!")).collect();
    assert_eq!(source.lines().nth(comment.len()), Some(""));
    assert_eq!(source.lines().nth(comment.len() + 1), Some("use stackprop::weights::Example;"));
    assert!(comment.contains(&r"//! stackprop import a\nb"), "{source}");
    assert_eq!(
        comment.last(),
        Some(&r#"//! - cut off ZipMap `a\n}\nfn main() {\r\u{2028}\u{202e}`: it's "labels""#)
    );
}
