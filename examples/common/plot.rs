//! Drawings with plotters: learning curves, and sheets of small images.

use std::error::Error;
use std::ops::Range;
use std::{fs, path::Path};

use plotters::coord::Shift;
use plotters::prelude::*;

use super::cli::about;

/// A drawing or a part of one.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws on a white background of this size, and writes the drawing to an SVG file.
pub fn save(
    path: &Path,
    size: (u32, u32),
    draw: impl FnOnce(&Area) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    area.fill(&WHITE)?;
    draw(&area)?;
    area.present()?;
    drop(area);
    Ok(fs::write(path, svg).map_err(|error| about(path, format!("cannot be written: {error}")))?)
}

/// Draws one chart of curves over the epochs (or what `x_name` says), each `(name, y of each epoch)`, with a legend if there are several.
/// Points outside of the range are drawn at its edge.
pub fn curves(
    area: &Area,
    title: &str,
    x_name: &str,
    (y_name, y_range): (&str, Range<f32>),
    curves: &[(&str, &[f32])],
) -> Result<(), Box<dyn Error>> {
    let epochs = curves.iter().map(|(_, y)| y.len()).max().unwrap_or(0);
    let last = epochs.saturating_sub(1).max(1);
    let (low, high) = (y_range.start, y_range.end);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 20))
        .margin(20)
        .x_label_area_size(45)
        .y_label_area_size(60)
        .build_cartesian_2d(0..last, y_range)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .label_style(("sans-serif", 14))
        .axis_desc_style(("sans-serif", 15))
        .x_desc(x_name)
        .y_desc(y_name)
        .y_label_formatter(&|y| if high < 10.0 { format!("{y:.2}") } else { format!("{y:.0}") })
        .draw()?;
    for (index, (name, y)) in curves.iter().enumerate() {
        let style = Palette99::pick(index).stroke_width(2);
        // plotters does not check the range: a point far outside of it overflows.
        let points = y.iter().map(|y| y.clamp(low, high)).enumerate();
        chart
            .draw_series(LineSeries::new(points.clone(), style))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
        // A dot for each epoch, if they do not overlap. (A single epoch has no line.)
        if y.len() <= 50 {
            let dot = |point| Circle::new(point, 3, style.filled());
            chart.draw_series(points.map(dot))?;
        }
    }
    if curves.len() > 1 {
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .label_font(("sans-serif", 15))
            .background_style(WHITE)
            .border_style(BLACK.mix(0.3))
            .draw()?;
    }
    Ok(())
}

/// Draws the learning curve: the loss, and below it the accuracy.
pub fn learning_curve(path: &Path, losses: &[f32], accuracies: &[f32]) -> Result<(), Box<dyn Error>> {
    // A diverging run can have losses up to infinity, for which plotters would search axis marks for ever.
    let highest = losses.iter().copied().fold(0.0, f32::max).min(f32::MAX / 2.0);
    let lowest = accuracies.iter().copied().fold(1.0, f32::min);
    let accuracy_range = (10.0 * lowest).floor() / 10.0 - 0.02..1.02;
    save(path, (720, 720), |area| {
        let (above, below) = area.split_vertically(360);
        let loss_axis = ("average loss", 0.0..1.05 * highest);
        curves(&above, "Training", "epoch", loss_axis, &[("", losses)])?;
        curves(&below, "Test", "epoch", ("accuracy", accuracy_range), &[("", accuracies)])
    })
}

/// Draws a sheet of square images with a line of text above each. Pixels go from 0 (white) to 1 (black), row by row.
pub fn sheet<const PIXELS: usize>(
    path: &Path,
    images: &[(String, &[f32; PIXELS])],
) -> Result<(), Box<dyn Error>> {
    const COLUMNS: usize = 8;
    const CELL: u32 = 110;
    const MARGIN: i32 = 15;
    let side = PIXELS.isqrt();
    let pixel = (CELL as i32 - 2 * MARGIN) / side as i32;
    let rows = images.len().div_ceil(COLUMNS).max(1);

    save(path, (COLUMNS as u32 * CELL, rows as u32 * (CELL + 15)), |area| {
        for (cell, (text, image)) in area.split_evenly((rows, COLUMNS)).iter().zip(images) {
            cell.draw(&Text::new(text.as_str(), (MARGIN, 10), ("sans-serif", 16)))?;
            for (index, &ink) in image.iter().enumerate() {
                let (row, column) = ((index / side) as i32, (index % side) as i32);
                let (x, y) = (MARGIN + column * pixel, 2 * MARGIN + row * pixel);
                let grey = (255.0 * (1.0 - ink)) as u8;
                let corners = [(x, y), (x + pixel, y + pixel)];
                cell.draw(&Rectangle::new(corners, RGBColor(grey, grey, grey).filled()))?;
            }
            let frame = [MARGIN, MARGIN + side as i32 * pixel].map(|x| (x, x + MARGIN));
            cell.draw(&Rectangle::new(frame, BLACK.mix(0.3)))?;
        }
        Ok(())
    })
}
