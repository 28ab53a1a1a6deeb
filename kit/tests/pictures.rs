//! Pictures: files are valid, marks are where the data is, and what cannot be drawn is an error.
#![cfg(feature = "pictures")]

use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::time::Duration;

use stackprop_kit::pictures::{
    Animation, Band, ConfusionHeatMap, Curve, DecisionBoundary, Histograms, ImageSheet, LearningCurves,
    Picture, RateRangeTest, Scale,
};

#[path = "pictures/errors.rs"]
mod errors;
#[path = "pictures/pixels.rs"]
mod pixels;
use errors::message;
use pixels::{Pixels, pixels};

type Outcome = Result<(), Box<dyn Error>>;

/// The colours of Okabe and Ito, from their publication.
const BLUE: [u8; 3] = [0, 114, 178];
const VERMILLION: [u8; 3] = [213, 94, 0];
const BLACK: [u8; 3] = [0; 3];

fn curves(train: &[f64], validation: &[f64]) -> LearningCurves {
    LearningCurves { train: train.into(), validation: validation.into(), ..LearningCurves::default() }
}

/// One of each picture, some with what is hard to draw.
fn all() -> Vec<(&'static str, Picture)> {
    let losses: Vec<f64> = (0..1000).map(|i| 10f64.powf(3.0 - f64::from(i) / 160.0)).collect();
    let gaps = [1.0, f64::NAN, f64::NEG_INFINITY, 0.0, -2.0, 0.5];
    let metrics = vec![("accuracy".to_string(), Curve::from(&[0.5_f32, f32::NAN, 0.75]))];
    let gaps = LearningCurves { metrics, scale: Scale::Logarithmic, ..curves(&losses, &gaps) };
    let names =
        (0..26).map(|i| format!("class {i} with a name that is <long> & has \"quotes\", ends in {i}"));
    let identity =
        |n: usize| (0..n).map(|i| (0..n).map(|j| u64::from(i == j) * 7).collect()).collect::<Vec<Vec<u64>>>();
    let confusion =
        ConfusionHeatMap { unclassified: vec![1; 26], ..ConfusionHeatMap::new(&identity(26), names) };
    let boundary = DecisionBoundary::new([([0.0, 0.0], 0), ([1.0, 2.0], 1)], ["a", "b"]);
    let band =
        Band { deviations: vec![0.5, f64::NAN, 0.25], ..Band::new(Curve::from(&[1.0, 2.0, f64::NAN])) };
    let rates = RateRangeTest::new(Curve::new([(1e-5, 2.0), (1e-3, 1.0), (0.1, f64::INFINITY)]));
    vec![
        ("one epoch", curves(&[0.5], &[]).draw().unwrap()),
        ("gaps", gaps.draw().unwrap()),
        ("nothing finite", curves(&[f64::NAN], &[f64::INFINITY]).draw().unwrap()),
        ("huge", curves(&[f64::MAX, -f64::MAX], &[5e-324]).draw().unwrap()),
        ("26 classes", confusion.draw().unwrap()),
        ("60 classes", ConfusionHeatMap::new(&identity(60), vec!["x"; 60]).draw().unwrap()),
        ("regions", boundary.draw_classes(|x| usize::from(x[0] > x[1])).unwrap()),
        (
            "values",
            boundary
                .draw_values("v", Some(0.0), |x| if x[0] > 0.5 { f32::NAN } else { x[1] - x[0] })
                .unwrap(),
        ),
        ("constant", boundary.draw_values("v", Some(0.0), |_| 0.25).unwrap()),
        (
            "histograms",
            Histograms::new("\u{1}日").layer("w", &[0.0; 9]).layer("b", &[f32::NAN, 1.0]).draw().unwrap(),
        ),
        ("images", ImageSheet::new(2, 1).row("a", &[[0.0, f64::NAN], [7.0, 1e300]]).draw().unwrap()),
        ("band", band.draw().unwrap()),
        ("rates", rates.draw().unwrap()),
    ]
}

