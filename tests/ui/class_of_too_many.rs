//! A class of more classes than an index tells apart.
use stackprop::Class;

const LAST: Option<Class<65_537>> = Class::new(65_536);

fn main() {
    let _ = LAST;
}
