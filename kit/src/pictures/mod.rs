//! Pictures of data, training and what was learnt, as SVG, PNG and animated PNG files.
//!
//! | picture | shows |
//! |---|---|
//! | [`LearningCurves`] | losses and metrics over the epochs, and the best epoch |
//! | [`ConfusionHeatMap`] | a confusion matrix |
//! | [`DecisionBoundary`] | what a network with two inputs answers, and samples |
//! | [`Histograms`] | weights, activations or gradients by layer |
//! | [`ImageSheet`] | rows of grey images: inputs and outputs of an autoencoder |
//! | [`Band`] | a function with its standard deviation, and data |
//! | [`RateRangeTest`] | the losses of a learning-rate range test |
//! | [`Animation`] | frames one after the other, such as a boundary while it is learnt |
//!
//! Each is a value with public fields; its `draw` makes a [`Picture`], whose [`save`](Picture::save) writes a file in the format
//! that its name says. Nothing of the system is needed: text is outlines of an embedded font (Roboto, with Latin, Greek
//! and Cyrillic letters; other characters are boxes).
//!
//! Colours are those of Okabe and Ito, and of cividis, which colour-blind people tell apart. Curves also differ in their
//! dashes, classes in the shape of their markers, and heat maps in lightness, so that pictures can be printed. Names too long for
//! their place lose their middle, not their ends. Numbers that an axis cannot show, such as NaN, are marked at its edge and counted
//! in the legend.
//!
//! ```
//! use stackprop_kit::pictures::{LearningCurves, PictureError};
//!
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("losses.jpeg");
//! let curves = LearningCurves { train: (&[0.5_f32, 0.25]).into(), ..LearningCurves::default() };
//! let error = curves.draw()?.save(&path).unwrap_err();
//! assert!(error.to_string().ends_with("losses.jpeg: the name of the file must end with .svg or .png"));
//! # Ok::<(), PictureError>(())
//! ```

mod animation;
mod axis;
mod band;
mod color;
mod color_bar;
mod confusion;
mod contour;
mod curve;
mod decision_boundary;
mod error;
mod histograms;
#[cfg(feature = "fit")]
mod history;
mod image_sheet;
mod learning_curves;
mod legend;
mod panel;
mod picture;
#[cfg(feature = "health")]
mod range_test;
mod raster;
mod rate_range;
mod regions;
mod style;
mod svg;
mod text;
mod ticks;

pub use animation::Animation;
pub use axis::Scale;
pub use band::Band;
pub use confusion::ConfusionHeatMap;
pub use curve::Curve;
pub use decision_boundary::DecisionBoundary;
pub use error::PictureError;
pub use histograms::Histograms;
pub use image_sheet::ImageSheet;
pub use learning_curves::LearningCurves;
pub use picture::Picture;
pub use rate_range::RateRangeTest;
