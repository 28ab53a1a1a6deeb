//! The values of the points of an area, and the line where they have a level.

use super::picture::Area;

/// A value for each cell of a grid.
pub(super) struct Grid {
    pub area: Area,
    pub columns: usize,
    /// Row by row.
    pub values: Vec<f64>,
}

/// The side of a cell, in units of the picture.
const CELL: f32 = 2.0;

impl Grid {
    /// Asks for the value at the centre of each cell.
    pub fn of(area: Area, mut value: impl FnMut([f32; 2]) -> f64) -> Self {
        let [columns, rows] = [area.width, area.height].map(|length| (length / CELL) as usize);
        let mut grid = Self { area, columns, values: vec![0.0; columns * rows] };
        for index in 0..grid.values.len() {
            grid.values[index] = value(grid.center(index));
        }
        grid
    }

    fn center(&self, index: usize) -> [f32; 2] {
        let rows = self.values.len() / self.columns;
        let [column, row] = [index % self.columns, index / self.columns].map(|place| place as f32 + 0.5);
        let Area { x, y, width, height } = self.area;
        [x + column * width / self.columns as f32, y + row * height / rows as f32]
    }

    /// The segments of the line where the values, interpolated between centres, are `level`: each square of four centres
    /// is two triangles, and a triangle has a segment or none.
    pub fn contour(&self, level: f64) -> Vec<[[f32; 2]; 2]> {
        let mut segments = vec![];
        for index in 0..self.values.len().saturating_sub(self.columns) {
            if (index + 1) % self.columns == 0 {
                continue;
            }
            let [a, b, c, d] = [index, index + 1, index + self.columns, index + self.columns + 1];
            for triangle in [[a, b, c], [b, c, d]] {
                let [first, second, third] = triangle;
                let sides = [[first, second], [second, third], [third, first]];
                let crossings: Vec<[f32; 2]> =
                    sides.iter().filter_map(|side| self.crossing(*side, level)).collect();
                if let [from, to] = crossings[..] {
                    segments.push([from, to]);
                }
            }
        }
        segments
    }

    /// Where the level is, between two centres with finite values.
    fn crossing(&self, [a, b]: [usize; 2], level: f64) -> Option<[f32; 2]> {
        let (va, vb) = (self.values[a], self.values[b]);
        if !va.is_finite() || !vb.is_finite() || (va < level) == (vb < level) {
            return None;
        }
        let part = ((level / 2.0 - va / 2.0) / (vb / 2.0 - va / 2.0)) as f32;
        let (from, to) = (self.center(a), self.center(b));
        Some([from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A circle of radius 20: all ends of segments are on it, and their lengths sum to its circumference.
    #[test]
    fn a_circle() {
        let radius = |[x, y]: [f32; 2]| f64::from((x - 50.0).hypot(y - 40.0));
        let grid = Grid::of(Area::new(0.0, 0.0, 100.0, 80.0), radius);
        let segments = grid.contour(20.0);
        let length: f32 = segments.iter().map(|[a, b]| (a[0] - b[0]).hypot(a[1] - b[1])).sum();
        // A chord of 2 units is shorter than its arc by 2^3 / (24 20^2), less than 0.1 %.
        assert!((length / (40.0 * std::f32::consts::PI) - 1.0).abs() < 1e-3, "{length}");
        // Interpolation over a distance of s errs by at most s^2 / (8 r), here with s = 2 sqrt 2.
        assert!(segments.iter().flatten().all(|at| (radius(*at) - 20.0).abs() < 8.0 / (8.0 * 20.0)));
        assert!(grid.contour(1000.0).is_empty());
    }
}
