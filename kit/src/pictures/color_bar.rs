//! What the colours of a heat map mean.

use super::axis::Axis;
use super::color::{Color, FRAME};
use super::picture::{Anchor, Area, Lettering, Line, Picture};
use super::text::{self, LABEL, TICK};

/// Draws a bar of the colours of `axis`.
pub(super) fn draw(picture: &mut Picture, area: Area, axis: &Axis, color: fn(f64) -> Color) {
    let shades = area.height as usize;
    let shade = |row: usize| color(1.0 - (row as f64 + 0.5) / shades as f64);
    picture.image(area, 1, (0..shades).map(shade).collect());
    let line = Line::solid(FRAME, 1.0);
    picture.rectangle(area, None, Some(line));
    let ticks = axis.spaced_ticks(area.height, |_| TICK * 2.5);
    let mut widest = 0.0f32;
    for tick in &ticks {
        let (Some(place), Some(label)) = (axis.place(tick.value), &tick.label) else { continue };
        let y = area.bottom() - place as f32 * area.height;
        picture.segment([area.right(), y], [area.right() + 4.0, y], line);
        picture.text_beside(area.right() + 7.0, y, label, Lettering::new(TICK, Anchor::Start));
        widest = widest.max(text::width(label, TICK));
    }
    let x = area.right() + widest + 20.0;
    let label = text::fitted(&axis.label, LABEL, area.height.max(150.0));
    picture.text_upwards(x, area.y + area.height / 2.0, &label, Lettering::new(LABEL, Anchor::Middle));
}
