//! What cannot be drawn or written is an error.

use std::fs;
use std::time::Duration;

use stackprop_kit::pictures::{
    Animation, Band, ConfusionHeatMap, Curve, DecisionBoundary, Histograms, ImageSheet, LearningCurves,
    Picture, PictureError, RateRangeTest,
};

use super::{Outcome, curves};

/// The message of an error.
pub fn message(result: Result<Picture, PictureError>) -> String {
    result.expect_err("the picture is drawn").to_string()
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    let nan = f64::NAN;
    assert_eq!(message(curves(&[], &[]).draw()), "there is nothing to draw: the loss has no values");
    let metrics = vec![("accuracy".into(), Curve::default())];
    let empty_metric = LearningCurves { metrics, ..curves(&[1.0], &[]) };
    assert_eq!(message(empty_metric.draw()), "there is nothing to draw: the metric `accuracy` has no values");
    let no_epoch =
        LearningCurves { train: Curve::new([(1.0, 1.0), (nan, 1.0)]), ..LearningCurves::default() };
    assert_eq!(message(no_epoch.draw()), "an epoch: value 1 is NaN, but must be finite");

    let matrix = |counts: &[Vec<u64>], names: usize| ConfusionHeatMap::new(counts, vec!["x"; names]).draw();
    assert_eq!(message(matrix(&[], 0)), "there is nothing to draw: the confusion matrix has no values");
    let expected = "row 1 of the confusion matrix has 1 values, but needs 2";
    assert_eq!(message(matrix(&[vec![1, 2], vec![3]], 2)), expected);
    assert_eq!(message(matrix(&[vec![1]], 2)), "the list of class names has 2 values, but needs 1");
    assert_eq!(
        message(matrix(&vec![vec![1; 201]; 201], 201)),
        "classes of a picture: 201, but at most 200 can be drawn"
    );

    let boundary = |samples: &[([f32; 2], usize)]| DecisionBoundary::new(samples.to_vec(), ["a", "b"]);
    let draw = |boundary: &DecisionBoundary| boundary.draw_classes(|_| 0);
    assert!(message(draw(&boundary(&[]))).contains("the list of samples"));
    assert_eq!(message(draw(&boundary(&[([0.0; 2], 2)]))), "sample 0 is of class 2, but there are 2 classes");
    let one = boundary(&[([0.0; 2], 0)]);
    assert_eq!(message(one.draw_classes(|_| 9)), "an answer is of class 9, but there are 2 classes");
    let outside = DecisionBoundary { range: Some([[1.0, 2.0], [-1.0, 1.0]]), ..one.clone() };
    assert_eq!(
        message(draw(&outside)),
        "an input of the samples: value 0 is 0, but must be finite and in the range"
    );
    let no_range = DecisionBoundary { range: Some([[1.0, 1.0], [-1.0, 1.0]]), ..one };
    assert!(message(draw(&no_range)).contains("above its start"));

    assert_eq!(
        message(Histograms::new("").draw()),
        "there is nothing to draw: the list of layers has no values"
    );
    assert!(message(Histograms::new("").layer("w", &[0.0; 0]).draw()).contains("`w`"));
    let sheet = ImageSheet::new(2, 2).row("in", &[[0.0; 4]]).row("out", &[[0.0; 4]; 2]);
    assert_eq!(message(sheet.draw()), "the row `out` has 2 values, but needs 1");
    let sheet = ImageSheet::new(2, 2).row("in", &[[0.0; 3]]);
    assert_eq!(message(sheet.draw()), "image 0 of the row `in` has 3 values, but needs 4");
    let band = Band { deviations: vec![1.0, -0.5], ..Band::new(Curve::from(&[1.0, 2.0])) };
    assert_eq!(message(band.draw()), "a standard deviation: value 1 is -0.5, but must be at least 0");
    let band = Band::new(Curve::new([(1.0, 0.0), (0.0, 0.0)]));
    assert!(message(band.draw()).contains("at least the one before it"));
    let test = RateRangeTest::new(Curve::new([(0.0, 1.0)]));
    assert_eq!(message(test.draw()), "a learning rate: value 0 is 0, but must be finite and above 0");
}

#[test]
fn files_that_cannot_be_written_are_named() -> Outcome {
    let directory = tempfile::tempdir()?;
    let picture = curves(&[1.0], &[]).draw()?;
    let path = directory.path().join("missing").join("a.svg");
    let error = picture.save(&path).expect_err("the directory is missing");
    assert!(matches!(error, PictureError::Io { .. }) && error.to_string().contains("missing"), "{error}");
    let error = picture.save(directory.path().join("a")).expect_err("no format");
    assert!(matches!(error, PictureError::Format { .. }), "{error}");
    let error = picture.png(100.0).expect_err("too large");
    assert_eq!(error.to_string(), "pixels of a picture: 3344000000, but at most 67108864 can be drawn");
    assert!(picture.png(0.0).is_err() && picture.png(f32::NAN).is_err());

    let mut animation = Animation::new(Duration::from_millis(40));
    let save =
        |animation: &Animation, name| animation.save(directory.path().join(name)).expect_err("an error");
    assert!(matches!(save(&animation, "a.png"), PictureError::Empty { .. }));
    animation.frames = vec![picture, ConfusionHeatMap::new(&[[1_u32]], ["x"]).draw()?];
    assert!(matches!(save(&animation, "a.gif"), PictureError::Format { .. }));
    assert!(matches!(save(&animation, "a.png"), PictureError::FrameSize { frame: 1, .. }));
    animation.frames.truncate(1);
    animation.last_delay = Duration::from_secs(66);
    assert!(matches!(save(&animation, "a.png"), PictureError::TooMany { found: 66_000, .. }));
    assert_eq!(fs::read_dir(directory.path())?.count(), 0);
    Ok(())
}
