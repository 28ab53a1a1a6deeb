//! Makes the images' data, `firmware/data/*.bin` (`cargo run --release`), or prints the hashes that the images must
//! print (`cargo run --release -- check`).

use std::{convert::Infallible, env, error::Error, fs, io::Read, path::Path, process::ExitCode};

use flate2::read::GzDecoder;
use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::weights::Names;
use stackprop::{
    Adam, Class, MiniBatches, Numerics, Optimizer, Parameters, SoftmaxCrossEntropy, StepError, Trainer, init,
    numerics,
};

#[path = "../../shared/classifier.rs"]
mod classifier;
#[path = "../../shared/digits.rs"]
mod digits;
#[path = "../../shared/functions.rs"]
mod functions;
#[path = "../../shared/optimizers.rs"]
mod optimizers;
#[path = "../../../tests/reference/mod.rs"]
mod reference;
#[path = "../../shared/training.rs"]
mod training;

use classifier::Classifier;

fn main() -> ExitCode {
    let done = match env::args().nth(1).as_deref() {
        None => make_data(),
        Some("check") => check(),
        Some(_) => Err("usage: stackprop-firmware-host [check]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// 64 pixels from 0 to 16, then the digit that they show.
type Record = [u8; 65];

/// Every fifth image is for testing, as in the example `digits`. The device gets part of the training images and part
/// of the test images; the classifier is trained on all training images.
fn make_data() -> Result<(), Box<dyn Error>> {
    let (mut train, mut test) = (vec![], vec![]);
    for five in read()?.chunks(5) {
        test.push(five[0]);
        train.extend_from_slice(&five[1..]);
    }
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    fs::write(data.join("train.bin"), file(&train[..digits::TRAIN]))?;
    fs::write(data.join("test.bin"), file(&test[..digits::TEST]))?;

    let network = classifier(&train)?;
    let mut weights = vec![];
    network.save_with_example(Names::Sequential, &sample(&test[0]).0, |bytes| {
        weights.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    })?;
    fs::write(data.join("weights.safetensors"), weights)?;
    let right =
        test.iter().map(sample).filter(|(x, class)| stackprop::argmax(&network.predict(x)) == class.index());
    println!("classifier: {} of {} test images right", right.count(), test.len());
    Ok(())
}

/// A file that `shared/digits.rs` reads: the images, then the labels.
fn file(records: &[Record]) -> Vec<u8> {
    let images = records.iter().flat_map(|record| record[..64].iter().copied());
    images.chain(records.iter().map(|record| record[64])).collect()
}

/// Decompresses and parses the data of the example `digits`.
fn read() -> Result<Vec<Record>, Box<dyn Error>> {
    let mut csv = String::new();
    GzDecoder::new(&include_bytes!("../../../examples/data/digits.csv.gz")[..]).read_to_string(&mut csv)?;
    csv.lines()
        .map(|line| {
            let numbers: Vec<u8> = line.split(',').map(str::parse).collect::<Result<_, _>>()?;
            Ok(numbers.try_into().map_err(|_| format!("no digit: {line}"))?)
        })
        .collect()
}

fn sample(record: &Record) -> ([f32; 64], Class<10>) {
    let input = std::array::from_fn(|i| f32::from(record[i]) / 16.0);
    (input, Class::new(record[64].into()).expect("a digit is one of ten"))
}

fn classifier(records: &[Record]) -> Result<Classifier, Box<dyn Error>> {
    let data: Vec<_> = records.iter().map(sample).collect();
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let mut network = Classifier::zeros();
    network.init(&init::KaimingUniform, &mut rng);
    let mut trainer = Trainer::<Classifier, Adam, 16>::zeros();
    let adam = Adam { learning_rate: 0.003, ..Adam::default() };
    for _ in 0..30 {
        trainer.epoch(
            &mut network,
            &adam,
            &SoftmaxCrossEntropy,
            MiniBatches::shuffled(&&data[..], 32, &mut rng),
        )?;
    }
    Ok(network)
}

/// Prints the lines that the images `train`, `optimizers` and `bits` must print.
fn check() -> Result<(), Box<dyn Error>> {
    let class = match numerics() {
        Numerics::Fused => "fused",
        Numerics::Separate => "separate",
    };
    let (mut network, mut trainer) = (training::Net::zeros(), training::Training::zeros());
    training::run(&mut network, &mut trainer)?;
    let right = digits::correct(&network, &digits::test());
    eprintln!("{right} of {} test images right after the run of `train`", digits::TEST);
    let mut each = Each { hash: 0 };
    optimizers::each(&mut each)?;
    each.hash = optimizers::join(each.hash, optimizers::rates());
    let mut of_reference = reference::Net::zeros();
    reference::train::<4>(&mut of_reference);
    println!("hash reference {class} {:016x}", of_reference.checksum());
    println!("hash train {class} {:016x}", network.checksum());
    println!("hash optimizers {class} {:016x}", each.hash);
    println!("hash functions-coarse {class} {:016x}", functions::sweep(functions::COARSE));
    println!("hash functions-fine {class} {:016x}", functions::sweep(functions::FINE));
    Ok(())
}

/// Trains with each optimiser. Prints the checksum of each, to see which differs from the device's.
struct Each {
    hash: u64,
}

impl optimizers::Visitor for Each {
    fn visit<O: Optimizer<f32>>(&mut self, name: &'static str, optimizer: O) -> Result<(), StepError> {
        let (checksum, _) = optimizers::run(&optimizer, || 0)?;
        eprintln!("{name:20} {checksum:016x}");
        self.hash = optimizers::join(self.hash, checksum);
        Ok(())
    }
}
