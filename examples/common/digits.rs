//! The data of the example `digits`; see `data/README.md`.

use std::error::Error;
use std::io::Read;

use flate2::read::GzDecoder;
use stackprop::Class;

/// 8x8 pixels from 0 (white) to 1 (black), row by row, and the digit that they show. A slice of these is a data set.
pub type Digit = ([f32; 64], Class<10>);

/// Unzips and parses the file, which is embedded in the program.
pub fn read() -> Result<Vec<Digit>, Box<dyn Error>> {
    let file = "examples/data/digits.csv.gz";
    let mut csv = String::new();
    GzDecoder::new(&include_bytes!("../data/digits.csv.gz")[..])
        .read_to_string(&mut csv)
        .map_err(|error| format!("{file}: {error}"))?;
    csv.lines()
        .zip(1..)
        .map(|(line, n)| parse(line).ok_or(format!("{file}, line {n}: not a digit: {line}").into()))
        .collect()
}

/// The images for training, and every fifth for testing.
pub fn split() -> Result<(Vec<Digit>, Vec<Digit>), Box<dyn Error>> {
    let (mut train, mut test) = (vec![], vec![]);
    for five in read()?.chunks(5) {
        test.push(five[0]);
        train.extend_from_slice(&five[1..]);
    }
    Ok((train, test))
}

/// 64 pixels from 0 to 16, then the class.
fn parse(line: &str) -> Option<Digit> {
    let mut numbers = line.split(',').map(|number| number.parse::<u8>().ok());
    let mut pixels = [0.0; 64];
    for pixel in &mut pixels {
        *pixel = f32::from(numbers.next()??) / 16.0;
    }
    Some((pixels, Class::new(numbers.next()??.into())?))
}
