//! The MNIST database as a data set that decodes.

use std::path::Path;

use stackprop::{Class, Dataset};

use super::idx::{self, IdxError};

/// Images and labels as the files have them: 47 MB of bytes for the 60,000 images of the training part. As `f32`,
/// they would be 188 MB; instead, each sample becomes numbers where and when the trainer wants them.
pub struct Mnist {
    /// 784 of an image, row by row, from 0 (white) to 255 (black).
    pixels: Vec<u8>,
    /// Checked while reading, so that no training step has to.
    labels: Vec<Class<10>>,
}

impl Dataset for Mnist {
    type Input = [f32; 784];
    type Target = Class<10>;

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
        let images = idx::read::<3>(directory, &format!("{part}-images-idx3-ubyte"))?;
        let labels = idx::read::<1>(directory, &format!("{part}-labels-idx1-ubyte"))?;

        let ([count, rows, columns], [label_count]) = (images.sizes, labels.sizes);
        if (rows, columns) != (28, 28) {
            return Err(images.error(format!("images of {rows}x{columns} pixels, expected 28x28")));
        }
        if count == 0 {
            return Err(images.error("no images".into()));
        }
        if label_count != count {
            let images = images.path.display();
            return Err(labels.error(format!("{label_count} labels, but {count} images in {images}")));
        }
        let class = |(index, &label): (usize, &u8)| {
            Class::new(label.into()).ok_or_else(|| labels.error(format!("label {index} is {label}, above 9")))
        };
        let classes = labels.bytes.iter().enumerate().map(class).collect::<Result<_, _>>()?;
        Ok(Self { pixels: images.bytes, labels: classes })
    }

    /// Keeps the first `count` samples only.
    pub fn truncate(&mut self, count: usize) {
        self.labels.truncate(count);
    }
}
