//! Pictures as decoded pixels.

use std::io::Cursor;

use stackprop_kit::pictures::Picture;

/// A decoded image.
pub struct Pixels {
    pub width: usize,
    pub height: usize,
    pub colors: Vec<[u8; 3]>,
}

impl Pixels {
    pub fn of(file: &[u8]) -> Self {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(info.color_type, png::ColorType::Rgb);
        let colors = bytes.as_chunks().0.to_vec();
        Self { width: info.width as usize, height: info.height as usize, colors }
    }

    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        self.colors[y * self.width + x]
    }

    /// The places of a colour.
    pub fn places(&self, color: [u8; 3]) -> impl Iterator<Item = (usize, usize)> {
        let matches = self.colors.iter().enumerate().filter(move |(_, other)| **other == color);
        matches.map(|(index, _)| (index % self.width, index / self.width))
    }

    /// The first and the last column with a colour in these rows.
    pub fn columns(&self, color: [u8; 3], rows: std::ops::Range<usize>) -> Option<(usize, usize)> {
        let columns: Vec<usize> =
            self.places(color).filter(|place| rows.contains(&place.1)).map(|place| place.0).collect();
        Some((*columns.iter().min()?, *columns.iter().max()?))
    }
}

/// The pixels of a picture, one for each unit of length.
pub fn pixels(picture: &Picture) -> Pixels {
    let file = picture.png(1.0).unwrap();
    let pixels = Pixels::of(&file);
    assert_eq!((pixels.width as u32, pixels.height as u32), picture.size());
    pixels
}