#[test]
fn svg_files_are_xml_and_stand_alone() {
    for (name, picture) in all() {
        let svg = picture.svg();
        let xml = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = xml.root_element();
        let (width, height) = picture.size();
        assert_eq!(root.attribute("width"), Some(width.to_string().as_str()), "{name}");
        assert_eq!(root.attribute("height"), Some(height.to_string().as_str()), "{name}");
        let glyphs: Vec<&str> = xml.descendants().filter_map(|node| node.attribute("id")).collect();
        for node in xml.descendants().filter(roxmltree::Node::is_element) {
            let tag = node.tag_name().name();
            // Nothing for which a viewer needs a font, or another file.
            assert!(
                ["svg", "title", "defs", "path", "rect", "g", "use", "image"].contains(&tag),
                "{name}: {tag}"
            );
            let link =
                node.attribute(("http://www.w3.org/1999/xlink", "href")).unwrap_or("data:image/png;base64,");
            assert!(
                link.starts_with("data:image/png;base64,") || glyphs.contains(&&link[1..]),
                "{name}: {link}"
            );
        }
        assert!(!svg.contains("NaN\"") && !svg.contains("inf\""), "{name}");
    }
}

/// No text, line or marker is cut off at the edges of the picture. At half its size, for speed.
#[test]
fn nothing_is_clipped() {
    for (name, picture) in all() {
        let pixels = Pixels::of(&picture.png(0.5).unwrap());
        let (right, bottom) = (pixels.width - 1, pixels.height - 1);
        let sides = (0..=bottom).flat_map(|y| [(0, y), (right, y)]);
        for (x, y) in (0..=right).flat_map(|x| [(x, 0), (x, bottom)]).chain(sides) {
            assert_eq!(pixels.at(x, y), [255; 3], "{name}: at {x}, {y}");
        }
    }
}

#[test]
fn files_have_the_format_of_their_names() -> Outcome {
    let directory = tempfile::tempdir()?;
    let picture = curves(&[1.0, 0.5], &[]).draw()?;
    let path = |name| directory.path().join(name);
    picture.save(path("a.SVG"))?;
    assert_eq!(fs::read_to_string(path("a.SVG"))?, picture.svg());
    picture.save(path("a.png"))?;
    let image = Pixels::of(&fs::read(path("a.png"))?);
    let (width, height) = picture.size();
    assert_eq!((image.width as u32, image.height as u32), (2 * width, 2 * height));
    // A file is replaced, and nothing else is left.
    picture.save(path("a.SVG"))?;
    assert_eq!(fs::read_dir(directory.path())?.count(), 2);
    Ok(())
}

/// The best of the five epochs is the fourth: the ring and the line are at three quarters of the axis' length.
#[test]
fn the_best_epoch_is_marked() -> Outcome {
    let curves = curves(&[0.5; 5], &[0.9, 0.8, 0.7, 0.2, 0.6]);
    assert_eq!(curves.best(), Some((4.0, 0.2)));
    let pixels = pixels(&curves.draw()?);
    let plot = 50..pixels.height - 60;
    // The training loss is a horizontal line from epoch 1 to 5, with circles at its ends.
    let (first, last) = pixels.columns(BLUE, plot.clone()).unwrap();
    let circle = 3.0;
    let expected = first as f64 + circle + 0.75 * ((last - first) as f64 - 2.0 * circle);
    let (left, right) = pixels.columns(BLACK, plot.clone()).unwrap();
    let middle = (left + right) as f64 / 2.0;
    assert!((middle - expected).abs() < 1.5, "{middle} {expected}");
    // The ring is around the lowest marker of the validation loss.
    let rows = |color| pixels.places(color).map(|place| place.1).filter(|row| plot.contains(row));
    let lowest = rows(VERMILLION).max().unwrap();
    let (top, bottom) = (rows(BLACK).min().unwrap(), rows(BLACK).max().unwrap());
    assert!(top < lowest && lowest < bottom, "{top} {lowest} {bottom}");
    Ok(())
}

#[test]
fn the_best_epoch() {
    let nan = f64::NAN;
    assert_eq!(curves(&[3.0, 1.0, 1.0], &[]).best(), Some((2.0, 1.0)));
    assert_eq!(curves(&[0.0], &[nan, 5.0, f64::NEG_INFINITY]).best(), Some((2.0, 5.0)));
    assert_eq!(curves(&[nan], &[]).best(), None);
    let chosen = LearningCurves { best_epoch: Some(3), ..curves(&[3.0, 1.0, 2.0], &[]) };
    assert_eq!(chosen.best(), Some((3.0, 2.0)));
    assert!(chosen.draw().unwrap().svg().contains("best epoch: 3, training loss 2"));
    let missing = LearningCurves { best_epoch: Some(4), ..chosen };
    assert_eq!(message(missing.draw()), "the best epoch: value 0 is 4, but must be one with a loss");
}

