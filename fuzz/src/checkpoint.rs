//! Checkpoints: a damaged one is refused and changes nothing, or it is another one, which is restored exactly.

use std::convert::Infallible;
use std::sync::LazyLock;

use crc::{CRC_32_ISO_HDLC, Crc};
use safetensors::SafeTensors as Oracle;
use safetensors::tensor::Dtype;
use stackprop::checkpoint;
use stackprop::{BatchNorm, Chain, Dense, Momentum, Network, Persist, Relu, Trainer};

use crate::{bits, state_bits};

/// A network with weights and statistics.
pub type Net = Network<1, Chain![Dense<1, 2, Relu>, BatchNorm<2>]>;

/// What is loaded into.
static START: LazyLock<Run> = LazyLock::new(Run::new);

/// Everything that a checkpoint restores.
#[derive(Clone)]
pub struct Run {
    network: Net,
    trainer: Trainer<Net, Momentum, 2>,
    own: (u64, [f64; 2]),
}

impl Run {
    /// A run after some steps.
    pub fn new() -> Self {
        let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Momentum, 2>::zeros());
        network.layers.0.weight = [[0.5, -1.0]];
        let data = [([1.0], [2.0, 0.5]), ([-0.5], [-1.0, 0.25])];
        for _ in 0..3 {
            let step = trainer.step(&mut network, &Momentum::default(), &stackprop::Quadratic, &data);
            step.expect("small numbers stay finite");
        }
        Self { network, trainer, own: (7, [0.5, -2.0]) }
    }

    fn bits(&self) -> Vec<u64> {
        [bits(&self.network), state_bits(&self.trainer), state_bits(&self.own)].concat()
    }

    /// The file of this run.
    pub fn saved(&self) -> Vec<u8> {
        saved(&self.network, &self.trainer, &self.own)
    }
}

impl Default for Run {
    fn default() -> Self {
        Self::new()
    }
}

fn saved(network: &Net, run: &impl Persist, own: &impl Persist) -> Vec<u8> {
    let mut file = vec![];
    let Ok(()) = checkpoint::save(network, run, own, |bytes| {
        file.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    });
    file
}

/// What must hold for any bytes, also when their checksum is right.
pub fn check(bytes: &[u8]) {
    check_file(bytes);
    check_file(&with_checksum(with_header_length(bytes.to_vec())));
}

/// The same bytes, of which the last four are the checksum of the others.
pub fn with_checksum(mut file: Vec<u8>) -> Vec<u8> {
    if let Some((covered, sum)) = file.split_last_chunk_mut::<4>() {
        *sum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(covered).to_le_bytes();
    }
    file
}

/// The same bytes, of which the first eight are the length of the JSON object after them.
fn with_header_length(mut file: Vec<u8>) -> Vec<u8> {
    if let Some((length, rest)) = file.split_first_chunk_mut::<8>()
        && let Some(end) = rest.windows(2).position(|two| two == b"}}")
    {
        let spaces = rest[end + 2..].iter().take_while(|byte| **byte == b' ').count();
        *length = ((end + 2 + spaces) as u64).to_le_bytes();
    }
    file
}

fn check_file(file: &[u8]) {
    let mut run = START.clone();
    let Run { network, trainer, own } = &mut run;
    match checkpoint::load(network, trainer, own, file) {
        Err(_) => assert!(run.bits() == START.bits(), "an error has changed the run"),
        Ok(()) => is_what_the_file_says(file, &run.saved()),
    }
    let mut network = START.network.clone();
    match checkpoint::load_network(&mut network, file) {
        Err(_) => assert!(network == START.network, "an error has changed the network"),
        Ok(()) => is_what_the_file_says(file, &saved(&network, &(), &())),
    }
}

/// Every tensor of `again`, which was saved from what `file` was loaded into, is in `file` with the same bytes.
fn is_what_the_file_says(file: &[u8], again: &[u8]) {
    let file = Oracle::deserialize(file).expect("loaded, but refused by the oracle");
    let again = Oracle::deserialize(again).expect("saved, but refused by the oracle");
    for (name, tensor) in again.tensors().into_iter().filter(|(name, _)| name != "checksum") {
        let loaded = file.tensor(&name).expect("loaded, but not there");
        assert_eq!(tensor.dtype(), loaded.dtype(), "{name}");
        match (tensor.dtype(), tensor.data().try_into(), loaded.data().try_into()) {
            // The network has the number of samples as an `f32`.
            (Dtype::I64, Ok(saved), Ok(loaded)) => {
                let rounded = i64::from_le_bytes(loaded) as f64 as f32;
                assert_eq!(i64::from_le_bytes(saved), rounded as i64, "{name}");
            }
            _ => assert_eq!(tensor.data(), loaded.data(), "{name}"),
        }
    }
}
