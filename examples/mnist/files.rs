//! The MNIST database.

use std::path::Path;

use stackprop_kit::readers::{FileError, Idx, Images};

/// Where the database comes from.
pub const SOURCE: &str = "\
The directory holds the four files of MNIST, in IDX format, zipped or not:
  train-images-idx3-ubyte.gz  train-labels-idx1-ubyte.gz
  t10k-images-idx3-ubyte.gz   t10k-labels-idx1-ubyte.gz
They are published at https://github.com/cvdfoundation/mnist, and file by file below
https://ossci-datasets.s3.amazonaws.com/mnist/. To try the program without them,
python3 tools/digits_as_mnist.py DIR writes four small files of that format.";

/// Images and labels as in the files: 47 MB of bytes for the 60,000 images of the training part. As `f32`, they would take
/// 188 MB; instead, each sample is converted when and where the trainer needs it.
pub type Mnist = Images<784, 10>;

/// Reads one part of the database, `train` or `t10k`.
pub fn read(directory: &Path, part: &str) -> Result<Mnist, FileError> {
    let path = |kind: &str| {
        let name = format!("{part}-{kind}-ubyte");
        let zipped = directory.join(format!("{name}.gz"));
        if zipped.exists() { zipped } else { directory.join(name) }
    };
    Idx::new(path("images-idx3"), path("labels-idx1")).read()
}
