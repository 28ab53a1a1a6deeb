//! Data sets made from others: parts, folds, random draws, augmentation.
//!
//! `tests/data/splits.txt` says how scikit-learn splits (`tools/golden_splits.py`). Random draws are tested by chi-square, as in
//! `tests/shuffle.rs`.

mod chi_square;
mod tolerances;

use std::borrow::Borrow;

use chi_square::{MOST, chi_square, deviations};
use stackprop::data::augment::{
    Affine, Augment, Erase, FlipHorizontal, FlipVertical, Noise, Scale, Shift, Sometimes,
};
use stackprop::data::{Balanced, DataError, KFold, SampleRng, Statistics, Weighted};
use stackprop::rand::{Rng, SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Chain, Class, Dataset, Dense, Fault, Gradients, MiniBatches, Network, Parameters, Quadratic, Samples,
    SoftmaxCrossEntropy, Standardize, Tanh, Workspace, init, layers,
};

fn generator(seed: u64) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed)
}

fn class<const N: usize>(index: usize) -> Class<N> {
    Class::new(index).unwrap()
}

/// The source index of each sample, which must also be its input.
fn sources(data: &impl Dataset<Input = [usize; 1]>) -> Vec<usize> {
    let mut input = [usize::MAX];
    let all = (0..data.len())
        .map(|index| {
            assert!(data.sample(index, &mut input).is_some());
            assert_eq!(data.source_index(index), input[0]);
            input[0]
        })
        .collect();
    assert!(data.sample(data.len(), &mut input).is_none());
    all
}

fn numbered(samples: usize) -> Vec<([usize; 1], ())> {
    (0..samples).map(|i| ([i], ())).collect()
}

/// Each sample of `0..samples` is in one part.
fn assert_partition(parts: &[Vec<usize>], samples: usize) {
    let mut all = parts.concat();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..samples), "{parts:?}");
}

#[test]
fn parts_are_disjoint_and_complete() {
    for samples in 0..90 {
        let data = numbered(samples);
        let data = data.as_slice();
        let shuffled = data.shuffled(&mut generator(samples as u64));
        for (a, b) in [(0, samples), (samples / 3, samples / 2), (samples, samples)] {
            let counts = [a, b - a, samples - b];
            let parts = data.split_counts(counts).unwrap().map(|part| sources(&part));
            assert!(parts.concat().into_iter().eq(0..samples));
            let parts = shuffled.split_counts(counts).unwrap().map(|part| sources(&part));
            assert_eq!(parts.each_ref().map(Vec::len), counts);
            assert_partition(&parts, samples);
        }
        let ratio = shuffled.split_ratio([7, 2, 1]);
        assert_eq!(ratio.is_ok(), samples >= 10);
        if let Ok(parts) = ratio {
            let again = data.shuffled(&mut generator(samples as u64));
            let parts = parts.map(|part| sources(&part));
            assert_partition(&parts, samples);
            assert_eq!(parts, again.split_ratio([7, 2, 1]).unwrap().map(|part| sources(&part)));
        }
    }
}

#[test]
fn folds_are_disjoint_and_complete() {
    for samples in 2..70 {
        let data = numbered(samples);
        for folds in [2, 3, 5, samples / 2, samples] {
            if folds < 2 || folds > samples {
                continue;
            }
            let shuffled = data.as_slice().shuffled(&mut generator(7));
            for (train, validation) in KFold::new(&shuffled, folds).unwrap() {
                assert_partition(&[sources(&train), sources(&validation)], samples);
            }
            let in_order = KFold::new(data.as_slice(), folds).unwrap();
            let validation: Vec<usize> = in_order.into_iter().flat_map(|(_, part)| sources(&part)).collect();
            assert!(validation.into_iter().eq(0..samples));
            assert!(in_order.fold(folds).is_none());
        }
    }
    for (samples, folds) in [(5, 0), (5, 1), (5, 6), (0, 2)] {
        let error = KFold::new(numbered(samples).as_slice(), folds).map(|_| ()).unwrap_err();
        assert_eq!(error, DataError::Folds { folds, samples });
    }
}

