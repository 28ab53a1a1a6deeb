//! Lines and markers that differ in more than their colour.

use std::f32::consts::TAU;

use tiny_skia::{Path, PathBuilder};

use super::color::{Color, OKABE_ITO, edge_of};
use super::picture::{Line, Picture};

/// The line of the curve with this number.
pub(super) fn line(index: usize) -> Line {
    const DASHES: [&[f32]; 5] = [&[], &[7.0, 3.0], &[2.0, 2.5], &[9.0, 3.0, 2.0, 3.0], &[14.0, 4.0]];
    Line { color: OKABE_ITO[index % OKABE_ITO.len()], width: 2.0, dashes: DASHES[index % DASHES.len()] }
}

/// The shape of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    TriangleDown,
    Star,
    Pentagon,
    /// A number that is not finite.
    Cross,
    /// A best value.
    Ring,
}

/// The shapes of classes.
const OF_CLASSES: [Marker; 7] = [
    Marker::Circle,
    Marker::Square,
    Marker::Triangle,
    Marker::Diamond,
    Marker::TriangleDown,
    Marker::Star,
    Marker::Pentagon,
];

/// How many classes have a colour and shape of their own.
pub(super) const CLASSES: usize = OF_CLASSES.len() * OKABE_ITO.len();

/// The shape and the colour of a class or curve: no two of the first [`CLASSES`] share both.
pub(super) fn marker(index: usize) -> (Marker, Color) {
    (OF_CLASSES[index % OF_CLASSES.len()], OKABE_ITO[index % OKABE_ITO.len()])
}

impl Marker {
    /// Draws the shape; filled shapes have an edge, which separates them from others and from what is below.
    pub fn draw(self, picture: &mut Picture, at: [f32; 2], radius: f32, color: Color) {
        let edge = Line::solid(edge_of(color), (radius / 4.0).min(1.0));
        match self {
            Marker::Cross | Marker::Ring => {
                picture.shape(self.path(at, radius), None, Some(Line::solid(color, 1.8)));
            }
            _ => picture.shape(self.path(at, radius), Some(color), Some(edge)),
        }
    }

    fn path(self, [x, y]: [f32; 2], radius: f32) -> Option<Path> {
        match self {
            Marker::Circle | Marker::Ring => PathBuilder::from_circle(x, y, radius),
            // Sizes are such that the areas are about equal.
            Marker::Square => star(x, y, radius * 1.2, 4, 0.5, 1.0),
            Marker::Triangle => star(x, y + radius * 0.2, radius * 1.4, 3, 0.0, 1.0),
            Marker::TriangleDown => star(x, y - radius * 0.2, radius * 1.4, 3, 0.5, 1.0),
            Marker::Diamond => star(x, y, radius * 1.3, 4, 0.0, 1.0),
            Marker::Star => star(x, y, radius * 1.6, 5, 0.0, 0.45),
            Marker::Pentagon => star(x, y, radius * 1.15, 5, 0.0, 1.0),
            Marker::Cross => {
                let mut path = PathBuilder::new();
                for side in [-radius, radius] {
                    path.move_to(x - radius, y - side);
                    path.line_to(x + radius, y + side);
                }
                path.finish()
            }
        }
    }
}

/// A regular polygon, the first corner on top if `turn` is 0 parts of the angle between corners; a star, if there are
/// corners between them at `inner` of the radius.
fn star(x: f32, y: f32, radius: f32, corners: usize, turn: f32, inner: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut corner = |place: f32, radius: f32| {
        let angle = TAU * (place + turn) / corners as f32;
        let (x, y) = (x + radius * angle.sin(), y - radius * angle.cos());
        if path.is_empty() { path.move_to(x, y) } else { path.line_to(x, y) }
    };
    for index in 0..corners {
        corner(index as f32, radius);
        if inner < 1.0 {
            corner(index as f32 + 0.5, radius * inner);
        }
    }
    path.close();
    path.finish()
}
