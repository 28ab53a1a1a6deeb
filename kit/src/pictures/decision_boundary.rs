//! What a network with two inputs answers over a plane.

use super::axis::{Axis, bounds, widened};
use super::color::{Color, INK, NOT_FINITE, WHITE, cividis, mix};
use super::color_bar;
use super::contour;
use super::curve::check;
use super::error::PictureError;
use super::legend::{self, Key};
use super::panel::Panel;
use super::picture::{Area, Line, Picture};
use super::regions;
use super::style::{self, CLASSES};
use super::ticks::number;

/// The decision boundary of a network with two inputs: the plane in the colours of its answers, and samples on top.
///
/// ```
/// use stackprop_kit::pictures::DecisionBoundary;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("boundary.png");
/// let samples = vec![([-1.0, 0.5], 0), ([0.5, 1.0], 1), ([1.0, -1.0], 1)];
/// let boundary = DecisionBoundary::new(samples, ["left", "right"]);
/// // In place of the closures: `network.predict(&x)`.
/// boundary.draw_classes(|x| usize::from(x[0] > 0.0))?.save(&path)?;
/// let picture = boundary.draw_values("output", Some(0.5), |x| 1.0 / (1.0 + (-x[0]).exp()))?;
/// # picture.save(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionBoundary {
    /// The title; empty for none.
    pub title: String,
    /// The names of the two inputs.
    pub inputs: [String; 2],
    /// Samples, each with its class.
    pub samples: Vec<([f32; 2], usize)>,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// The least and the largest value of each input that is shown; `None` for those of the samples, with a margin.
    pub range: Option<[[f32; 2]; 2]>,
    /// The least and the largest value that [`draw_values`](Self::draw_values) has colours for, so that pictures can be compared;
    /// values beyond them widen it. `None` for the least and the largest value.
    pub shades: Option<[f32; 2]>,
}

const WIDTH: f32 = 560.0;

impl DecisionBoundary {
    /// These samples of these classes, without a title.
    pub fn new(
        samples: impl IntoIterator<Item = ([f32; 2], usize)>,
        classes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            title: String::new(),
            inputs: ["x₁".into(), "x₂".into()],
            samples: samples.into_iter().collect(),
            classes: classes.into_iter().map(Into::into).collect(),
            range: None,
            shades: None,
        }
    }

    /// Draws regions by class, with a line between them. `class` is asked 60,000 times, and more along the boundary.
    ///
    /// # Errors
    ///
    /// As [`draw_values`](Self::draw_values), and [`PictureError::Class`] if an answer is not one of the classes.
    pub fn draw_classes(&self, mut class: impl FnMut([f32; 2]) -> usize) -> Result<Picture, PictureError> {
        let (mut picture, panel) = self.start(WIDTH, &[])?;
        let regions = regions::of(panel.area, |at| class(input(&panel, at)));
        let classes = self.classes.len();
        if let Some(&class) = regions.classes.iter().find(|class| **class >= classes) {
            return Err(PictureError::Class { what: "an answer".into(), class, classes });
        }
        picture.image(panel.area, regions.columns, regions.colors(tint));
        self.finish(&mut picture, &panel);
        Ok(picture)
    }

    /// Draws the plane in the colours of `value`, from dark to light, with a line where it is `level`. `value` is asked 60,000
    /// times.
    ///
    /// # Errors
    ///
    /// [`PictureError::Empty`] if there are neither samples nor a range. [`PictureError::Value`] if an input of a sample
    /// is not finite or outside of the range, or the range is not one. [`PictureError::Class`] if the class of
    /// a sample has no name. [`PictureError::TooMany`] with more than 56 classes, because their markers would be the same.
    pub fn draw_values(
        &self,
        name: &str,
        level: Option<f32>,
        mut value: impl FnMut([f32; 2]) -> f32,
    ) -> Result<Picture, PictureError> {
        let line = Line::solid(INK, 1.6);
        let mut keys: Vec<Key> = level
            .iter()
            .map(|&level| Key::line(format!("{name} = {}", number(level.into())), line))
            .collect();
        let (mut picture, mut panel) = self.start(WIDTH + 90.0, &keys)?;
        let mut grid = contour::Grid::of(panel.area, |at| value(input(&panel, at)).into());
        if grid.values.iter().any(|value| !value.is_finite()) {
            keys.push(Key::fill("NaN or infinite", NOT_FINITE));
            (picture, panel) = self.start(WIDTH + 90.0, &keys)?;
            grid.area = panel.area;
        }
        let shades = self.shades.iter().flatten().map(|&end| end.into());
        let shown = grid.values.iter().copied().chain(shades).filter(|value| value.is_finite());
        let (low, high) = bounds(shown).unwrap_or((0.0, 1.0));
        let (low, high) = widened(low, high);
        let axis = Axis::new(name, low, high);
        let color = |value: &f64| axis.place(*value).map_or(NOT_FINITE, cividis);
        picture.image(panel.area, grid.columns, grid.values.iter().map(color).collect());
        for [from, to] in level.map_or(vec![], |level| grid.contour(level.into())) {
            picture.segment(from, to, Line::solid(WHITE, 3.0));
            picture.segment(from, to, line);
        }
        self.finish(&mut picture, &panel);
        let bar = Area::new(panel.area.right() + 20.0, panel.area.y, 16.0, panel.area.height);
        color_bar::draw(&mut picture, bar, &axis, cividis);
        Ok(picture)
    }
}

