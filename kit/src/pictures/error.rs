//! Why a picture cannot be drawn or written.

use std::io;
use std::path::PathBuf;

/// Why a picture cannot be drawn or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// There is nothing to draw.
    #[error("there is nothing to draw: {what} has no values")]
    Empty {
        /// What has no values.
        what: String,
    },
    /// Two things that belong together differ in length.
    #[error("{what} has {found} values, but needs {expected}")]
    Length {
        /// What has the wrong length.
        what: String,
        /// How many values it needs.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A number cannot be drawn where it stands.
    #[error("{what}: value {index} is {value}, but must be {must_be}")]
    Value {
        /// What has the number.
        what: &'static str,
        /// Its place, from 0.
        index: usize,
        /// The number.
        value: f64,
        /// What the number must be.
        must_be: &'static str,
    },
    /// The class of a point, or the class that a network answers, is not one of the classes.
    #[error("{what} is of class {class}, but there are {classes} classes")]
    Class {
        /// Which point.
        what: String,
        /// Its class, from 0.
        class: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// The picture would be too large, or unreadable.
    #[error("{what} of a picture: {found}, but at most {most} can be drawn")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many can be drawn.
        most: usize,
    },
    /// A frame of an animation has another size than the first one.
    #[error("frame {frame} is {found:?} large, but the first frame is {expected:?}")]
    FrameSize {
        /// The number of the frame, from 0.
        frame: usize,
        /// The width and the height of the first frame.
        expected: (u32, u32),
        /// The width and the height of this frame.
        found: (u32, u32),
    },
    /// The name of the file does not end as that of a format.
    #[error("{}: the name of the file must end with {expected}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The endings that are formats.
        expected: &'static str,
    },
    /// The system's error for a file or a directory.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The error.
        error: io::Error,
    },
}

impl PictureError {
    pub(super) fn empty(what: impl Into<String>) -> Self {
        Self::Empty { what: what.into() }
    }
}
