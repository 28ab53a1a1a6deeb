//! Inputs in one .npy file, targets in another.

use std::marker::PhantomData;
use std::path::PathBuf;

use stackprop::Class;

use super::array::NpyFile;
use super::dtype::Number;
use super::error::NpyProblem;
use crate::readers::error::{FileError, Problem};
use crate::readers::float::Float;
use crate::readers::source::{Rows, Source, read_all};
use crate::readers::stream::Stream;
use crate::readers::table::Table;

/// Two arrays that `numpy.save` has written, zipped by gzip or not: inputs and targets, a row for each sample.
///
/// Arrays have 1 to 4 dimensions, of which the first is the samples; the others are flattened in C order, whatever order the
/// file has. Elements are `float16`, `float32`, `float64`, integers or `bool`, in either order of bytes, and are rounded to the
/// type of the network. Infinities, NaN and numbers that the type does not hold are refused.
///
/// ```
/// use stackprop::Class;
/// use stackprop_kit::readers::{Npy, NpyClasses, Table};
///
/// # let directory = tempfile::tempdir()?;
/// # let (x, y) = (directory.path().join("x.npy"), directory.path().join("y.npy"));
/// # let save = |path, header: &str, data: &[u8]| {
/// #     std::fs::write(path, [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat())
/// # };
/// # save(&x, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", &[1, 2, 3, 4, 5, 6])?;
/// # save(&y, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", &[1, 0])?;
/// // In Python: numpy.save("x.npy", [[1, 2, 3], [4, 5, 6]]); numpy.save("y.npy", [1, 0])
/// let data: Table<3, Class<2>> = Npy::new(&x, &y).read(&NpyClasses)?;
/// assert_eq!(data.inputs(), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(data.targets()[0].index(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Npy {
    inputs: PathBuf,
    targets: PathBuf,
}

impl Npy {
    /// These files.
    #[must_use]
    pub fn new(inputs: impl Into<PathBuf>, targets: impl Into<PathBuf>) -> Self {
        Self { inputs: inputs.into(), targets: targets.into() }
    }

    /// Reads both files into memory.
    ///
    /// # Errors
    ///
    /// [`FileError`] if a file cannot be read, is not as its header says, has no rows, rows of another length or a number that is
    /// refused, or if the two differ in their number of rows.
    pub fn read<const IN: usize, T: Float, G: NpyTarget<T>>(
        &self,
        target: &G,
    ) -> Result<Table<IN, G::Target, T>, FileError> {
        read_all(&NpySource { whole: true, ..self.source(target) })
    }

    /// Mini-batches of `size` rows, read one after the other. Arrays in Fortran order are refused.
    pub fn stream<const IN: usize, T: Float, G: NpyTarget<T>>(
        &self,
        target: &G,
        size: usize,
    ) -> Stream<NpySource<IN, T, G>, IN> {
        Stream::new(self.source(target), size)
    }

    /// The rows, for a [`Stream`].
    pub fn source<const IN: usize, T: Float, G: NpyTarget<T>>(&self, target: &G) -> NpySource<IN, T, G> {
        NpySource { files: self.clone(), target: target.clone(), whole: false, scalar: PhantomData }
    }
}

/// The targets in a .npy file: [`NpyClasses`] for classifiers, [`NpyValues`] for regression.
pub trait NpyTarget<T>: Clone + sealed::Sealed {
    /// What an output is compared with.
    type Target;

    /// How many numbers a row has.
    #[doc(hidden)]
    const COLUMNS: usize;

    /// Whether the numbers must be integers.
    #[doc(hidden)]
    const INTEGERS: bool;

    /// The target that these numbers are.
    #[doc(hidden)]
    fn parse(
        &self,
        numbers: &mut dyn Iterator<Item = Element>,
        row: usize,
    ) -> Result<Self::Target, NpyProblem>;
}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for super::NpyClasses<N> {}
    impl<const OUT: usize> Sealed for super::NpyValues<OUT> {}
}

/// Integers from 0 to `N - 1`, the indices of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NpyClasses<const N: usize>;

