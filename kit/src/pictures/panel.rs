//! A pair of axes, and curves in it.

use super::axis::Axis;
use super::color::{Color, FRAME, GRID, INK};
use super::curve::Curve;
use super::picture::{Anchor, Area, Lettering, Line, Picture};
use super::style::Marker;
use super::text::{self, LABEL, TICK};
use super::ticks::Tick;

/// The line at a value of the horizontal axis that is marked.
pub(super) const MARK: Line = Line { color: INK, width: 1.0, dashes: &[4.0, 3.0] };

/// A pair of axes around an area.
pub(super) struct Panel {
    /// Where the data is.
    pub area: Area,
    pub x: Axis,
    pub y: Axis,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
}

impl Panel {
    /// Axes that fill `outer` with their ticks and labels.
    pub fn new(outer: Area, x: Axis, y: Axis) -> Self {
        let below = if x.label.is_empty() { 26.0 } else { 46.0 };
        let height = (outer.height - below - 8.0).floor();
        let y_ticks = y.spaced_ticks(height, |_| TICK * 2.0);
        let beside = if y.label.is_empty() { 12.0 } else { 32.0 };
        let left = (text::widest(labels(&y_ticks), TICK) + beside).ceil();
        // Half of the last label of x may be outside.
        let width = (outer.width - left - 20.0).floor();
        let x_ticks = x.spaced_ticks(width, |label| text::width(label, TICK) + 14.0);
        let area = Area::new((outer.x + left).round(), (outer.y + 8.0).round(), width, height);
        Self { area, x, y, x_ticks, y_ticks }
    }

    /// The panel with its left edge moved to the right, to that of another panel.
    pub fn with_left(mut self, left: f32) -> Self {
        self.area.width -= left - self.area.x;
        self.area.x = left;
        self.x_ticks = self.x.spaced_ticks(self.area.width, |label| text::width(label, TICK) + 14.0);
        self
    }

    /// Draws lines at the ticks.
    pub fn draw_grid(&self, picture: &mut Picture) {
        let Area { x, y, .. } = self.area;
        let line = |tick: &Tick| Line::solid(GRID, if tick.label.is_some() { 1.0 } else { 0.4 });
        for (tick, at) in self.along_x() {
            picture.segment([at, y], [at, self.area.bottom()], line(tick));
        }
        for (tick, at) in self.along_y() {
            picture.segment([x, at], [self.area.right(), at], line(tick));
        }
    }

    /// Draws the frame, the ticks and the labels.
    pub fn draw_frame(&self, picture: &mut Picture) {
        let (area, line) = (self.area, Line::solid(FRAME, 1.0));
        picture.rectangle(area, None, Some(line));
        for (tick, at) in self.along_x() {
            if let Some(label) = &tick.label {
                picture.segment([at, area.bottom()], [at, area.bottom() + 4.0], line);
                picture.text(at, area.bottom() + 17.0, label, Lettering::new(TICK, Anchor::Middle));
            }
        }
        for (tick, at) in self.along_y() {
            if let Some(label) = &tick.label {
                picture.segment([area.x - 4.0, at], [area.x, at], line);
                picture.text_beside(area.x - 7.0, at, label, Lettering::new(TICK, Anchor::End));
            }
        }
        let lettering = Lettering::new(LABEL, Anchor::Middle);
        let label = text::fitted(&self.x.label, LABEL, area.width);
        picture.text(area.x + area.width / 2.0, area.bottom() + 37.0, &label, lettering);
        let label = text::fitted(&self.y.label, LABEL, area.height);
        let left = area.x - text::widest(labels(&self.y_ticks), TICK) - 22.0;
        picture.text_upwards(left, area.y + area.height / 2.0, &label, lettering);
    }

    fn along_x(&self) -> impl Iterator<Item = (&Tick, f32)> {
        self.x_ticks.iter().filter_map(|tick| Some((tick, self.x_at(tick.value)?)))
    }

    fn along_y(&self) -> impl Iterator<Item = (&Tick, f32)> {
        self.y_ticks.iter().filter_map(|tick| Some((tick, self.y_at(tick.value)?)))
    }

    pub fn x_at(&self, x: f64) -> Option<f32> {
        Some(self.area.x + self.x.place(x)? as f32 * self.area.width)
    }

    pub fn y_at(&self, y: f64) -> Option<f32> {
        Some(self.area.bottom() - self.y.place(y)? as f32 * self.area.height)
    }

    /// Where a point lies in the picture; `None` if an axis cannot show it.
    pub fn at(&self, (x, y): (f64, f64)) -> Option<[f32; 2]> {
        Some([self.x_at(x)?, self.y_at(y)?])
    }

