//! Handwritten digits in flash, with one byte for each pixel, decoded when a sample is requested.
#![allow(dead_code, reason = "each program that includes this file uses its part of it")]

use core::borrow::Borrow;

use stackprop::{Class, Dataset, Layer, Network, argmax};

/// 64 pixels from 0 to 16.
type Image = [u8; 64];

/// A data set that refers to its bytes.
#[derive(Clone, Copy)]
pub struct Digits {
    images: &'static [Image],
    classes: &'static [Class<10>],
}

/// The number of training images.
pub const TRAIN: usize = 400;
/// The number of test images.
pub const TEST: usize = 200;

static TRAIN_FILE: [u8; 65 * TRAIN] = *include_bytes!("../data/train.bin");
static TRAIN_CLASSES: [Class<10>; TRAIN] = classes(include_bytes!("../data/train.bin"));
static TEST_FILE: [u8; 65 * TEST] = *include_bytes!("../data/test.bin");
static TEST_CLASSES: [Class<10>; TEST] = classes(include_bytes!("../data/test.bin"));

/// The training images.
pub fn train() -> Digits {
    Digits { images: images(&TRAIN_FILE, TRAIN), classes: &TRAIN_CLASSES }
}

/// The test images.
pub fn test() -> Digits {
    Digits { images: images(&TEST_FILE, TEST), classes: &TEST_CLASSES }
}

/// The images of a file, which has `n` images of 64 bytes, then `n` bytes with the digits that they show.
fn images(file: &'static [u8], n: usize) -> &'static [Image] {
    let (images, _) = file.as_chunks::<64>();
    images.get(..n).unwrap_or(images)
}

/// The labels, decoded by the compiler: a bad file is a compile error.
const fn classes<const N: usize, const BYTES: usize>(file: &[u8; BYTES]) -> [Class<10>; N] {
    let mut classes = [Class::new(0).expect("0 < 10"); N];
    let mut i = 0;
    while i < N {
        classes[i] = Class::new(file[64 * N + i] as usize).expect("a label is a digit");
        i += 1;
    }
    classes
}

impl Dataset for Digits {
    type Input = [f32; 64];
    type Target = Class<10>;
    type TargetRef<'a> = &'a Class<10>;

    fn len(&self) -> usize {
        self.images.len()
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut [f32; 64]) -> Option<&Class<10>> {
        let (image, class) = (self.images.get(index)?, self.classes.get(index)?);
        for (x, &pixel) in input.iter_mut().zip(image) {
            *x = f32::from(pixel) / 16.0;
        }
        Some(class)
    }
}

/// The number of samples that the network classifies correctly.
pub fn correct<L, D>(network: &Network<64, L>, data: &D) -> usize
where
    L: Layer<[f32; 64], Output = [f32; 10]>,
    D: Dataset<Input = [f32; 64], Target = Class<10>>,
{
    let mut input = [0.0; 64];
    let mut correct = 0;
    for index in 0..data.len() {
        if let Some(class) = data.sample(index, &mut input) {
            correct += usize::from(argmax(&network.predict(&input)) == class.borrow().index());
        }
    }
    correct
}
