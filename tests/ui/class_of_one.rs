//! A `Class` of 1 class: a single output cannot distinguish classes.
use stackprop::Class;

const ONLY: Option<Class<1>> = Class::new(0);

fn main() {
    assert!(ONLY.is_some());
}