/// The lines of `tests/data/splits.txt`: a word, the numbers before the colon, and those after it.
fn splits_of_scikit_learn() -> Vec<(String, Vec<usize>, Vec<usize>)> {
    let numbers = |text: &str| text.split_whitespace().map(|n| n.parse().unwrap()).collect();
    let line = |line: &str| {
        let (before, after) = line.split_once(':').unwrap();
        let (word, before) = before.split_once(' ').unwrap_or((before, ""));
        (word.to_string(), numbers(before), numbers(after))
    };
    include_str!("data/splits.txt").lines().map(line).collect()
}

type Labelled = Vec<([f32; 1], Class<4>)>;

fn labelled(labels: &[usize]) -> Labelled {
    labels.iter().map(|&label| ([0.0], class(label))).collect()
}

#[test]
fn folds_are_those_of_scikit_learn() {
    let (mut k_folds, mut stratified) = (0, 0);
    let lines = splits_of_scikit_learn();
    for (place, (word, numbers, values)) in lines.iter().enumerate() {
        if word == "k_fold" {
            let data = numbered(numbers[0]);
            let folds = KFold::new(data.as_slice(), numbers[1]).unwrap();
            assert!(folds.into_iter().map(|(_, validation)| validation.len()).eq(values.iter().copied()));
            k_folds += 1;
        } else if word == "stratified" {
            let (data, folds) = (labelled(values), numbers[0]);
            let mut order = vec![0; values.len()];
            let k_fold = KFold::stratified(data.as_slice(), folds, &mut order).unwrap();
            for ((train, validation), (word, _, expected)) in k_fold.into_iter().zip(&lines[place + 1..]) {
                assert_eq!(word, "fold");
                let (train, validation) = (train.class_counts().unwrap(), validation.class_counts().unwrap());
                assert_eq!(&validation[..expected.len()], expected);
                let all = data.class_counts().unwrap();
                assert!((0..4).all(|class| train[class] + validation[class] == all[class]));
                stratified += 1;
            }
        }
    }
    assert_eq!((k_folds, stratified), (9, 34));
}

/// The largest distance of a class from its share of the test part, times the number of samples.
fn worst(test: &[usize], counts: &[usize; 4], test_size: usize) -> usize {
    let samples: usize = counts.iter().sum();
    test.iter().zip(counts).map(|(n, count)| (n * samples).abs_diff(count * test_size)).max().unwrap()
}

#[test]
fn stratified_parts_are_no_worse_than_those_of_scikit_learn() {
    let lines = splits_of_scikit_learn();
    let mut compared = 0;
    for (place, (word, numbers, values)) in lines.iter().enumerate() {
        if word == "split" {
            let (data, test_size) = (labelled(values), numbers[0]);
            let mut order = vec![0; values.len()];
            let ratio = [(values.len() - test_size) as u32, test_size as u32];
            let [train, test] = data.split_stratified(ratio, &mut order).unwrap();
            assert_eq!((train.len(), test.len()), (values.len() - test_size, test_size));
            let (test, counts) = (test.class_counts().unwrap(), data.class_counts().unwrap());
            let ours = worst(&test, &counts, test_size);
            assert!(ours < values.len(), "off by less than one");
            assert!(ours <= worst(&lines[place + 1].2, &counts, test_size));
            compared += 1;
        }
    }
    assert_eq!(compared, 7);
}

#[test]
fn stratified_parts_are_disjoint_and_complete() {
    let rng = &mut generator(3);
    for samples in 12..80 {
        let data: Vec<([usize; 1], Class<3>)> =
            (0..samples).map(|i| ([i], class(rng.next_u32() as usize % 4 % 3))).collect();
        let data = data.as_slice();
        let mut order = vec![0; samples];
        let parts = data.split_stratified([3, 2, 1], &mut order).unwrap();
        let counts = data.class_counts().unwrap();
        for part in &parts {
            for (n, count) in part.class_counts().unwrap().into_iter().zip(counts) {
                assert!((n * samples).abs_diff(count * part.len()) <= samples);
            }
        }
        let parts = parts.map(|part| sources(&part));
        assert!(parts.iter().all(|part| part.is_sorted()));
        assert_partition(&parts, samples);
        let k_fold = KFold::stratified(data, 3, &mut order).unwrap();
        let mut validation = vec![];
        for (_, part) in k_fold {
            for (n, count) in part.class_counts().unwrap().into_iter().zip(counts) {
                assert!(n == count / 3 || n == count.div_ceil(3));
            }
            validation.push(sources(&part));
        }
        assert!(validation.iter().all(|part| part.is_sorted()));
        assert_partition(&validation, samples);
    }
}

