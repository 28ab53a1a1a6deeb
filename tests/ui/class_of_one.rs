//! One output cannot tell classes apart.
use stackprop::Class;

const ONLY: Option<Class<1>> = Class::new(0);

fn main() {
    assert!(ONLY.is_some());
}
