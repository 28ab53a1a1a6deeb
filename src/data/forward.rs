//! What the adapters of data sets share.

/// The types of a data set whose samples are those of another, and whether they change by epoch: as those of the other, unless
/// said.
macro_rules! types_of {
    ($d:ident) => {
        $crate::data::forward::types_of!($d, by epoch $d::BY_EPOCH);
    };
    ($d:ident, by epoch $by_epoch:expr) => {
        const BY_EPOCH: bool = $by_epoch;
        type Input = $d::Input;
        type Target = $d::Target;
        type TargetRef<'a>
            = $d::TargetRef<'a>
        where
            Self: 'a;
    };
}
pub(super) use types_of;

/// Implements `Dataset` for a type whose samples are those of its field `data` in another order.
///
/// It needs two methods: `position(index)`, the index in `data` of a sample, `None` unless `index < len()`; and
/// `run(first, samples)`, the index in `data` of sample `first` if the `samples` samples from it on follow each other there.
macro_rules! reordered {
    ([$($generics:tt)*] $type:ty, len $len:expr) => {
        $crate::data::forward::reordered!([$($generics)*] $type, len $len, by epoch D::BY_EPOCH);
    };
    ([$($generics:tt)*] $type:ty, len $len:expr, by epoch $by_epoch:expr) => {
        // The compiler lists what users make data sets of, not what is made from data sets.
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $crate::data::Dataset for $type {
            $crate::data::forward::types_of!(D, by epoch $by_epoch);

            #[inline]
            fn len(&self) -> usize {
                let len: fn(&Self) -> usize = $len;
                len(self)
            }

            #[inline]
            fn sample(&self, index: usize, input: &mut D::Input) -> Option<D::TargetRef<'_>> {
                self.data.sample(self.position(index)?, input)
            }

            #[inline]
            fn target(&self, index: usize) -> Option<D::TargetRef<'_>>
            where
                D::Input: $crate::zero::Zero,
            {
                self.data.target(self.position(index)?)
            }

            #[inline]
            fn contiguous(
                &self,
                first: usize,
                samples: usize,
            ) -> Option<$crate::data::Samples<'_, D::Input, D::Target>> {
                self.data.contiguous(self.run(first, samples)?, samples)
            }

            fn source_index(&self, index: usize) -> usize {
                self.position(index).map_or(index, |position| self.data.source_index(position))
            }
        }
    };
}
pub(super) use reordered;