#[test]
fn what_cannot_be_stratified_is_an_error() {
    let data = labelled(&[0, 1, 0, 0]);
    let error = data.split_stratified([1, 1], &mut [0; 3]).map(|_| ()).unwrap_err();
    assert_eq!(error, DataError::Buffer { len: 3, samples: 4 });
    let error = KFold::stratified(data.as_slice(), 4, &mut [0; 4]).map(|_| ()).unwrap_err();
    assert_eq!(error, DataError::Folds { folds: 4, samples: 3 }); // no class has four
    assert!(KFold::stratified(data.as_slice(), 3, &mut [0; 4]).is_ok());
    let error = Balanced::new(data.as_slice(), 1, &mut [0; 4]).map(|_| ()).unwrap_err();
    assert_eq!(error, DataError::EmptyClass { class: 2 });
    assert_eq!((&labelled(&[]), &[9_u32; 0]).0.class_counts(), Ok([0; 4]));
    let gap = data.as_slice().indexed(&[0, 9, 1]);
    assert_eq!(gap.class_counts(), Err(DataError::Missing { sample: 9 }));
}

/// A fault names the sample of the data set that everything was made from.
#[test]
fn faults_name_the_original_sample() {
    type Net = Network<1, Dense<1, 1>>;
    let network = Net::new(Dense::from_parameters([[1.0]], [0.0]));
    let mut data: Vec<([f32; 1], [f32; 1])> = (0..40).map(|i| ([i as f32], [0.0])).collect();
    data[17].0[0] = f32::NAN;
    let expected = Fault::Activation { layer: 0, sample: 17 };
    let shuffled = data.as_slice().shuffled(&mut generator(1));
    let mut found = 0;
    for (train, validation) in KFold::new(&shuffled, 4).unwrap() {
        for part in [train, validation] {
            let noisy = part.augmented(Noise { deviation: 0.1 }, 1).unwrap().map_targets(|y| *y);
            for batch in MiniBatches::shuffled(&noisy, 7, &mut generator(2)) {
                if let Err(fault) = Workspace::<Net, 3>::zeros().loss(&network, &Quadratic, &batch) {
                    assert_eq!(fault, expected);
                    found += 1;
                }
            }
        }
    }
    assert_eq!(found, 4);
}

type Classifier = Network<6, Chain![Dense<6, 5, Tanh>, Dense<5, 3>]>;

