//! Access to slices in a `const fn` that links no panic, as indexing would.

/// Element `index`, if there is one.
pub(crate) const fn at<T: Copy>(slice: &[T], index: usize) -> Option<T> {
    match slice.split_at_checked(index) {
        Some((_, [element, ..])) => Some(*element),
        _ => None,
    }
}

/// The same, to be changed.
pub(crate) const fn at_mut<T>(slice: &mut [T], index: usize) -> Option<&mut T> {
    match slice.split_at_mut_checked(index) {
        Some((_, [element, ..])) => Some(element),
        _ => None,
    }
}

/// The first `len` elements, or all if there are fewer.
pub(crate) const fn first<T>(slice: &[T], len: usize) -> &[T] {
    match slice.split_at_checked(len) {
        Some((first, _)) => first,
        None => slice,
    }
}
