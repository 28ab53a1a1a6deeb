//! The states of optimisers.

/// Defines the state of an optimiser: values of the shape of the trained parameters, then numbers. It starts as zero, is copied
/// in place, and can be saved.
macro_rules! state {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$field_doc:meta])* $field:ident,)*
            $(; $($(#[$number_doc:meta])* $number:ident: $kind:ty,)*)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, PartialEq)]
        pub struct $name<G, T = f32> {
            $($(#[$field_doc])* pub $field: G,)*
            $($($(#[$number_doc])* pub(crate) $number: $kind,)*)?
            pub(crate) scalar: core::marker::PhantomData<fn() -> T>,
        }

        $crate::zero::zero_struct!([G: $crate::zero::Zero, T: $crate::zero::Zero] $name<G, T> {
            $($field,)* $($($number,)*)? scalar
        });
        $crate::persist::persist!(
            [T: $crate::scalar::Scalar + $crate::persist::Number, G: $crate::params::Parameters<T>] $name<G, T>;
            $(parameters $field,)* $($(number $number),*)?
        );

        impl<G: Clone, T: Copy> Clone for $name<G, T> {
            fn clone(&self) -> Self {
                Self { $($field: self.$field.clone(),)* ..*self }
            }

            // In place if that of `G` is, because these values are large.
            fn clone_from(&mut self, source: &Self) {
                $(self.$field.clone_from(&source.$field);)*
                $($(self.$number = source.$number;)*)?
            }
        }
    };
}
pub(super) use state;
