//! The classes of the points of an area.

use super::color::{Color, INK};
use super::picture::Area;

/// The class of each point of a fine grid.
pub(super) struct Regions {
    pub columns: usize,
    /// Row by row.
    pub classes: Vec<usize>,
}

/// The side of a coarse cell, in units of the picture.
const CELL: f32 = 2.0;
/// Fine cells along the side of a coarse one: of half a unit, which is a pixel of a PNG file of scale 2.
const FINE: usize = 4;

/// Asks for the class of each coarse cell, and of fine ones where neighbours differ.
pub(super) fn of(area: Area, mut class: impl FnMut([f32; 2]) -> usize) -> Regions {
    let [columns, rows] = [area.width, area.height].map(|length| (length / CELL) as usize);
    let (width, height) = (area.width / columns as f32, area.height / rows as f32);
    let mut ask = |column: f32, row: f32| class([area.x + column * width, area.y + row * height]);
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
    let coarse: Vec<usize> =
        places.clone().map(|(column, row)| ask(column as f32 + 0.5, row as f32 + 0.5)).collect();
    let mut classes = vec![0; coarse.len() * FINE * FINE];
    for (column, row) in places {
        let middle = coarse[row * columns + column];
        let near = |at: usize, count: usize| at.saturating_sub(1)..(at + 2).min(count);
        let inside =
            near(row, rows).all(|y| near(column, columns).all(|x| coarse[y * columns + x] == middle));
        for fine in 0..FINE * FINE {
            let [x, y] = [column * FINE + fine % FINE, row * FINE + fine / FINE];
            let part = |place: usize| (place as f32 + 0.5) / FINE as f32;
            classes[y * columns * FINE + x] = if inside { middle } else { ask(part(x), part(y)) };
        }
    }
    Regions { columns: columns * FINE, classes }
}

impl Regions {
    /// The colour of each point, with a dark line between classes.
    pub fn colors(&self, color: impl Fn(usize) -> Color) -> Vec<Color> {
        let differs = |index: usize, step: usize, same_row: bool| {
            let other = index + step;
            let in_row = !same_row || other / self.columns == index / self.columns;
            in_row && self.classes.get(other).is_some_and(|class| *class != self.classes[index])
        };
        let point = |(index, &class): (usize, &usize)| {
            let edge = differs(index, 1, true) || differs(index, 2, true);
            let edge = edge || differs(index, self.columns, false) || differs(index, 2 * self.columns, false);
            if edge { INK } else { color(class) }
        };
        self.classes.iter().enumerate().map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_fine_and_few_points_are_asked() {
        let mut asked = 0;
        let regions = of(Area::new(10.0, 20.0, 100.0, 60.0), |at| {
            asked += 1;
            usize::from(at[0] > 40.3)
        });
        assert_eq!((regions.columns, regions.classes.len()), (200, 200 * 120));
        for (index, &class) in regions.classes.iter().enumerate() {
            // The centres of cells of half a unit, from 10.
            let x = 10.25 + 0.5 * (index % 200) as f32;
            assert_eq!(class, usize::from(x > 40.3));
        }
        assert_eq!(asked, 50 * 30 + 2 * 16 * 30);
        let colors = regions.colors(|class| [class as u8; 3]);
        let row: Vec<usize> = (0..200).filter(|&column| colors[column] == INK).collect();
        assert_eq!(row, [59, 60]);
    }
}
