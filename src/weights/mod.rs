//! Parameters in files: safetensors, with PyTorch's names and layout.
//!
//! [`load`] and [`save`], also as [`Network::load`](crate::Network::load) and [`Network::save`](crate::Network::save), work on
//! bytes, without a heap and without `std`. A file that PyTorch wrote:
//!
//! ```python
//! model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
//! safetensors.torch.save_file(model.state_dict(), "model.safetensors")
//! ```
//!
//! has the tensors `0.weight`, `0.bias`, `2.weight`, `2.bias`, and fits `Chain![Dense<784, 128, Relu>, Dense<128, 10>]`:
//!
//! ```
//! use stackprop::weights::Names;
//! use stackprop::{Chain, Dense, Network, Relu};
//!
//! type Net = Network<2, Chain![Dense<2, 3, Relu>, Dense<3, 1>]>;
//! let mut network = Net::zeros();
//! network.layers.1.bias = [0.5];
//!
//! let mut file = vec![];
//! network.save(Names::Sequential, |bytes| {
//!     file.extend_from_slice(bytes); // or `write_all` to a file
//!     Ok::<(), std::convert::Infallible>(())
//! })?;
//!
//! let mut copy = Net::zeros();
//! copy.load(&file, Names::Sequential)?;
//! assert_eq!(copy, network);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Names.** A tensor is named by its layer and its field: `2.weight`. [`Names`] are those of an `nn.Sequential`, which
//! counts activations and layers without parameters, too, or are given, one for each layer with parameters. Inside of a
//! [`Residual`](crate::Residual) at place 3, counting starts anew: `3.0.weight`. The branches of a
//! [`Parallel`](crate::Parallel) are modules 0 and 1 of it, and a branch of several modules is an `nn.Sequential` of its own.
//! The layers of a [`Frozen`](crate::Frozen) are named as without it.
//!
//! **Layout.** PyTorch has the weights of a linear layer as `[out, in]`, this crate as `[IN][OUT]`: they are transposed.
//!
//! **Types.** F64, F32, F16 and BF16 are read into networks of `f32` and `f64`, rounded to nearest. F32 or F64 is written,
//! as the network has it. The number of samples that a [`BatchNorm`](crate::BatchNorm) or a
//! [`Standardize`](crate::Standardize) has seen is `num_batches_tracked`, I64 and not negative, which in PyTorch counts
//! mini-batches.
#[doc(hidden)]
pub mod compiled;
mod example;
mod layout;
mod load;
mod names;
mod safetensors;
mod save;
mod write;

pub use crate::dtype::Dtype;
pub use crate::text::Label;
pub(crate) use example::save_with_example;
pub use example::{Example, ExampleError, Mismatch};
pub use load::{LoadError, load};
pub use names::Names;
pub use safetensors::{FormatError, SafeTensors, Shape, Tensor};
pub use save::{SaveError, save};
#[cfg(feature = "checkpoint")]
pub(crate) use {
    load::{fill, tensor_for, word},
    names::{Key, inside},
    write::write_file,
};
