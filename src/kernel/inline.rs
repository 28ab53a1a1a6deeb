//! Code of a level, inlined into the caller.

use core::ops::Range;

use super::{Kernel, Task, sealed::Sealed};
use crate::math::real::Function;
use crate::scalar::Scalar;

/// The same code as `K`, but [`run`](Kernel::run) inlines its task into the caller.
///
/// For the inference of a single sample, which is so short that a call for each layer would cost a quarter of its
/// time. Only used where the caller is a task of `K` itself, so that all of it is compiled for `K`'s instructions.
#[derive(Clone, Copy)]
pub struct Inline<K>(pub K);

impl<K: Kernel> Sealed for Inline<K> {}

impl<K: Kernel> Kernel for Inline<K> {
    type Multiply = <K as Kernel>::Multiply;
    const UPDATE_BLOCK: usize = K::UPDATE_BLOCK;

    #[inline(always)]
    fn run<J: Task>(self, task: J) -> J::Output {
        task.run()
    }

    #[inline(always)]
    fn map<F: Function, T: Scalar>(self, numbers: &mut [T]) {
        self.0.map::<F, T>(numbers);
    }

    #[inline(always)]
    fn affine<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        z: &mut [[T; OUT]],
    ) {
        self.0.affine(x, w, b, z);
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
        self.0.weight_gradient(x, delta, first, dw);
    }

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
        self.0.weight_descent(x, delta, first, values, rule)
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
        self.0.input_gradient(delta, w, dx);
    }
}