    /// The same, with what the vertical axis cannot show at its edge: numbers below, NaN and infinities on top.
    pub fn at_or_edge(&self, (x, y): (f64, f64)) -> Option<[f32; 2]> {
        let edge = if y.is_finite() { self.area.bottom() - 7.0 } else { self.area.y + 7.0 };
        Some([self.x_at(x)?, self.y_at(y).unwrap_or(edge)])
    }

    /// Draws a curve; with a marker at each point if they are few.
    pub fn draw_curve(&self, picture: &mut Picture, curve: &Curve, line: Line, marker: Marker) {
        self.draw_line(picture, curve, line);
        if curve.points.len() <= 30 {
            let places = curve.points.iter().filter_map(|point| self.at(*point));
            places.for_each(|at| marker.draw(picture, at, 3.6, line.color));
        }
        self.mark_hidden(picture, curve, line.color);
    }

    /// Draws a curve, with a dot only at points without a neighbour.
    pub fn draw_line(&self, picture: &mut Picture, curve: &Curve, line: Line) {
        for run in self.runs(curve) {
            match run[..] {
                [at] => Marker::Circle.draw(picture, at, 3.6, line.color),
                _ => picture.polyline(&thinned(&run), line),
            }
        }
    }

    /// The places of points with nothing between them that the axes cannot show.
    fn runs(&self, curve: &Curve) -> Vec<Vec<[f32; 2]>> {
        let places: Vec<Option<[f32; 2]>> = curve.points.iter().map(|point| self.at(*point)).collect();
        let runs = places.split(Option::is_none).map(|run| run.iter().flatten().copied().collect());
        runs.filter(|run: &Vec<_>| !run.is_empty()).collect()
    }

    /// Marks points that the vertical axis cannot show at its edges.
    pub fn mark_hidden(&self, picture: &mut Picture, curve: &Curve, color: Color) {
        let mut last = [f32::NEG_INFINITY; 2];
        for &point in curve.points.iter().filter(|point| self.y.place(point.1).is_none()) {
            let Some(at) = self.at_or_edge(point) else { continue };
            let finite = point.1.is_finite();
            let last = &mut last[usize::from(finite)];
            if at[0] - *last >= 8.0 {
                let marker = if finite { Marker::TriangleDown } else { Marker::Cross };
                marker.draw(picture, at, 3.5, color);
                *last = at[0];
            }
        }
    }

    /// Draws a vertical line at `x`.
    pub fn draw_vertical(&self, picture: &mut Picture, x: f64) {
        if let Some(x) = self.x_at(x) {
            picture.segment([x, self.area.y], [x, self.area.bottom()], MARK);
        }
    }
}

/// How many points the vertical axis cannot show.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Hidden {
    pub not_finite: usize,
    pub not_positive: usize,
}

impl Hidden {
    pub fn of(axis: &Axis, values: &[f64]) -> Self {
        let not_finite = values.iter().filter(|value| !value.is_finite()).count();
        let hidden = values.iter().filter(|value| axis.place(**value).is_none()).count();
        Self { not_finite, not_positive: hidden - not_finite }
    }
}

fn labels(ticks: &[Tick]) -> impl Iterator<Item = &str> {
    ticks.iter().filter_map(|tick| tick.label.as_deref())
}

/// What is visible of a line whose points are denser than the pixels: of each half unit of x, the first, the lowest, the
/// highest and the last point.
fn thinned(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let column = |point: &[f32; 2]| (point[0] * 2.0).floor() as i32;
    let mut thinned = vec![];
    for same in points.chunk_by(|a, b| column(a) == column(b)) {
        let by_y = |a: &&usize, b: &&usize| same[**a][1].total_cmp(&same[**b][1]);
        let all: Vec<usize> = (0..same.len()).collect();
        let mut kept = vec![0, same.len() - 1];
        kept.extend(all.iter().min_by(by_y));
        kept.extend(all.iter().max_by(by_y));
        kept.sort_unstable();
        kept.dedup();
        thinned.extend(kept.into_iter().map(|index| same[index]));
    }
    thinned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_lines_keep_their_extremes() {
        let points: Vec<[f32; 2]> =
            (0..100_000u32).map(|i| [i as f32 / 1000.0, (i * 7919 % 1000) as f32]).collect();
        let thin = thinned(&points);
        assert!(thin.len() <= 4 * 201, "{}", thin.len());
        assert_eq!((thin[0], thin.last()), (points[0], points.last()));
        let extremes = |points: &[[f32; 2]]| {
            let ys = points.iter().map(|point| point[1]);
            (ys.clone().fold(f32::MAX, f32::min), ys.fold(f32::MIN, f32::max))
        };
        assert_eq!(extremes(&thin), (0.0, 999.0));
        assert_eq!(thinned(&points[..2]), points[..2]);
    }
}
