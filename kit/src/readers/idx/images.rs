//! Images with labels, as MNIST has them.

use std::fmt;
use std::path::{Path, PathBuf};

use stackprop::{Class, Dataset};

use super::array::IdxFile;
use super::error::IdxProblem;
use crate::readers::error::{FileError, Problem};
use crate::readers::source::{Rows, Source};
use crate::readers::stream::Stream;

/// Two IDX files, zipped by gzip or not: images of `PIXELS` pixels, and the index of each one's class.
///
/// The files of MNIST are `Idx::<784, 10>`. Pixels `p` from 0 to 255 become inputs from 0 to 1: `x = p / 255`, correctly rounded.
///
/// ```
/// use stackprop::Dataset;
/// use stackprop_kit::readers::Idx;
///
/// # let directory = tempfile::tempdir()?;
/// # let (images, labels) = (directory.path().join("images"), directory.path().join("labels"));
/// std::fs::write(&images, [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 0])?; // two images of 1x2
/// std::fs::write(&labels, [0, 0, 8, 1, 0, 0, 0, 2, 7, 9])?;
/// let data = Idx::<2, 10>::new(&images, &labels).read()?;
/// let mut input = [0.0; 2];
/// assert_eq!(data.sample(1, &mut input).map(|class| class.index()), Some(9));
/// assert_eq!(input, [0.2, 0.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx<const PIXELS: usize, const CLASSES: usize> {
    images: PathBuf,
    labels: PathBuf,
}

impl<const PIXELS: usize, const CLASSES: usize> Idx<PIXELS, CLASSES> {
    /// These files.
    #[must_use]
    pub fn new(images: impl Into<PathBuf>, labels: impl Into<PathBuf>) -> Self {
        Self { images: images.into(), labels: labels.into() }
    }

    /// Reads both files into memory, in which each pixel stays a byte.
    ///
    /// # Errors
    ///
    /// [`FileError`] if a file cannot be read, is not as its header says, or has more than 256 MiB of data; if there are no images,
    /// images of another size, another number of labels than images, or a label that is not below `CLASSES`.
    pub fn read(&self) -> Result<Images<PIXELS, CLASSES>, FileError> {
        let images = self.open_images()?;
        let [count, ..] = images.sizes;
        let pixels = images.read_all()?.bytes;
        let bytes = self.open_labels(count)?.read_all()?.bytes;
        let class = |(index, label): (usize, &u8)| class(&self.labels, index, *label);
        let labels = bytes.iter().enumerate().map(class).collect::<Result<_, _>>()?;
        Ok(Images { pixels, labels })
    }

    /// Mini-batches of `size` images, read one after the other.
    #[must_use]
    pub fn stream(&self, size: usize) -> Stream<Self, PIXELS> {
        Stream::new(self.clone(), size)
    }

    /// Reads the header of the images.
    fn open_images(&self) -> Result<IdxFile<3>, FileError> {
        let images = IdxFile::<3>::open(&self.images)?;
        match images.sizes {
            [0, ..] => Err(images.error(Problem::Empty)),
            [_, rows, columns] if rows.checked_mul(columns) != Some(PIXELS) => {
                Err(images.error(IdxProblem::Pixels { rows, columns, expected: PIXELS }))
            }
            _ => Ok(images),
        }
    }

    /// Reads the header of the labels, one for each image.
    fn open_labels(&self, expected: usize) -> Result<IdxFile<1>, FileError> {
        let labels = IdxFile::<1>::open(&self.labels)?;
        match labels.sizes {
            [found] if found != expected => {
                let inputs = self.images.clone();
                Err(labels.error(Problem::Targets { found, expected, inputs }))
            }
            _ => Ok(labels),
        }
    }
}

fn class<const N: usize>(path: &Path, index: usize, label: u8) -> Result<Class<N>, FileError> {
    let wrong = || FileError::new(path, IdxProblem::Label { index, label, classes: N });
    Class::new(label.into()).ok_or_else(wrong)
}

/// A pixel as an input.
fn input(pixel: u8) -> f32 {
    f32::from(pixel) / 255.0
}

/// Images in memory, one byte for each pixel, and their classes.
///
/// This is a [`Dataset`] that converts a sample when it is needed: as `f32`, the images would take four times the memory.
#[derive(Clone, PartialEq)]
pub struct Images<const PIXELS: usize, const CLASSES: usize> {
    /// `PIXELS` for each label, row by row.
    pixels: Vec<u8>,
    labels: Vec<Class<CLASSES>>,
}

impl<const PIXELS: usize, const CLASSES: usize> Images<PIXELS, CLASSES> {
    /// The pixels, row by row, from 0 to 255.
    #[must_use]
    pub fn pixels(&self) -> &[[u8; PIXELS]] {
        self.pixels.as_chunks().0
    }

    /// The classes, as many as images.
    #[must_use]
    pub fn labels(&self) -> &[Class<CLASSES>] {
        &self.labels
    }

    /// Keeps only the first `count` images.
    pub fn truncate(&mut self, count: usize) {
        self.pixels.truncate(count.saturating_mul(PIXELS));
        self.labels.truncate(count);
    }
}

impl<const PIXELS: usize, const CLASSES: usize> fmt::Debug for Images<PIXELS, CLASSES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Images").field("len", &self.labels.len()).finish_non_exhaustive()
    }
}

impl<const PIXELS: usize, const CLASSES: usize> Dataset for Images<PIXELS, CLASSES> {
    type Input = [f32; PIXELS];
    type Target = Class<CLASSES>;
    type TargetRef<'a> = &'a Class<CLASSES>;

    fn len(&self) -> usize {
        self.labels.len()
    }

    fn sample(&self, index: usize, x: &mut [f32; PIXELS]) -> Option<&Class<CLASSES>> {
        let (pixels, label) = (self.pixels().get(index)?, self.labels.get(index)?);
        for (x, pixel) in x.iter_mut().zip(pixels) {
            *x = input(*pixel);
        }
        Some(label)
    }

    fn target(&self, index: usize) -> Option<&Class<CLASSES>> {
        self.labels.get(index)
    }
}

impl<const PIXELS: usize, const CLASSES: usize> Source<PIXELS> for Idx<PIXELS, CLASSES> {
    type Scalar = f32;
    type Target = Class<CLASSES>;
    type Rows = IdxRows<CLASSES>;

    fn rows(&self) -> Result<IdxRows<CLASSES>, FileError> {
        let images = self.open_images()?;
        let labels = self.open_labels(images.sizes[0])?;
        Ok(IdxRows { images, labels, buffer: vec![0; PIXELS], next: 0 })
    }
}

/// The images of open IDX files.
#[derive(Debug)]
pub struct IdxRows<const CLASSES: usize> {
    images: IdxFile<3>,
    labels: IdxFile<1>,
    /// The pixels of an image.
    buffer: Vec<u8>,
    next: usize,
}

impl<const CLASSES: usize> Rows<f32, Class<CLASSES>> for IdxRows<CLASSES> {
    fn next_row(&mut self, inputs: &mut Vec<f32>) -> Result<Option<Class<CLASSES>>, FileError> {
        if self.labels.sizes == [self.next] {
            self.images.end()?;
            self.labels.end()?;
            return Ok(None);
        }
        self.images.fill(&mut self.buffer)?;
        inputs.extend(self.buffer.iter().map(|pixel| input(*pixel)));
        let mut label = [0];
        self.labels.fill(&mut label)?;
        let class = class(&self.labels.path, self.next, label[0])?;
        self.next += 1;
        Ok(Some(class))
    }

    fn error(&self, problem: Problem) -> FileError {
        self.images.error(problem)
    }
}
