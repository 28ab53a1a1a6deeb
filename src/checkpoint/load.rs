//! A run from a file.

use core::fmt;

use super::crc32::crc32;
use super::structure::{difference, fingerprint};
use super::{
    CHECKSUM, CHECKSUM_BYTES, FINGERPRINT_KEY, NETWORK_KEY, OPTIMIZER_KEY, VERSION, VERSION_KEY, visit,
};
use crate::dtype::Dtype;
use crate::params::Parameters;
use crate::persist::{Number, Parts, Persist};
use crate::scalar::Scalar;
use crate::schema::{Located, Schema};
use crate::text::{Label, Text};
use crate::weights::{
    FormatError, Key, LoadError, Names, SafeTensors, Shape, Tensor, fill, inside, tensor_for, word,
};

/// Why a checkpoint was not loaded. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The bytes are not a safetensors file.
    Format(FormatError),
    /// The file has no version of a checkpoint: it may be a file of weights.
    NotACheckpoint,
    /// The checkpoint has another version of the format.
    Version {
        /// The version in the file.
        found: Label,
    },
    /// The bytes are not those that were saved.
    Checksum {
        /// The checksum in the file.
        found: u32,
        /// The checksum of its bytes.
        computed: u32,
    },
    /// The checkpoint is of a network with another layer.
    AnotherLayer {
        /// The number of the first layer that differs.
        layer: usize,
        /// The layer in the checkpoint; empty, if its network has fewer.
        found: Label,
        /// The layer of the network; empty, if it has fewer.
        needed: Label,
    },
    /// The checkpoint is of a network with the same layers, which are nested or paired otherwise.
    Nesting,
    /// The checkpoint is of a run with another optimiser.
    AnotherOptimizer {
        /// The optimiser in the checkpoint; empty, if it has none.
        found: Label,
        /// The trainer's optimiser; empty, if there is none.
        needed: Label,
    },
    /// A block of parameters is missing, or it has another shape.
    Load(LoadError),
    /// Numbers are of another type.
    Dtype {
        /// The tensor.
        tensor: Label,
        /// The type in the checkpoint.
        found: Dtype,
        /// The type that is needed.
        needed: Dtype,
    },
    /// Numbers of the run, or values of your own, are missing.
    Missing {
        /// The tensor.
        tensor: Label,
    },
    /// There are more or fewer numbers.
    Length {
        /// The tensor.
        tensor: Label,
        /// The shape in the checkpoint.
        found: Shape,
        /// The length that is needed.
        needed: usize,
    },
    /// The checkpoint has numbers for which there is no place.
    Surplus {
        /// How many tensors.
        tensors: usize,
        /// The first of them.
        first: Label,
    },
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Format(error) => error.fmt(f),
            CheckpointError::NotACheckpoint => f.write_str("the file is not a checkpoint"),
            CheckpointError::Version { found } => {
                write!(
                    f,
                    "the checkpoint has version {found} of the format, but this program reads version {VERSION}"
                )
            }
            CheckpointError::Checksum { found, computed } => {
                write!(
                    f,
                    "the checkpoint is damaged: its checksum is {found:08x}, but that of its bytes is {computed:08x}"
                )
            }
            CheckpointError::AnotherLayer { layer, found, needed } if found.as_str().is_empty() => {
                write!(f, "the checkpoint has no layer {layer}, but the network does: `{needed}`")
            }
            CheckpointError::AnotherLayer { layer, found, needed } if needed.as_str().is_empty() => {
                write!(f, "the checkpoint has a layer {layer}, `{found}`, but the network does not")
            }
            CheckpointError::AnotherLayer { layer, found, needed } => {
                write!(
                    f,
                    "layer {layer} of the checkpoint is `{found}`, but that of the network is `{needed}`"
                )
            }
            CheckpointError::Nesting => {
                f.write_str("the checkpoint is of a network whose layers are nested or paired otherwise")
            }
            CheckpointError::AnotherOptimizer { found, needed } => {
                let name = |label: &Label| if label.as_str().is_empty() { Label::of("none") } else { *label };
                let (found, needed) = (name(found), name(needed));
                write!(
                    f,
                    "the optimiser of the checkpoint is `{found}`, but that of the trainer is `{needed}`"
                )
            }
            CheckpointError::Load(error) => error.fmt(f),
            CheckpointError::Dtype { tensor, found, needed } => {
                write!(f, "tensor `{tensor}` of the checkpoint is of {found}, but {needed} is needed")
            }
            CheckpointError::Missing { tensor } => write!(f, "the checkpoint has no `{tensor}`"),
            CheckpointError::Length { tensor, found, needed } => {
                write!(f, "tensor `{tensor}` of the checkpoint has shape {found:?}, but [{needed}] is needed")
            }
            CheckpointError::Surplus { tensors: 1, first } => {
                write!(f, "the run has no place for `{first}` of the checkpoint")
            }
            CheckpointError::Surplus { tensors, first } => {
                write!(
                    f,
                    "the run has no place for {tensors} tensors of the checkpoint; the first is `{first}`"
                )
            }
        }
    }
}

