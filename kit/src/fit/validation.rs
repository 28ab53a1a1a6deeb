//! Data that are not trained on, and metrics over them.

use stackprop::{Dataset, Fault, LossOf, Model, Optimizer, Scalar, Zero};

use super::trainer::AnyTrainer;

/// A number that sums up how a network does on a data set, beside the loss.
pub(super) trait Metric<A, Y> {
    /// Forgets all samples.
    fn reset(&mut self);

    fn add(&mut self, output: &A, target: &Y);

    /// NaN if it is not defined for the samples so far.
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

impl<A, Y, B: Into<f64>, F: FnMut(&A, &Y) -> B> Metric<A, Y> for Mean<F> {
    fn reset(&mut self) {
        (self.sum, self.count) = (0.0, 0);
    }

    fn add(&mut self, output: &A, target: &Y) {
        self.sum += (self.of)(output, target).into();
        self.count += 1;
    }

    fn value(&self) -> f64 {
        self.sum / self.count as f64
    }
}

/// A metric of all samples.
pub(super) struct Of<M, F, G> {
    pub metric: Box<M>,
    pub add: F,
    pub value: G,
}

impl<A, Y, M, F, G, T> Metric<A, Y> for Of<M, F, G>
where
    M: Zero,
    T: Scalar,
    F: FnMut(&mut M, &A, &Y),
    G: Fn(&M) -> Option<T>,
{
    fn reset(&mut self) {
        self.metric.set_zero();
    }

    fn add(&mut self, output: &A, target: &Y) {
        (self.add)(&mut self.metric, output, target);
    }

    fn value(&self) -> f64 {
        (self.value)(&self.metric).map_or(f64::NAN, Scalar::to_f64)
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
