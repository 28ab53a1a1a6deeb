use stackprop::Dataset;

fn main() {
    let data = [([0.0_f32; 4], [1.0]), ([0.5; 4], [0.0])];
    let _ = data.class_counts();
}
