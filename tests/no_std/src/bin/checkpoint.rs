//! A run into a file and back, and a network's self-test, without a heap. Exit code 0 if the run goes on with the same bits.
#![no_std]
#![no_main]

use core::hint::black_box;

use no_std_programs::File;

use stackprop::checkpoint::{load, load_network, save};
use stackprop::weights::{Example, Names};
use stackprop::{
    Adam, Chain, Dense, InPlaceTrainer, Network, Parameters, Quadratic, Relu, Residual, Tanh, Trainer,
    example, weights,
};

type Net = Network<2, Chain![Dense<2, 3, Tanh>, Residual<Dense<3, 3, Relu>>, Dense<3, 1>]>;
type Training = Trainer<Net, Adam, 2>;
type InPlace = InPlaceTrainer<Net, Adam, 2>;

type Classifier = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>;

static FILE: &[u8] = include_bytes!("../../../data/example.safetensors");
static COMPILED: Classifier = weights!("../../../data/example.safetensors");
static EXAMPLE: Example<[f32; 4], [f32; 3]> = example!("../../../data/example.safetensors");

/// The outputs are exact in both classes of numerics.
fn tests_itself() -> Option<bool> {
    let read = Example::read(black_box(FILE)).ok()?;
    let mut network = Classifier::zeros();
    let all_zero = network.verify(black_box(&read));
    network.load(black_box(FILE), Names::Sequential).ok()?;
    Some(
        read == EXAMPLE
            && COMPILED.verify(&EXAMPLE).is_ok()
            && network.verify(&read).is_ok()
            && all_zero.is_err(),
    )
}

fn goes_on() -> Option<bool> {
    let (adam, data) = (Adam::default(), [([1.0, 0.5], [2.0]), ([0.0, -1.0], [1.0])]);
    let (mut network, mut trainer) = (Net::zeros(), Training::zeros());
    network.layers.0.weight = black_box([[0.5, -1.0, 2.0], [0.25, 3.0, -0.125]]);
    trainer.step(&mut network, &adam, &Quadratic, &data).ok()?;
    let mut file = File::EMPTY;
    save(&network, &trainer, &black_box((7_u64, [1_u8; 3])), |bytes| file.write(bytes)).ok()?;
    let before = network.checksum();
    trainer.step(&mut network, &adam, &Quadratic, &data).ok()?;

    let (mut resumed, mut in_place, mut own) = (Net::zeros(), InPlace::zeros(), (0_u64, [0_u8; 3]));
    let bytes = file.bytes.get_mut(..file.len)?;
    load_network(&mut resumed, black_box(bytes)).ok()?;
    let loaded = resumed.checksum() == before;
    load(&mut resumed, &mut in_place, &mut own, black_box(bytes)).ok()?;
    in_place.step(&mut resumed, &adam, &Quadratic, &data).ok()?;
    *bytes.last_mut()? ^= 1;
    let damaged = load(&mut resumed, &mut in_place, &mut own, black_box(bytes)).is_err();
    Some(loaded && resumed.checksum() == network.checksum() && own == (7, [1; 3]) && damaged)
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    i32::from(!(goes_on() == Some(true) && tests_itself() == Some(true)))
}
