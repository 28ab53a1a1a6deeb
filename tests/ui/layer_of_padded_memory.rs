//! A layer whose memory has padding.
use stackprop::layer::scratch::Layout;

#[derive(Clone, Copy)]
struct Padded(u8, f32);

fn memory_of_a_layer<N: Layout<f32>>() {}

fn main() {
    memory_of_a_layer::<Padded>();
}