fn classified(samples: usize) -> Vec<([f32; 6], Class<3>)> {
    let rng = &mut generator(9);
    let mut number = || (rng.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0;
    (0..samples).map(|i| (std::array::from_fn(|_| number()), class(i % 3))).collect()
}

/// The loss and a hash of the gradient, with this tile.
fn gradient<const B: usize, Y>(data: &impl Dataset<Input = [f32; 6], Target = Y>) -> (u32, u64)
where
    Y: stackprop::Target<[f32; 3]>,
{
    let mut network = Classifier::zeros();
    network.init(&init::XavierUniform, &mut generator(4));
    let mut gradients = Gradients::zeros();
    let loss = Workspace::<Classifier, B>::zeros()
        .gradient(&network, &SoftmaxCrossEntropy, data, &mut gradients)
        .unwrap();
    (loss.to_bits(), gradients.of.checksum())
}

fn augmentation() -> impl Augment<[f32; 6]> + Copy {
    let affine = Affine::<2, 3> { degrees: 30.0, zoom: 0.2, shift: 1.0, fill: 0.5 };
    (affine, (Noise { deviation: 0.1 }, (Scale { low: 0.5, high: 1.5 }, FlipHorizontal::<2, 3>)))
}

#[test]
fn the_tile_changes_no_bit() {
    let data = classified(37);
    let augmented = data.as_slice().augmented(augmentation(), 5).unwrap();
    let mixed = augmented.at_epoch(3).mixup::<[f32; 3]>(0.3, 5).unwrap();
    let expected = (gradient::<1, _>(&augmented), gradient::<1, _>(&mixed));
    assert_ne!(expected.0, expected.1);
    assert_eq!((gradient::<4, _>(&augmented), gradient::<4, _>(&mixed)), expected);
    assert_eq!((gradient::<37, _>(&augmented), gradient::<37, _>(&mixed)), expected);
    assert_eq!((gradient::<64, _>(&augmented), gradient::<64, _>(&mixed)), expected);
}

/// The input and the target of each sample, by source index.
fn by_source<D: Dataset<Input = [f32; 6]>>(data: &D, found: &mut [Option<([f32; 6], D::Target)>])
where
    D::Target: Clone,
{
    for index in 0..data.len() {
        let mut input = [f32::NAN; 6];
        let target = data.sample(index, &mut input).unwrap();
        found[data.source_index(index)] = Some((input, target.borrow().clone()));
    }
}

#[test]
fn neither_order_nor_parts_nor_mini_batches_change_a_bit() {
    let data = classified(41);
    let data = data.as_slice();
    let mut expected = vec![None; 41];
    let augmented = data.augmented(augmentation(), 8).unwrap();
    by_source(&augmented.at_epoch(2), &mut expected);

    let mut found = vec![None; 41];
    for size in [1, 4, 41] {
        for batch in MiniBatches::shuffled(&augmented.at_epoch(2), size, &mut generator(size as u64)) {
            by_source(&batch, &mut found);
        }
        assert_eq!(std::mem::replace(&mut found, vec![None; 41]), expected);
    }
    for (_, validation) in KFold::new(data, 3).unwrap() {
        by_source(&validation.augmented(augmentation(), 8).unwrap().at_epoch(2), &mut found);
    }
    assert_eq!(found, expected);
    let shuffled = data.shuffled(&mut generator(1));
    by_source(&shuffled.augmented(augmentation(), 8).unwrap().at_epoch(2), &mut found);
    assert_eq!(found, expected);
    for (seed, epoch) in [(8, 3), (9, 2)] {
        by_source(&data.augmented(augmentation(), seed).unwrap().at_epoch(epoch), &mut found);
        assert!(found.iter().zip(&expected).all(|(a, b)| a != b));
    }
}

/// What can be read in place is: the trainers then copy no input.
#[test]
fn contiguous_samples_stay_contiguous() {
    let (inputs, targets) = ([[1.0_f32]; 20], [(); 20]);
    let data = Samples::from_arrays(&inputs, &targets);
    let is_at = |found: Option<Samples<'_, [f32; 1], ()>>, place: usize| {
        std::ptr::eq(found.unwrap().inputs().as_ptr(), &inputs[place])
    };
    let [train, test] = data.split_ratio([3, 1]).unwrap();
    assert!(is_at(test.contiguous(1, 4), 16) && is_at(train.contiguous(0, 15), 0));
    assert!(is_at(data.take(9).skip(2).contiguous(3, 4), 5));
    let (train, validation) = KFold::new(&data, 4).unwrap().fold(1).unwrap();
    assert!(is_at(validation.contiguous(2, 3), 7) && is_at(train.contiguous(5, 10), 10));
    let batch = MiniBatches::in_order(&train, 5).nth(1).unwrap();
    assert!(is_at(batch.contiguous(0, 5), 10));
}

#[test]
fn statistics_of_the_training_part_standardise() {
    type Net = Network<2, Standardize<2, f64>, f64>;
    let rng = &mut generator(6);
    let data: Vec<([f64; 2], ())> =
        (0..100).map(|_| ([1e3 + f64::from(rng.next_u32() >> 20), 7.0], ())).collect();
    let shuffled = data.as_slice().shuffled(rng);
    let [train, test] = shuffled.split_ratio([4, 1]).unwrap();
    let statistics = Statistics::of(&train).unwrap();
    assert_eq!((statistics.samples(), statistics.constant()), (80, [false, true]));
    let network = Net::new(statistics.standardize());
    let standardised = train.map_inputs(|x: &[f64; 2], y: &mut [f64; 2]| *y = network.predict(x));
    let after = Statistics::of(&standardised).unwrap();
    // Sums of 80 numbers of about 1.
    assert!(after.mean()[0].abs() < tolerances::SAME_SUM_F64);
    assert!((after.variance()[0] - 1.0).abs() < tolerances::SAME_SUM_F64);
    assert_eq!((after.mean()[1], after.variance()[1]), (0.0, 0.0));
    assert_ne!(Statistics::of(&test).unwrap().mean(), statistics.mean());
}

