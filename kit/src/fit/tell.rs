//! How observers are called.

use stackprop::Model;

use super::error::Cause;
use super::json_log::JsonLog;
use super::observer::{Flow, Observer, ObserverError};
use super::run::{Ended, Run};

impl<N: Model, R, O, C, S: ?Sized, V> Run<'_, N, R, O, C, S, V> {
    /// Tells all observers, also after one has failed or stopped the run. Returns what the first such one said.
    pub(super) fn tell(
        &mut self,
        mut call: impl FnMut(&mut dyn Observer) -> Result<Flow, ObserverError>,
    ) -> Ended<Flow> {
        let mut flow = Ok(Flow::Continue);
        for observer in &mut self.plan.observers {
            let told = call(&mut **observer);
            if matches!(flow, Ok(Flow::Continue)) && !matches!(told, Ok(Flow::Continue)) {
                self.stopped_by = observer.name();
            }
            flow = match (flow, told) {
                (Err(error), _) => Err(error),
                (Ok(_), Err(error)) => Err(Box::new(Cause::Observer { observer: observer.name(), error })),
                (Ok(Flow::Continue), Ok(flow)) => Ok(flow),
                (Ok(stop), Ok(_)) => Ok(stop),
            };
        }
        flow
    }

    /// Tells the log beside the checkpoints. Without its record, no checkpoint may be written: it is gone if that fails.
    pub(super) fn tell_log(
        &mut self,
        call: impl FnOnce(&mut JsonLog) -> Result<Flow, ObserverError>,
    ) -> Ended<Flow> {
        let Some(log) = &mut self.log else { return Ok(Flow::Continue) };
        call(log).map_err(|error| {
            self.log = None;
            Box::new(Cause::Observer { observer: "history.jsonl".into(), error })
        })
    }
}