impl<T, const N: usize> NpyTarget<T> for NpyClasses<N> {
    type Target = Class<N>;
    const COLUMNS: usize = 1;
    const INTEGERS: bool = true;

    fn parse(&self, numbers: &mut dyn Iterator<Item = Element>, row: usize) -> Result<Class<N>, NpyProblem> {
        let class = numbers.next().map_or(-1, |Element(number)| number.integer());
        let wrong = NpyProblem::Class { row, class, classes: N };
        usize::try_from(class).ok().and_then(Class::new).ok_or(wrong)
    }
}

/// `OUT` numbers that a network's outputs are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NpyValues<const OUT: usize>;

impl<T: Float, const OUT: usize> NpyTarget<T> for NpyValues<OUT> {
    type Target = [T; OUT];
    const COLUMNS: usize = OUT;
    const INTEGERS: bool = false;

    fn parse(&self, numbers: &mut dyn Iterator<Item = Element>, row: usize) -> Result<[T; OUT], NpyProblem> {
        let mut values = [T::ZERO; OUT];
        for (column, (value, Element(number))) in values.iter_mut().zip(numbers).enumerate() {
            *value = finite(number, row, column)?;
        }
        Ok(values)
    }
}

/// A number of an array.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Element(Number);

/// The nearest value of `T`, if it is finite.
fn finite<T: Float>(number: Number, row: usize, column: usize) -> Result<T, NpyProblem> {
    let (nearest, value) = (number.nearest::<T>(), number.to_f64());
    if nearest.is_finite() {
        Ok(nearest)
    } else if value.is_finite() {
        Err(NpyProblem::TooLargeFor { row, column, value, scalar: T::NAME })
    } else {
        Err(NpyProblem::NotFinite { row, column, value })
    }
}

/// The rows of two .npy files, for a network with `IN` inputs.
#[derive(Clone, Debug)]
pub struct NpySource<const IN: usize, T, G> {
    files: Npy,
    target: G,
    /// Whether all of it is to be read into memory, in which arrays can be in Fortran order.
    whole: bool,
    scalar: PhantomData<fn() -> T>,
}

impl<const IN: usize, T: Float, G: NpyTarget<T>> Source<IN> for NpySource<IN, T, G> {
    type Scalar = T;
    type Target = G::Target;
    type Rows = NpyRows<G>;

    fn rows(&self) -> Result<NpyRows<G>, FileError> {
        let inputs = NpyFile::open(&self.files.inputs, IN, self.whole)?;
        let targets = NpyFile::open(&self.files.targets, G::COLUMNS, self.whole)?;
        if G::INTEGERS && !targets.dtype.is_integer() {
            return Err(targets.error(NpyProblem::ClassType { dtype: targets.dtype_text() }));
        }
        if inputs.rows() != targets.rows() {
            let [found, expected] = [&targets, &inputs].map(|file| file.rows() as usize);
            let inputs = self.files.inputs.clone();
            return Err(targets.error(Problem::Targets { found, expected, inputs }));
        }
        Ok(NpyRows { inputs, targets, target: self.target.clone(), next: 0 })
    }
}

/// The rows of open .npy files.
#[derive(Debug)]
pub struct NpyRows<G> {
    inputs: NpyFile,
    targets: NpyFile,
    target: G,
    next: usize,
}

impl<T: Float, G: NpyTarget<T>> Rows<T, G::Target> for NpyRows<G> {
    fn next_row(&mut self, inputs: &mut Vec<T>) -> Result<Option<G::Target>, FileError> {
        let row = self.next;
        if row as u64 == self.inputs.rows() {
            self.inputs.end()?;
            self.targets.end()?;
            return Ok(None);
        }
        let add = |(column, number)| finite(number, row, column).map(|x| inputs.push(x));
        let added = self.inputs.next_row()?.enumerate().try_for_each(add);
        added.map_err(|problem| self.inputs.error(problem))?;
        let target = self.target.parse(&mut self.targets.next_row()?.map(Element), row);
        let target = target.map_err(|problem| self.targets.error(problem))?;
        self.next += 1;
        Ok(Some(target))
    }

    fn error(&self, problem: Problem) -> FileError {
        self.inputs.error(problem)
    }
}