#[test]
fn each_class_is_drawn_equally_often_and_each_sample_as_often_as_the_others() {
    let labels: Vec<usize> = (0..60).map(|i| if i % 10 == 0 { 2 } else { usize::from(i % 3 == 0) }).collect();
    let data: Vec<([f32; 1], Class<3>)> = labels.iter().map(|&label| ([0.0], class(label))).collect();
    let counts = data.class_counts().unwrap();
    let largest = *counts.iter().max().unwrap();
    let mut order = [0; 60];
    let balanced = Balanced::new(data.as_slice(), 3, &mut order).unwrap();
    assert_eq!((balanced.len(), balanced.class_counts().unwrap()), (3 * largest, [largest; 3]));
    let mut first = vec![0; counts[1]];
    let of_class_1: Vec<usize> = (0..60).filter(|&i| labels[i] == 1).collect();
    let mut successive = vec![0; counts[1] * counts[1]];
    let epochs = 4000;
    for epoch in 0..epochs {
        let balanced = balanced.at_epoch(epoch);
        let mut drawn = [0; 60];
        for index in 0..balanced.len() {
            drawn[balanced.source_index(index)] += 1;
        }
        for (sample, drawn) in drawn.into_iter().enumerate() {
            let often = largest / counts[labels[sample]];
            assert!(drawn == often || drawn == often + 1);
        }
        let place = |index| of_class_1.binary_search(&balanced.source_index(index)).unwrap();
        first[place(1)] += 1;
        successive[place(1) * counts[1] + place(1 + 3 * counts[1])] += 1; // the first of the second pass
        if epoch < 20 {
            for batch in MiniBatches::in_order(&balanced, 7) {
                let counts = batch.class_counts().unwrap();
                assert!(counts.iter().all(|n| (batch.len() / 3..=batch.len().div_ceil(3)).contains(n)));
            }
        }
    }
    for (cells, name) in [(first, "first"), (successive, "passes")] {
        let df = cells.len() - 1;
        let deviations = deviations(chi_square(cells.into_iter(), epochs as usize), df);
        assert!(deviations.abs() < MOST, "{name}: {deviations}");
    }
}

/// Weights 1, 2, 3, ...: cells of equal probability are made by dealing the draws of a sample to as many cells in turn.
#[test]
fn draws_are_in_proportion_to_the_weights() {
    let data = numbered(8);
    let mut weights: [f64; 8] = std::array::from_fn(|i| i as f64 / 3.0);
    let draws = 28_000;
    let weighted = Weighted::new(data.as_slice(), &mut weights, draws, 1).unwrap();
    for epoch in 0..3 {
        let mut counts = [0_u32; 8];
        for index in 0..draws {
            counts[weighted.at_epoch(epoch).source_index(index)] += 1;
        }
        assert_eq!(counts[0], 0);
        let expected = |i: usize| 1000.0 * i as f64;
        let statistic: f64 = (1..8).map(|i| (f64::from(counts[i]) - expected(i)).powi(2) / expected(i)).sum();
        assert!(deviations(statistic, 6).abs() < MOST, "{counts:?}");
    }
}

/// Counts what an augmentation makes of one image in many epochs.
fn outcomes<const N: usize, A: Augment<[f32; N]>>(
    augment: A,
    image: [f32; N],
    draws: u32,
) -> Vec<([f32; N], u32)> {
    let mut found: Vec<([f32; N], u32)> = vec![];
    for epoch in 0..draws {
        let mut image = image;
        augment.augment(&mut image, &mut SampleRng::new(2, epoch, 0));
        match found.iter_mut().find(|(known, _)| *known == image) {
            Some((_, count)) => *count += 1,
            None => found.push((image, 1)),
        }
    }
    found.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap());
    found
}

fn assert_uniform<const N: usize>(found: &[([f32; N], u32)], draws: u32) {
    let counts: Vec<u32> = found.iter().map(|(_, count)| *count).collect();
    let deviations = deviations(chi_square(counts.into_iter(), draws as usize), found.len() - 1);
    assert!(deviations.abs() < MOST, "{deviations}");
}

