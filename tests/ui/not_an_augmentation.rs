use stackprop::Dataset;

fn main() {
    let data = [([0.0_f32; 4], 'a')];
    let _ = data.augmented(0.1, 1);
}
