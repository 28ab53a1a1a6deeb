use stackprop::Dataset;
use stackprop::data::augment::FlipHorizontal;

fn main() {
    let data = [([0.0_f32; 784], 'a')];
    let _ = data.augmented(FlipHorizontal::<28, 27>, 1);
}
