//! A layer that asks for memory with padding.
use stackprop::tape::{Both, Numbers};

#[derive(Clone, Copy)]
struct Padded(u8, f32);

fn needs<N: Numbers<f32>>() {}

fn main() {
    needs::<Both<[[f32; 3]; 2], ()>>();
    needs::<Padded>();
    needs::<Both<[[f32; 3]; 2], [[f64; 3]; 2]>>();
}