/// The colour of a cell is that of its part of the row: 0, 50 and 100 %, whatever the counts.
#[test]
fn cells_are_colored_by_their_part_of_the_row() -> Outcome {
    let [none, half, full] = [[246, 250, 253], [81, 147, 203], [0, 50, 90]];
    let counts = [[5_u32, 5, 0], [0, 1000, 0], [0, 0, 0]];
    let picture = ConfusionHeatMap::new(&counts, ["a", "b", "c"]).draw()?;
    let pixels = pixels(&picture);
    // A line through the first row, above its numbers; it leaves the cells at the first white.
    let row = 22;
    let left = (0..pixels.width).find(|&x| pixels.at(x, row) == half).unwrap();
    let top = (0..pixels.height).find(|&y| pixels.at(left + 4, y) == half).unwrap();
    let width =
        (left..pixels.width).find(|&x| (0..9).all(|more| pixels.at(x + more, row) == [255; 3])).unwrap()
            - left;
    let side = width / 3;
    let colors =
        |row: usize| [0, 1, 2].map(|column| pixels.at(left + column * side + 6, top + row * side + 6));
    assert_eq!(colors(0), [half, half, none]);
    assert_eq!(colors(1), [none, full, none]);
    assert_eq!(colors(2), [[222; 3]; 3]);
    Ok(())
}

/// A sample at (0, 0) is in the middle of a symmetric range, on the boundary between the regions.
#[test]
fn regions_and_samples_are_at_their_inputs() -> Outcome {
    let mut boundary = DecisionBoundary::new([([0.0, 0.0], 0)], ["a", "b"]);
    boundary.range = Some([[-1.0, 1.0], [-1.0, 1.0]]);
    let pixels = pixels(&boundary.draw_classes(|x| usize::from(x[0] > 0.0 && x[1] > 0.0))?);
    // Classes are tinted with different parts of white, so that they differ in lightness.
    let tint = |color: [u8; 3], white: f64| {
        color.map(|c| (f64::from(c) * (1.0 - white) + 255.0 * white).round() as u8)
    };
    let extent = |color| {
        let places: Vec<_> = pixels.places(color).collect();
        let (xs, ys) = (places.iter().map(|place| place.0), places.iter().map(|place| place.1));
        [xs.clone().min().unwrap(), xs.max().unwrap(), ys.clone().min().unwrap(), ys.max().unwrap()]
    };
    let (below, above) = (extent(tint(BLUE, 0.55)), extent(tint(VERMILLION, 0.8)));
    let middle = [(below[0] + below[1]) / 2, (below[2] + below[3]) / 2];
    let near = |a: usize, b: usize| assert!(a.abs_diff(b) <= 2, "{a} {b}");
    // The second class has the quarter that is right and above.
    near(above[0], middle[0]);
    near(above[1], below[1]);
    near(above[2], below[2]);
    near(above[3], middle[1]);
    assert_eq!(pixels.at(middle[0], middle[1]), BLUE);
    Ok(())
}

