//! Products divided among threads.
//!
//! Each thread computes some rows of a product: samples in `affine` and `input_gradient`, rows of weights in the
//! gradient of the weights and its descent. So each element is one chain of one thread. Functions of each number are
//! divided, too.

use core::marker::PhantomData;
use core::ops::Range;

use super::{Kernel, Task, sealed::Sealed};
use crate::math::real::Function;
use crate::scalar::Scalar;
use crate::threads::Division;

/// The same code as `K`, divided among threads where a product is large enough.
#[derive(Clone, Copy)]
pub struct Parallel<K>(pub K);

impl<K: Kernel> Sealed for Parallel<K> {}

/// The rows of a slice that are in a range.
fn part<'a, X>(rows: &'a [X], range: &Range<usize>) -> &'a [X] {
    rows.get(range.start..range.end.min(rows.len())).unwrap_or_default()
}

struct Map<'a, K, F, T> {
    kernel: K,
    numbers: &'a mut [T],
    function: PhantomData<F>,
}

impl<K: Kernel, F: Function, T: Scalar> Task for Map<'_, K, F, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.kernel.map::<F, T>(self.numbers);
    }
}

struct Affine<'a, K, T, const IN: usize, const OUT: usize> {
    kernel: K,
    x: &'a [[T; IN]],
    w: &'a [[T; OUT]; IN],
    b: &'a [T; OUT],
    z: &'a mut [[T; OUT]],
}

impl<K: Kernel, T: Scalar, const IN: usize, const OUT: usize> Task for Affine<'_, K, T, IN, OUT> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.kernel.affine(self.x, self.w, self.b, self.z);
    }
}

struct InputGradient<'a, K, T, const IN: usize, const OUT: usize> {
    kernel: K,
    delta: &'a [[T; OUT]],
    w: &'a [[T; OUT]; IN],
    dx: &'a mut [[T; IN]],
}

impl<K: Kernel, T: Scalar, const IN: usize, const OUT: usize> Task for InputGradient<'_, K, T, IN, OUT> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.kernel.input_gradient(self.delta, self.w, self.dx);
    }
}

struct WeightGradient<'a, K, T, const IN: usize, const OUT: usize> {
    kernel: K,
    x: &'a [[T; IN]],
    delta: &'a [[T; OUT]],
    first: usize,
    dw: &'a mut [[T; OUT]],
}

impl<K: Kernel, T: Scalar, const IN: usize, const OUT: usize> Task for WeightGradient<'_, K, T, IN, OUT> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.kernel.weight_gradient(self.x, self.delta, self.first, self.dw);
    }
}

struct WeightDescent<'a, K, T, R, const IN: usize, const OUT: usize, const W: usize> {
    kernel: K,
    x: &'a [[T; IN]],
    delta: &'a [[T; OUT]],
    first: usize,
    values: [&'a mut [[T; OUT]]; W],
    rule: R,
}

impl<K: Kernel, T: Scalar, R, const IN: usize, const OUT: usize, const W: usize> Task
    for WeightDescent<'_, K, T, R, IN, OUT, W>
where
    R: Fn(T, [T; W]) -> [T; W] + Copy + Sync,
{
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        self.kernel.weight_descent(self.x, self.delta, self.first, self.values, self.rule)
    }
}

/// The cost of applying a function, or the rule of an optimiser, to a number, in multiply-accumulates.
const FUNCTION: usize = 16;

impl<K: Kernel> Kernel for Parallel<K> {
    type Multiply = <K as Kernel>::Multiply;
    const UPDATE_BLOCK: usize = K::UPDATE_BLOCK;

    #[inline(always)]
    fn run<J: Task>(self, task: J) -> J::Output {
        self.0.run(task)
    }

    #[inline(always)]
    fn map<F: Function, T: Scalar>(self, numbers: &mut [T]) {
        let Self(kernel) = self;
        let Some(division) = Division::of(numbers.len(), FUNCTION) else {
            return kernel.map::<F, T>(numbers);
        };
        division.share([numbers], |_, [numbers]| {
            kernel.run(Map { kernel, numbers, function: PhantomData::<F> });
        });
    }

    #[inline(always)]
    fn affine<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        z: &mut [[T; OUT]],
    ) {
        let Self(kernel) = self;
        let rows = x.len().min(z.len());
        let Some(division) = Division::of(rows, IN * OUT) else { return kernel.affine(x, w, b, z) };
        division.share([z], |range, [z]| {
            kernel.run(Affine { kernel, x: part(x, &range), w, b, z });
        });
    }

    #[inline(always)]
    fn activated_row<F: Function, T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[T; IN],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        a: &mut [T; OUT],
    ) -> bool {
        self.0.activated_row::<F, T, IN, OUT>(x, w, b, a)
    }

    #[inline(always)]
    fn weight_gradient<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        first: usize,
        dw: &mut [[T; OUT]],
    ) {
        let Self(kernel) = self;
        let samples = x.len().min(delta.len());
        let Some(division) = Division::of(dw.len(), samples * OUT) else {
            return kernel.weight_gradient(x, delta, first, dw);
        };
        division.share([dw], |range, [dw]| {
            kernel.run(WeightGradient { kernel, x, delta, first: first + range.start, dw });
        });
    }

    /// Is not divided, because `visit` is called by one thread.
    #[inline(always)]
    fn weight_gradient_rows<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        rows: Range<usize>,
        visit: impl FnMut(usize, &[[T; OUT]]),
    ) {
        self.0.weight_gradient_rows(x, delta, rows, visit);
    }

    #[inline(always)]
    fn weight_descent<T: Scalar, const IN: usize, const OUT: usize, const W: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        first: usize,
        values: [&mut [[T; OUT]]; W],
        rule: impl Fn(T, [T; W]) -> [T; W] + Copy + Sync,
    ) -> bool {
        let Self(kernel) = self;
        let samples = x.len().min(delta.len());
        let rows = values.iter().map(|values| values.len()).min().unwrap_or(0);
        let Some(division) = Division::of(rows, samples * OUT) else {
            return kernel.weight_descent(x, delta, first, values, rule);
        };
        division.share_all(values, |range, values| {
            let first = first + range.start;
            kernel.run(WeightDescent { kernel, x, delta, first, values, rule })
        })
    }

    #[inline(always)]
    fn update<T: Scalar, const W: usize>(
        self,
        gradient: &[T],
        values: [&mut [T]; W],
        rule: impl Fn(T, [T; W]) -> [T; W] + Copy + Sync,
    ) -> bool {
        let Self(kernel) = self;
        let unequal = values.iter().any(|values| values.len() != gradient.len());
        let Some(division) = Division::of(gradient.len(), FUNCTION).filter(|_| !unequal) else {
            return kernel.update(gradient, values, rule);
        };
        division.share_all(values, |range, values| kernel.update(part(gradient, &range), values, rule))
    }

    #[inline(always)]
    fn bias_gradient<T: Scalar, const OUT: usize>(self, delta: &[[T; OUT]], db: &mut [T; OUT]) {
        self.0.bias_gradient(delta, db);
    }

    #[inline(always)]
    fn input_gradient<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        delta: &[[T; OUT]],
        w: &[[T; OUT]; IN],
        dx: &mut [[T; IN]],
    ) {
        let Self(kernel) = self;
        let rows = delta.len().min(dx.len());
        let Some(division) = Division::of(rows, IN * OUT) else { return kernel.input_gradient(delta, w, dx) };
        division.share([dx], |range, [dx]| {
            kernel.run(InputGradient { kernel, delta: part(delta, &range), w, dx });
        });
    }
}
