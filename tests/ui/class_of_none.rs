//! A `Class` of 0 classes.
use stackprop::Class;

const NONE: Option<Class<0>> = Class::new(0);

fn main() {
    let _ = NONE;
}