#[test]
fn values_have_a_line_where_they_are_the_level() -> Outcome {
    let mut boundary = DecisionBoundary::new([], [""; 0]);
    boundary.range = Some([[0.0, 4.0], [0.0, 1.0]]);
    boundary.shades = Some([0.0, 4.0]);
    let pixels = pixels(&boundary.draw_values("value", Some(1.0), |x| x[0])?);
    let row = pixels.height / 2;
    let [dark, light] = [[0, 34, 78], [254, 232, 56]];
    let left = (0..pixels.width).find(|&x| distance(pixels.at(x, row), dark) < 6).unwrap();
    let right = (left..pixels.width).find(|&x| distance(pixels.at(x, row), light) < 6).unwrap();
    let ink = (left..right).find(|&x| pixels.at(x, row) == [38; 3]).unwrap();
    let expected = left as f64 + (right - left) as f64 / 4.0;
    assert!((ink as f64 - expected).abs() < 3.0, "{left} {ink} {right}");
    Ok(())
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u8 {
    a.iter().zip(b).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
}

#[test]
fn pixels_of_images_are_grey() -> Outcome {
    let sheet =
        ImageSheet { range: Some([0.0, 2.0]), ..ImageSheet::new(2, 2).row("", &[[0.0, 1.0, f64::NAN, 9.0]]) };
    let picture = sheet.draw()?;
    let pixels = pixels(&picture);
    // The first image is at 16 from the left, below 12 of margin, and each of its pixels is 36 large.
    let middle = |column: usize, row: usize| pixels.at(16 + 36 * column + 18, 12 + 36 * row + 18);
    assert_eq!(
        [middle(0, 0), middle(1, 0), middle(0, 1), middle(1, 1)],
        [[0; 3], [128; 3], VERMILLION, [255; 3]]
    );
    assert!(picture.svg().contains("black 0, white 2, 1 pixels beyond"));
    assert!(picture.svg().contains("NaN or infinite (1)"));
    Ok(())
}

#[test]
fn the_highest_bar_is_where_most_numbers_are() -> Outcome {
    let numbers = [0.0, 0.0, 0.0, 1.0, 0.6];
    let pixels = pixels(&Histograms { bins: Some(2), ..Histograms::new("").layer("w", &numbers) }.draw()?);
    let places: Vec<_> = pixels.places(BLUE).collect();
    let (left, right) =
        (places.iter().map(|p| p.0).min().unwrap(), places.iter().map(|p| p.0).max().unwrap());
    let height = |x| places.iter().filter(|place| place.0 == x).count() as f64;
    let ratio = height(left + 10) / height(right - 10);
    assert!((ratio - 1.5).abs() < 0.03, "{ratio}");
    Ok(())
}

#[test]
fn the_band_is_as_wide_as_its_deviations() -> Outcome {
    let mean = Curve::new([(0.0, 0.0), (1.0, 0.0)]);
    let height = |width, deviation: f64| {
        let truth = Curve::new([(0.0, -10.0), (1.0, 10.0)]);
        let band = Band { deviations: vec![deviation; 2], width, truth, ..Band::new(mean.clone()) };
        let pixels = pixels(&band.draw().unwrap());
        (100..pixels.height - 60).filter(|&y| pixels.at(pixels.width / 3, y) == [184, 215, 234]).count()
            as f64
    };
    // Less the line of the mean, which is 2 wide.
    let ratio = (height(2.0, 2.0) + 2.0) / (height(1.0, 2.0) + 2.0);
    assert!((ratio - 2.0).abs() < 0.05, "{ratio}");
    Ok(())
}

#[test]
fn an_animation_has_its_frames_and_delays() -> Outcome {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("a.png");
    let mut animation = Animation::new(Duration::from_millis(40));
    for loss in [0.5, 0.25, 0.125] {
        animation.frames.push(curves(&[1.0, loss], &[]).draw()?);
    }
    animation.save(&path)?;
    let file = fs::read(&path)?;
    let mut reader = png::Decoder::new(Cursor::new(&file)).read_info()?;
    assert_eq!(
        reader.info().animation_control.map(|control| (control.num_frames, control.num_plays)),
        Some((3, 0))
    );
    let mut bytes = vec![0; reader.output_buffer_size().unwrap_or(0)];
    for (frame, delay) in animation.frames.iter().zip([40, 40, 2000]) {
        reader.next_frame(&mut bytes)?;
        let control = reader.info().frame_control.ok_or("a frame without a delay")?;
        assert_eq!((control.delay_num, control.delay_den), (delay, 1000));
        assert!(bytes == pixels(frame).colors.as_flattened());
    }
    Ok(())
}

/// The chosen rate is a tenth of the way, in its logarithm, from the first rate to the last.
#[test]
fn the_chosen_rate_is_marked_on_the_curve() -> Outcome {
    let rates: Vec<(f64, f64)> = (0..=100).map(|i| (10f64.powf(f64::from(i) / 10.0 - 9.0), 1.0)).collect();
    let test = RateRangeTest { chosen: Some(1.02e-8), ..RateRangeTest::new(Curve::new(rates)) };
    let pixels = pixels(&test.draw()?);
    let plot = 50..pixels.height - 60;
    let (first, last) = pixels.columns(BLUE, plot.clone()).unwrap();
    let (left, right) = pixels.columns(BLACK, plot).unwrap();
    let expected = first as f64 + 0.1 * (last - first) as f64;
    assert!(((left + right) as f64 / 2.0 - expected).abs() < 2.0, "{left} {right} {expected}");
    Ok(())
}
