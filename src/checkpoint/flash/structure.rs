//! What a checkpoint is made of, without values: how many bytes, and which types.

use super::error::{FlashError, Part};
use super::header::Header;
use crate::dtype::Dtype;
use crate::hash::Fnv;
use crate::params::Parameters;
use crate::persist::{Number, Parts, Persist};
use crate::scalar::Scalar;

/// The structure of a checkpoint.
pub(super) struct Structure {
    /// The bytes of all numbers.
    pub bytes: u32,
    /// The fingerprints of the network, of the run, and of the user's own values.
    pub fingerprints: [u64; 3],
}

impl Structure {
    pub fn of<T: Scalar, N: Parameters<T>, R: Persist, X: Persist>() -> Self {
        let (mut network, mut run, mut own) = (Visitor::START, Visitor::START, Visitor::START);
        network.parameters::<T, N>("network", [], []);
        run.group::<R>("run", [], []);
        own.group::<X>("own", [], []);
        Self {
            bytes: network.bytes.saturating_add(run.bytes).saturating_add(own.bytes),
            fingerprints: [network.hash.0, run.hash.0, own.hash.0],
        }
    }

    /// Whether a checkpoint with this header is of this structure.
    pub fn check<E>(&self, header: &Header) -> Result<(), FlashError<E>> {
        let parts = [Part::TheNetwork, Part::TheRun, Part::YourOwn];
        for ((part, found), needed) in parts.into_iter().zip(header.fingerprints).zip(self.fingerprints) {
            if found != needed {
                return Err(FlashError::Structure { part, found, needed });
            }
        }
        Ok(())
    }
}

/// Hashes names and types, and counts bytes.
struct Visitor {
    hash: Fnv,
    bytes: u32,
}

impl Visitor {
    const START: Self = Self { hash: Fnv::START, bytes: 0 };

    // Not inlined for each part, which would be most of the code.
    #[inline(never)]
    fn add(&mut self, kind: &str, name: &str, of: &str, number: u64) {
        self.hash = self.hash.with_text(kind).with_text(name).with_text(of).with_number(number);
    }

    fn count(&mut self, numbers: usize, size: usize) {
        let bytes = u32::try_from(numbers.saturating_mul(size)).unwrap_or(u32::MAX);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Parts<0, 0> for Visitor {
    fn parameters<T: Scalar, P: Parameters<T>>(&mut self, name: &'static str, []: [&P; 0], []: [&mut P; 0]) {
        self.add("parameters", name, Dtype::of::<T>().name(), const { P::SCHEMA.fingerprint() });
        self.count(P::PARAMETERS, size_of::<T>());
    }

    fn numbers<U: Number, const N: usize>(
        &mut self,
        name: &'static str,
        []: [&[U; N]; 0],
        []: [&mut [U; N]; 0],
    ) {
        self.add("numbers", name, U::DTYPE.name(), N as u64);
        self.count(N, U::DTYPE.bytes());
    }

    fn group<V: Persist>(&mut self, name: &'static str, []: [&V; 0], []: [&mut V; 0]) {
        self.add("group", name, V::NAME, 0);
        V::walk([], [], self);
        self.add("end", name, "", 0);
    }
}