impl core::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            CheckpointError::Format(error) => Some(error),
            CheckpointError::Load(error) => Some(error),
            _ => None,
        }
    }
}

/// Loads a run from a file that [`save`](super::save) wrote.
///
/// `run` and `own` are of the types that were saved, but a trainer may have another tile, or be the other trainer.
///
/// # Errors
///
/// [`CheckpointError`] if the file is not a whole checkpoint of a run with this network, optimiser and scalar, and these
/// values of your own. Nothing is changed then.
pub fn load<T: Scalar, N: Parameters<T>, R: Persist, X: Persist>(
    network: &mut N,
    run: &mut R,
    own: &mut X,
    file: &[u8],
) -> Result<(), CheckpointError> {
    let file = open(&N::SCHEMA, file)?;
    let optimizer = Label::of(file.metadata(OPTIMIZER_KEY).unwrap_or_default());
    if optimizer != Label::of(R::NAME) {
        return Err(CheckpointError::AnotherOptimizer { found: optimizer, needed: Label::of(R::NAME) });
    }
    let mut search = Search::of(file);
    visit::<T, N, R, X, 0, 0>(([], []), ([], []), ([], []), &mut search);
    search.result?;
    match file.len().saturating_sub(search.found.saturating_add(1)) {
        0 => {}
        tensors => {
            return Err(CheckpointError::Surplus { tensors, first: first_surplus::<T, N, R, X>(file) });
        }
    }
    visit(([], [network]), ([], [run]), ([], [own]), &mut Search::of(file));
    Ok(())
}

/// The name of the first tensor that is no part of the run. (A walk for each tensor: there is no memory for a list.)
fn first_surplus<T: Scalar, N: Parameters<T>, R: Persist, X: Persist>(file: SafeTensors<'_>) -> Label {
    for Tensor { name, .. } in file.iter() {
        let mut search = Search { searched: name, ..Search::of(file) };
        visit::<T, N, R, X, 0, 0>(([], []), ([], []), ([], []), &mut search);
        if !search.seen && name != CHECKSUM {
            return Label::of(name);
        }
    }
    Label::of("")
}

/// Loads only the network from a checkpoint, for inference.
///
/// # Errors
///
/// [`CheckpointError`] if the file is not a whole checkpoint of a run with this network and scalar. Nothing is changed
/// then.
pub fn load_network<T: Scalar, N: Parameters<T>>(
    network: &mut N,
    file: &[u8],
) -> Result<(), CheckpointError> {
    let file = open(&N::SCHEMA, file)?;
    let mut search = Search::of(file);
    Parts::<0, 0>::parameters::<T, N>(&mut search, "network", [], []);
    search.result?;
    Search::of(file).parameters::<T, N>("network", [], [network]);
    Ok(())
}

/// Checks that the bytes are a checkpoint of this version, of any run, and are those that were saved: for a program that
/// reads the tensors itself.
///
/// # Errors
///
/// [`CheckpointError::Format`], [`NotACheckpoint`](CheckpointError::NotACheckpoint),
/// [`Version`](CheckpointError::Version) or [`Checksum`](CheckpointError::Checksum).
pub fn check(file: &[u8]) -> Result<(), CheckpointError> {
    parse(file).map(|_| ())
}

/// The safetensors file, if it is a whole checkpoint of a network of this structure.
fn open<'f>(schema: &Schema, bytes: &'f [u8]) -> Result<SafeTensors<'f>, CheckpointError> {
    let file = parse(bytes)?;
    if file.metadata(FINGERPRINT_KEY) != Some(fingerprint(schema).as_str()) {
        return Err(difference(schema, file.metadata(NETWORK_KEY).unwrap_or_default()));
    }
    Ok(file)
}

/// The safetensors file, if it is a whole checkpoint.
fn parse(bytes: &[u8]) -> Result<SafeTensors<'_>, CheckpointError> {
    let file = SafeTensors::parse(bytes).map_err(CheckpointError::Format)?;
    let version = file.metadata(VERSION_KEY).ok_or(CheckpointError::NotACheckpoint)?;
    if version != VERSION {
        return Err(CheckpointError::Version { found: Label::of(version) });
    }
    let Some((covered, sum)) = bytes.split_last_chunk::<CHECKSUM_BYTES>() else {
        return Err(CheckpointError::NotACheckpoint);
    };
    let (found, computed) = (u32::from_le_bytes(*sum), crc32(0, covered));
    if file.get(CHECKSUM).is_none() || found != computed {
        return Err(CheckpointError::Checksum { found, computed });
    }
    Ok(file)
}

