//! Heapsort (Williams, Floyd 1964): in place, O(n log n) for every order, and without a panic, which the standard
//! library's sorts have for comparisons that contradict each other.

/// Sorts so that no element is less than the one before it.
pub(super) fn heap_sort<T>(values: &mut [T], less: impl Fn(&T, &T) -> bool) {
    // A heap: element i is not less than its children 2i + 1 and 2i + 2.
    for root in (0..values.len() / 2).rev() {
        sift_down(values, root, &less);
    }
    let mut heap = values;
    while let Some(last) = heap.len().checked_sub(1) {
        swap(heap, 0, last); // the largest
        let Some((rest, _)) = heap.split_at_mut_checked(last) else { return };
        heap = rest;
        sift_down(heap, 0, &less);
    }
}

/// Makes a heap of the elements from `root` on, of which only `root` may be less than a child.
fn sift_down<T>(heap: &mut [T], mut root: usize, less: &impl Fn(&T, &T) -> bool) {
    loop {
        let left = root.saturating_mul(2).saturating_add(1);
        let right = left.saturating_add(1);
        let child = match (heap.get(left), heap.get(right)) {
            (Some(a), Some(b)) if less(a, b) => right,
            (Some(_), _) => left,
            (None, _) => return,
        };
        let (Some(parent), Some(largest)) = (heap.get(root), heap.get(child)) else { return };
        if !less(parent, largest) {
            return;
        }
        swap(heap, root, child);
        root = child;
    }
}

fn swap<T>(values: &mut [T], i: usize, j: usize) {
    if let Ok([a, b]) = values.get_disjoint_mut([i, j]) {
        core::mem::swap(a, b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use std::vec::Vec;

    /// Against the standard library, with at most 2 n log2(n) + 2 n comparisons.
    fn check(mut values: Vec<u32>) {
        let (n, comparisons, mut expected) = (values.len() as f64, Cell::new(0_u32), values.clone());
        expected.sort_unstable();
        heap_sort(&mut values, |a, b| {
            comparisons.set(comparisons.get() + 1);
            a < b
        });
        assert_eq!(values, expected);
        assert!(f64::from(comparisons.get()) <= 2.0 * n * n.max(1.0).log2() + 2.0 * n);
    }

    #[test]
    fn sorts_every_order_of_few() {
        for n in 0..=6_u32 {
            for code in 0..n.pow(n) {
                check((0..n).map(|place| code / n.pow(place) % n).collect());
            }
        }
    }

    #[test]
    fn sorts_many_in_n_log_n() {
        let n = 20_000;
        check((0..n).collect());
        check((0..n).rev().collect());
        check((0..n).map(|i| i % 2).collect());
        check((0..n).map(|i| i.min(n - i)).collect());
        check((0..n).map(|i: u32| i.wrapping_mul(2_654_435_761)).collect());
        check((0..n).map(|_| 7).collect());
    }
}