#[test]
fn shifts_by_hand_and_uniform() {
    let shift = Shift::<2, 2> { pixels: 1, fill: 0.0 };
    let found = outcomes(shift, [1.0, 2.0, 3.0, 4.0], 9000);
    let mut expected = vec![
        [1.0, 2.0, 3.0, 4.0],
        [0.0, 1.0, 0.0, 3.0], // right
        [2.0, 0.0, 4.0, 0.0], // left
        [0.0, 0.0, 1.0, 2.0], // down
        [3.0, 4.0, 0.0, 0.0], // up
        [0.0, 0.0, 0.0, 1.0],
        [0.0, 0.0, 2.0, 0.0],
        [0.0, 3.0, 0.0, 0.0],
        [4.0, 0.0, 0.0, 0.0],
    ];
    expected.sort_by(|a: &[f32; 4], b| a.partial_cmp(b).unwrap());
    assert!(found.iter().map(|(image, _)| *image).eq(expected));
    assert_uniform(&found, 9000);
}

#[test]
fn flips_by_hand_and_uniform() {
    // Two channels: pixels (1, 2), (3, 4), (5, 6) in one row.
    let row = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let found = outcomes(FlipHorizontal::<1, 3, 2>, row, 1000);
    assert!(found.iter().map(|(image, _)| *image).eq([row, [5.0, 6.0, 3.0, 4.0, 1.0, 2.0]]));
    assert_uniform(&found, 1000);
    let found = outcomes(FlipVertical::<3, 2>, row, 1000);
    assert!(found.iter().map(|(image, _)| *image).eq([row, [5.0, 6.0, 3.0, 4.0, 1.0, 2.0]]));
    assert_uniform(&found, 1000);
}

// One row of three pixels, two of which are erased: centre 0 leaves the last two, as its rectangle begins before the image.
#[test]
fn erases_by_hand_and_uniform() {
    let erase = Erase::<1, 3> { height: 5, width: 2, fill: 0.0 };
    let found = outcomes(erase, [1.0, 2.0, 3.0], 3000);
    let expected = [[0.0, 0.0, 3.0], [0.0, 2.0, 3.0], [1.0, 0.0, 0.0]];
    assert!(found.iter().map(|(image, _)| *image).eq(expected), "{found:?}");
    assert_uniform(&found, 3000);
    let nothing = outcomes(Erase::<1, 3> { height: 1, width: 0, fill: 0.0 }, [1.0, 2.0, 3.0], 10);
    assert_eq!(nothing, [([1.0, 2.0, 3.0], 10)]);
}

#[test]
fn sometimes_is_as_often_as_it_says() {
    let zero = |x: &mut [f32; 1], _: &mut SampleRng| *x = [0.0];
    let rate = |found: Vec<([f32; 1], u32)>| if found[0].0 == [0.0] { found[0].1 } else { 0 };
    assert_eq!(rate(outcomes(Sometimes::<0, _>(zero), [1.0], 1000)), 0);
    assert_eq!(rate(outcomes(Sometimes::<100, _>(zero), [1.0], 1000)), 1000);
    let quarter = f64::from(rate(outcomes(Sometimes::<25, _>(zero), [1.0], 30_000)));
    let error = (30_000.0_f64 * 0.25 * 0.75).sqrt();
    assert!((quarter - 7500.0).abs() < tolerances::STANDARD_ERRORS * error, "{quarter}");
}

// Mean 0, variance 1 (standard error of the variance: sqrt(2 / n)), neighbours uncorrelated.
#[test]
fn noise_is_normal() {
    let n = 40_000.0_f64;
    let (mut sums, mut squares, mut products) = ([0.0; 2], [0.0; 2], 0.0);
    for sample in 0..n as usize {
        let mut x = [10.0_f64, 20.0];
        Noise { deviation: [1.0, 0.5] }.augment(&mut x, &mut SampleRng::new(1, 0, sample));
        let z = [x[0] - 10.0, (x[1] - 20.0) / 0.5];
        for j in 0..2 {
            sums[j] += z[j];
            squares[j] += z[j] * z[j];
        }
        products += z[0] * z[1];
    }
    for j in 0..2 {
        assert!(sums[j].abs() < tolerances::STANDARD_ERRORS * n.sqrt());
        assert!((squares[j] - n).abs() < tolerances::STANDARD_ERRORS * (2.0 * n).sqrt());
    }
    assert!(products.abs() < tolerances::STANDARD_ERRORS * n.sqrt());
}