/// Finds the parts of a run in a file: without values, checks that they are there, else restores them.
struct Search<'f> {
    file: SafeTensors<'f>,
    /// The name of what the next tensors are parts of.
    prefix: Text<95>,
    /// How many tensors were found.
    found: usize,
    /// A tensor's name, and whether it was found.
    searched: &'f str,
    seen: bool,
    /// The first error.
    result: Result<(), CheckpointError>,
}

impl<'f> Search<'f> {
    const fn of(file: SafeTensors<'f>) -> Self {
        Self { file, prefix: Text::EMPTY, found: 0, searched: "", seen: false, result: Ok(()) }
    }

    fn block<T: Scalar>(&self, key: &Key<'_>, located: &Located) -> Result<Tensor<'f>, CheckpointError> {
        let tensor = tensor_for(&self.file, key, located).map_err(CheckpointError::Load)?;
        let needed = Dtype::of::<T>();
        if tensor.dtype == needed || tensor.dtype == Dtype::I64 {
            Ok(tensor)
        } else {
            Err(CheckpointError::Dtype { tensor: key.name(), found: tensor.dtype, needed })
        }
    }

    fn array<U: Number, const N: usize>(&self, name: &'static str) -> Result<Tensor<'f>, CheckpointError> {
        let key = Key::of_part(self.prefix, name);
        let tensor = self.file.find(&key.pieces()).ok_or(CheckpointError::Missing { tensor: key.name() })?;
        if tensor.dtype != U::DTYPE {
            let (found, needed) = (tensor.dtype, U::DTYPE);
            return Err(CheckpointError::Dtype { tensor: key.name(), found, needed });
        }
        if tensor.data.len() != U::DTYPE.bytes().saturating_mul(N) {
            return Err(CheckpointError::Length { tensor: key.name(), found: tensor.shape, needed: N });
        }
        Ok(tensor)
    }

    fn nested<V: Persist, const W: usize>(&mut self, name: &'static str, write: [&mut V; W])
    where
        Self: Parts<0, W>,
    {
        let outer = self.prefix;
        self.prefix = inside(outer, name);
        V::walk([], write, self);
        self.prefix = outer;
    }

    /// Counts a tensor, or keeps the first error.
    fn count(&mut self, tensor: Result<Tensor<'f>, CheckpointError>) {
        match tensor {
            Ok(tensor) => {
                self.found = self.found.saturating_add(1);
                self.seen |= tensor.name == self.searched;
            }
            Err(error) => self.result = self.result.and(Err(error)),
        }
    }
}

impl Parts<0, 0> for Search<'_> {
    fn parameters<T: Scalar, P: Parameters<T>>(&mut self, name: &'static str, []: [&P; 0], []: [&mut P; 0]) {
        let prefix = inside(self.prefix, name);
        for located in (0..P::SCHEMA.blocks()).map_while(|index| P::SCHEMA.block(index)) {
            self.count(self.block::<T>(&Key::new(prefix, Names::Sequential, &located), &located));
        }
    }

    fn numbers<U: Number, const N: usize>(
        &mut self,
        name: &'static str,
        []: [&[U; N]; 0],
        []: [&mut [U; N]; 0],
    ) {
        self.count(self.array::<U, N>(name));
    }

    fn group<V: Persist>(&mut self, name: &'static str, []: [&V; 0], write: [&mut V; 0]) {
        self.nested(name, write);
    }
}

impl Parts<0, 1> for Search<'_> {
    fn parameters<T: Scalar, P: Parameters<T>>(
        &mut self,
        name: &'static str,
        []: [&P; 0],
        [part]: [&mut P; 1],
    ) {
        let (prefix, mut index) = (inside(self.prefix, name), 0_usize);
        part.visit_mut(|_, values| {
            if let Some(located) = P::SCHEMA.block(index)
                && let Ok(tensor) = self.block::<T>(&Key::new(prefix, Names::Sequential, &located), &located)
            {
                fill(values, &located.field, &tensor);
            }
            index = index.saturating_add(1);
        });
    }

    fn numbers<U: Number, const N: usize>(
        &mut self,
        name: &'static str,
        []: [&[U; N]; 0],
        [part]: [&mut [U; N]; 1],
    ) {
        if let Ok(tensor) = self.array::<U, N>(name) {
            let mut rest = tensor.data;
            for number in part {
                let Some((bytes, others)) = rest.split_at_checked(U::DTYPE.bytes()) else { break };
                (*number, rest) = (U::from_word(word(bytes)), others);
            }
        }
    }

    fn group<V: Persist>(&mut self, name: &'static str, []: [&V; 0], write: [&mut V; 1]) {
        self.nested(name, write);
    }
}
