//! The right class is always among the two largest of two outputs.
use stackprop::Class;
use stackprop::metrics::TopK;

fn main() {
    let mut top = TopK::<2>::new();
    top.add(&[1.0, 2.0], Class::new(0).expect("below 2"));
    assert_eq!(top.value(), Some(1.0));
}
