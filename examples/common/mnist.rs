//! The MNIST database as a data set that decodes samples when they are read.

use std::path::Path;

use stackprop::{Class, Dataset};

use super::idx::{self, IdxError};

/// Where the database comes from.
pub const SOURCE: &str = "\
The directory holds the four files of MNIST, in IDX format, zipped or not:
  train-images-idx3-ubyte.gz  train-labels-idx1-ubyte.gz
  t10k-images-idx3-ubyte.gz   t10k-labels-idx1-ubyte.gz
They are published at https://github.com/cvdfoundation/mnist, and file by file below
https://ossci-datasets.s3.amazonaws.com/mnist/. To try the program without them,
python3 tools/digits_as_mnist.py DIR writes four small files of that format.";

/// Images and labels as in the files: 47 MB of bytes for the 60,000 images of the training part. As `f32`, they would
/// take 188 MB; instead, each sample is converted when and where the trainer needs it.
pub struct Mnist {
    /// 784 for each image, row by row, from 0 (white) to 255 (black).
    pixels: Vec<u8>,
    /// Checked while reading, so that no training step has to check them.
    labels: Vec<Class<10>>,
}

impl Dataset for Mnist {
    type Input = [f32; 784];
    type Target = Class<10>;
    type TargetRef<'a> = &'a Class<10>;

    fn len(&self) -> usize {
        self.labels.len()
    }

    fn sample(&self, index: usize, input: &mut [f32; 784]) -> Option<&Class<10>> {
        let (images, _) = self.pixels.as_chunks::<784>();
        for (x, &pixel) in input.iter_mut().zip(images.get(index)?) {
            *x = f32::from(pixel) / 255.0;
        }
        self.labels.get(index)
    }
}

impl Mnist {
    /// Reads one part of the database, `train` or `t10k`.
    pub fn read(directory: &Path, part: &str) -> Result<Self, IdxError> {
        let name = format!("{part}-images-idx3-ubyte");
        let images = idx::read(directory, &name, |[count, rows, columns]| match (count, rows, columns) {
            (0, ..) => Err("no images, expected at least one".into()),
            (_, 28, 28) => Ok(()),
            _ => Err(format!("images of {rows}x{columns} pixels, expected 28x28")),
        })?;
        let name = format!("{part}-labels-idx1-ubyte");
        let labels = idx::read(directory, &name, |[count]| match images.sizes[0] {
            expected if count == expected => Ok(()),
            expected => Err(format!(
                "{count} labels, expected {expected}, one for each image in {}",
                images.path.display()
            )),
        })?;
        let class = |(index, &label): (usize, &u8)| {
            let wrong = || labels.error(format!("label {index} is {label}, expected 0 to 9"));
            Class::new(label.into()).ok_or_else(wrong)
        };
        let classes = labels.bytes.iter().enumerate().map(class).collect::<Result<_, _>>()?;
        Ok(Self { pixels: images.bytes, labels: classes })
    }

    /// Keeps only the first `count` samples.
    pub fn truncate(&mut self, count: usize) {
        self.labels.truncate(count);
    }
}
