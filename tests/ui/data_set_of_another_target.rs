use stackprop::{Class, Dataset};

struct Labels([u8; 4]);

impl Dataset for Labels {
    type Input = [f32; 1];
    type Target = Class<10>;
    type TargetRef<'a> = u8;

    fn len(&self) -> usize {
        4
    }

    fn sample(&self, index: usize, input: &mut [f32; 1]) -> Option<u8> {
        *input = [0.0];
        self.0.get(index).copied()
    }
}

fn main() {}
