//! A `Class` of more classes than its index can represent.
use stackprop::Class;

const LAST: Option<Class<65_537>> = Class::new(65_536);

fn main() {
    let _ = LAST;
}