#[test]
fn a_factor_is_uniform_and_the_same_for_all() {
    let mut cells = [0; 10];
    for sample in 0..5000 {
        let mut x = [1.0_f32, 3.0];
        Scale { low: 2.0, high: 4.0 }.augment(&mut x, &mut SampleRng::new(1, 0, sample));
        assert_eq!(x[1], 3.0 * x[0]);
        cells[((x[0] - 2.0) * 5.0) as usize] += 1;
    }
    assert!(deviations(chi_square(cells.into_iter(), 5000), 9).abs() < MOST, "{cells:?}");
}

#[test]
fn settings_are_checked() {
    fn refused<const N: usize>(augment: impl Augment<[f32; N]>) -> &'static str {
        [([0.0; N], ())].augmented(augment, 1).map(|_| ()).unwrap_err().setting
    }
    for bad in [-1.0, f32::NAN, f32::INFINITY] {
        assert_eq!(refused::<1>(Noise { deviation: bad }), "Noise::deviation");
        assert_eq!(refused::<2>(Noise { deviation: [0.0, bad] }), "Noise::deviation");
        assert_eq!(
            refused::<1>((Scale { low: 1.0, high: 1.0 }, Noise { deviation: bad })),
            "Noise::deviation"
        );
    }
    assert_eq!(refused::<1>(Scale { low: 2.0, high: 1.0 }), "Scale::high");
    assert_eq!(refused::<1>(Scale { low: -f32::MAX, high: f32::MAX }), "Scale");
    assert_eq!(refused::<1>(Scale { low: f32::NAN, high: f32::MAX }), "Scale");
    assert_eq!(
        refused::<1>(Sometimes::<5, _>(Shift::<1, 1> { pixels: 1 << 15, fill: 0.0 })),
        "Shift::pixels"
    );
}

/// An affine image of `f64` is that of `f32`, up to the rounding of the interpolation.
#[test]
fn an_affine_image_is_the_same_in_both_precisions() {
    let image: [f32; 36] = std::array::from_fn(|i| (i * i % 7) as f32);
    for sample in 0..50 {
        let (mut single, mut double) = (image, image.map(f64::from));
        let affine = Affine::<4, 3, 3> { degrees: 20.0, zoom: 0.25, shift: 1.5, fill: 0.0 };
        affine.augment(&mut single, &mut SampleRng::new(1, 0, sample));
        let affine = Affine::<4, 3, 3, f64> { degrees: 20.0, zoom: 0.25, shift: 1.5, fill: 0.0 };
        affine.augment(&mut double, &mut SampleRng::new(1, 0, sample));
        for (a, b) in single.as_slice().iter().zip(double) {
            // Six roundings of 6e-8 of numbers up to 6.
            assert!((f64::from(*a) - b).abs() < tolerances::SAME_SUM_F32, "{a} {b}");
        }
    }
}

/// A network learns from computed targets: labels that are decoded, then mixed.
#[test]
fn computed_targets_are_learnt() {
    type Net = Network<2, Chain![Dense<2, 8, Tanh>, Dense<8, 2>]>;
    let bytes: Vec<([f32; 2], u8)> = (0..40)
        .map(|i| ([(i % 8) as f32 / 4.0 - 1.0, (i / 8) as f32 / 2.0 - 1.0], b'a' + u8::from(i % 8 > 3)))
        .collect();
    let data = bytes.as_slice().map_targets(|byte| class::<2>(usize::from(byte - b'a')));
    let mixed = (&data).mixup::<[f32; 2]>(0.2, 1).unwrap();
    let mut network: Net = Network::new(layers![Dense::new(), Dense::new()]);
    network.init(&init::XavierUniform, &mut generator(5));
    let mut trainer = stackprop::Trainer::<Net, stackprop::Adam, 8>::zeros();
    let adam = stackprop::Adam { learning_rate: 0.05, ..Default::default() };
    for epoch in 0..30 {
        let mixed = mixed.at_epoch(epoch);
        let batches = MiniBatches::shuffled(&mixed, 8, &mut generator(epoch.into()));
        trainer.epoch(&mut network, &adam, &SoftmaxCrossEntropy, batches).unwrap();
    }
    let mut right = 0;
    trainer
        .workspace
        .evaluate(&network, &data, |output, class| {
            right += usize::from(stackprop::argmax(output) == class.index())
        })
        .unwrap();
    assert!(right >= 39, "{right} of 40");
}