impl DecisionBoundary {
    /// A sheet with the legend, and the panel below it.
    fn start(&self, width: f32, keys: &[Key]) -> Result<(Picture, Panel), PictureError> {
        let [x, y] = self.axes()?;
        self.check([&x, &y])?;
        let mut picture = Picture::new(width, 0.0, &self.title);
        let top = picture.write_title();
        let classes = self.classes.iter().enumerate().map(|(class, name)| {
            let (marker, color) = style::marker(class);
            Key::marker(name.as_str(), marker, color)
        });
        let keys: Vec<Key> = classes.chain(keys.iter().cloned()).collect();
        let top = legend::draw(&mut picture, Area::new(24.0, top, width - 48.0, 0.0), &keys);
        let panel = Panel::new(Area::new(10.0, top, WIDTH - 20.0, 530.0), x, y);
        picture.height = (top + 538.0).ceil();
        Ok((picture, panel))
    }

    fn axes(&self) -> Result<[Axis; 2], PictureError> {
        let axis = |input: usize| {
            let name = &self.inputs[input];
            if let Some(range) = self.range {
                let [low, high] = range[input].map(f64::from);
                check("an end of the range", [low, high].into_iter(), "finite", f64::is_finite)?;
                check("the end of a range", [high].into_iter(), "above its start", |high| high > low)?;
                return Ok(Axis::new(name, low, high));
            }
            if self.samples.is_empty() {
                return Err(PictureError::empty("the list of samples, in place of a range,"));
            }
            Ok(Axis::over(name, self.samples.iter().map(|(x, _)| x[input].into())))
        };
        Ok([axis(0)?, axis(1)?])
    }

    fn check(&self, axes: [&Axis; 2]) -> Result<(), PictureError> {
        let classes = self.classes.len();
        if classes > CLASSES {
            return Err(PictureError::TooMany { what: "classes", found: classes, most: CLASSES });
        }
        for (index, axis) in axes.into_iter().enumerate() {
            let inputs = self.samples.iter().map(|(x, _)| x[index].into());
            check("an input of the samples", inputs, "finite and in the range", |x| axis.place(x).is_some())?;
        }
        match self.samples.iter().enumerate().find(|(_, (_, class))| *class >= classes) {
            None => Ok(()),
            Some((index, &(_, class))) => {
                Err(PictureError::Class { what: format!("sample {index}"), class, classes })
            }
        }
    }

    fn finish(&self, picture: &mut Picture, panel: &Panel) {
        let radius = match self.samples.len() {
            0..=150 => 4.5,
            151..=600 => 3.5,
            _ => 2.5,
        };
        for &(x, class) in &self.samples {
            let (marker, color) = style::marker(class);
            if let Some(at) = panel.at(x.map(f64::from).into()) {
                marker.draw(picture, at, radius, color);
            }
        }
        panel.draw_frame(picture);
    }
}

/// The colour of a class's region: its own with more or less white, so that neighbours also differ in lightness.
fn tint(class: usize) -> Color {
    mix(style::marker(class).1, WHITE, [0.55, 0.8, 0.68][class % 3])
}

/// The inputs at a place of the picture.
fn input(panel: &Panel, at: [f32; 2]) -> [f32; 2] {
    let [right, down] =
        [(at[0] - panel.area.x) / panel.area.width, (at[1] - panel.area.y) / panel.area.height];
    let between = |axis: &Axis, part: f64| (axis.low * (1.0 - part) + axis.high * part) as f32;
    [between(&panel.x, right.into()), between(&panel.y, 1.0 - f64::from(down))]
}
