//! Data that are not trained on, and metrics over them.

use stackprop::{Dataset, Fault, LossOf, Model, Optimizer};

use super::trainer::AnyTrainer;

/// A number that sums up how a network does on a data set, beside the loss.
///
/// A closure from an output and a target to a number is enough for a mean over the samples ([`Fit::metric`](super::Fit::metric));
/// this trait is for what is not a mean:
///
/// ```
/// use stackprop_kit::fit::Metric;
///
/// /// The largest error of the first output.
/// #[derive(Default)]
/// struct Largest(f64);
///
/// impl<const N: usize> Metric<[f32; N], [f32; N]> for Largest {
///     fn reset(&mut self) {
///         self.0 = 0.0;
///     }
///
///     fn add(&mut self, output: &[f32; N], target: &[f32; N]) {
///         self.0 = self.0.max(f64::from(output[0] - target[0]).abs());
///     }
///
///     fn value(&self) -> f64 {
///         self.0
///     }
/// }
/// ```
pub trait Metric<A, Y> {
    /// Forgets all samples.
    fn reset(&mut self);

    /// Adds a sample.
    fn add(&mut self, output: &A, target: &Y);

    /// The metric of the samples so far; NaN if it is not defined for them.
    fn value(&self) -> f64;
}

/// The mean of a function of output and target.
pub(super) struct Mean<F> {
    of: F,
    sum: f64,
    count: u64,
}

impl<F> Mean<F> {
    pub(super) fn new(of: F) -> Self {
        Self { of, sum: 0.0, count: 0 }
    }
}

impl<A, Y, F: FnMut(&A, &Y) -> f64> Metric<A, Y> for Mean<F> {
    fn reset(&mut self) {
        (self.sum, self.count) = (0.0, 0);
    }

    fn add(&mut self, output: &A, target: &Y) {
        self.sum += (self.of)(output, target);
        self.count += 1;
    }

    fn value(&self) -> f64 {
        self.sum / self.count as f64
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What a network is validated on: `()` for nothing, or what [`Fit::validate`](super::Fit::validate) was given. Sealed.
pub trait Validation<N: Model, C>: sealed::Sealed {
    /// The number of samples; `None` if there is no data.
    fn samples(&self) -> Option<usize>;

    /// The names of the metrics.
    fn names(&self) -> Vec<String>;

    /// The average loss; `None` if there is no data.
    ///
    /// # Errors
    ///
    /// [`Fault`] at the first sample whose loss cannot be computed.
    fn loss<O: Optimizer<N::Scalar>, R: AnyTrainer<N, O>>(
        &self,
        trainer: &mut R,
        network: &N,
        loss: &C,
    ) -> Result<Option<N::Scalar>, Fault>;

    /// The metrics with their names.
    ///
    /// # Errors
    ///
    /// [`Fault::MissingSample`].
    fn metrics<O: Optimizer<N::Scalar>, R: AnyTrainer<N, O>>(
        &mut self,
        trainer: &mut R,
        network: &N,
    ) -> Result<Vec<(String, f64)>, Fault>;
}

impl sealed::Sealed for () {}

impl<N: Model, C> Validation<N, C> for () {
    fn samples(&self) -> Option<usize> {
        None
    }

    fn names(&self) -> Vec<String> {
        vec![]
    }

    fn loss<O: Optimizer<N::Scalar>, R: AnyTrainer<N, O>>(
        &self,
        _trainer: &mut R,
        _network: &N,
        _loss: &C,
    ) -> Result<Option<N::Scalar>, Fault> {
        Ok(None)
    }

    fn metrics<O: Optimizer<N::Scalar>, R: AnyTrainer<N, O>>(
        &mut self,
        _trainer: &mut R,
        _network: &N,
    ) -> Result<Vec<(String, f64)>, Fault> {
        Ok(vec![])
    }
}

/// A metric with its name.
type Named<'a, A, Y> = (String, Box<dyn Metric<A, Y> + 'a>);

/// A data set for validation, and the metrics over it.
pub struct Held<'a, N: Model, D: Dataset + ?Sized> {
    pub(super) data: &'a D,
    pub(super) metrics: Vec<Named<'a, N::Output, D::Target>>,
}

impl<N: Model, D: Dataset + ?Sized> sealed::Sealed for Held<'_, N, D> {}

impl<N: Model, C: LossOf<N, D::Target>, D: Dataset<Input = N::Input> + ?Sized> Validation<N, C>
    for Held<'_, N, D>
{
    fn samples(&self) -> Option<usize> {
        Some(self.data.len())
    }

    fn names(&self) -> Vec<String> {
        self.metrics.iter().map(|(name, _)| name.clone()).collect()
    }

    fn loss<O: Optimizer<N::Scalar>, R: AnyTrainer<N, O>>(
        &self,
        trainer: &mut R,
        network: &N,
        loss: &C,
    ) -> Result<Option<N::Scalar>, Fault> {
        trainer.loss(network, loss, self.data).map(Some)
    }

    fn metrics<O: Optimizer<N::Scalar>, R: AnyTrainer<N, O>>(
        &mut self,
        trainer: &mut R,
        network: &N,
    ) -> Result<Vec<(String, f64)>, Fault> {
        let metrics = &mut self.metrics;
        if metrics.is_empty() {
            return Ok(vec![]);
        }
        metrics.iter_mut().for_each(|(_, metric)| metric.reset());
        trainer.evaluate(network, self.data, |output, target| {
            metrics.iter_mut().for_each(|(_, metric)| metric.add(output, target));
        })?;
        Ok(metrics.iter().map(|(name, metric)| (name.clone(), metric.value())).collect())
    }
}
