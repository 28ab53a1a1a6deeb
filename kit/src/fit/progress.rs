//! A progress bar.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::history::History;
use super::observer::{Flow, Observer, ObserverError, Recovered, Start, Step};
use super::record::Epoch;
use super::text::short;

/// The progress of a run on standard error: a bar, or a line for each epoch.
///
/// The bar has the time so far, the epoch, losses, metrics and learning rate, the step, and the time left. It is gone while
/// the observers after it are told of an epoch, so that what they print is not mixed with it, and when the run ends. That standard
/// error cannot be written is no error.
pub struct Progress {
    style: Style,
    epochs: u32,
    /// What is shown of the last epoch.
    last: String,
    /// When the bar was written last.
    written: Option<Instant>,
}

/// The shortest time between two versions of the bar.
const INTERVAL: Duration = Duration::from_millis(50);

enum Style {
    Quiet,
    Lines,
    Bar { screen: MultiProgress, bar: ProgressBar },
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.style {
            Style::Quiet => "Progress::quiet()",
            Style::Lines => "Progress::lines()",
            Style::Bar { .. } => "Progress::bar()",
        })
    }
}

impl Progress {
    /// A bar if standard error is a terminal, else a line for each epoch.
    #[must_use]
    pub fn auto() -> Self {
        if io::stderr().is_terminal() { Self::bar() } else { Self::lines() }
    }

    /// A bar, which is shown only if standard error is a terminal.
    #[must_use]
    pub fn bar() -> Self {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let style =
            ProgressStyle::with_template("{elapsed:>4} {bar:20} step {pos} of {len}, {eta} left: {wide_msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = screen.add(ProgressBar::new(0).with_style(style));
        Self::of(Style::Bar { screen, bar })
    }

    /// A line for each epoch.
    #[must_use]
    pub fn lines() -> Self {
        Self::of(Style::Lines)
    }

    /// Nothing.
    #[must_use]
    pub fn quiet() -> Self {
        Self::of(Style::Quiet)
    }

    fn of(style: Style) -> Self {
        Self { style, epochs: 0, last: String::new(), written: None }
    }

    /// Prints a line, above the bar if there is one.
    fn say(&self, line: fmt::Arguments<'_>) {
        match &self.style {
            Style::Quiet => {}
            Style::Lines => {
                let _ = writeln!(io::stderr(), "{line}");
            }
            Style::Bar { screen, .. } => {
                let _ = screen.println(line.to_string());
            }
        }
    }
}

impl Observer for Progress {
    fn start(&mut self, start: &Start<'_>) -> Result<Flow, ObserverError> {
        let Start { session, resumed, batches, batch, .. } = start;
        self.epochs = session.epochs;
        if let Some(resumed) = resumed {
            for (path, error) in &resumed.damaged {
                self.say(format_args!("{}: {error}; passed over", path.display()));
            }
            let (epoch, path) = (session.epoch, resumed.path.display());
            self.say(format_args!("goes on in epoch {epoch}, mini-batch {batch}, from {path}"));
        }
        if let Style::Bar { bar, .. } = &self.style {
            let steps = |epochs: u32| u64::from(epochs) * u64::from(*batches);
            bar.set_length(steps(session.epochs));
            bar.set_position(steps(session.epoch) + u64::from(*batch));
            bar.reset_eta();
            bar.reset_elapsed();
        }
        Ok(Flow::Continue)
    }

    fn step(&mut self, step: &Step) -> Result<Flow, ObserverError> {
        // A message takes longer to write than a small network to make a step.
        let is_due = self.written.is_none_or(|written| written.elapsed() >= INTERVAL);
        if let Style::Bar { bar, .. } = &self.style
            && is_due
            && !bar.is_hidden()
        {
            self.written = Some(Instant::now());
            // Data may have another length in each epoch.
            bar.set_length(u64::from(self.epochs) * u64::from(step.batches));
            bar.set_position(u64::from(step.epoch) * u64::from(step.batches) + u64::from(step.batch) + 1);
            let rate = step.learning_rate.map(|rate| format!(", rate {}", short(rate)));
            let (epoch, loss, rate) = (step.epoch, short(step.mean_loss), rate.unwrap_or_default());
            bar.set_message(format!("epoch {epoch}, loss {loss}{rate}{}", self.last));
        }
        Ok(Flow::Continue)
    }

    fn epoch(&mut self, epoch: &Epoch) -> Result<Flow, ObserverError> {
        match &self.style {
            Style::Quiet => {}
            Style::Lines => self.say(format_args!("{epoch}")),
            Style::Bar { screen, .. } => {
                let validation = epoch.validation_loss.map(|loss| ("validation loss", loss));
                let metrics = epoch.metrics.iter().map(|(name, value)| (name.as_str(), *value));
                let last = validation.into_iter().chain(metrics);
                self.last = last.map(|(name, value)| format!(", {name} {}", short(value))).collect();
                let _ = screen.clear();
                self.written = None;
            }
        }
        Ok(Flow::Continue)
    }

    fn recovered(&mut self, recovered: &Recovered<'_>) -> Result<Flow, ObserverError> {
        let Recovered { epoch, factor, cause, .. } = recovered;
        let factor = short(*factor);
        self.say(format_args!(
            "epoch {epoch} diverged: {cause}; goes on from the best network with {factor} times the learning rate"
        ));
        Ok(Flow::Continue)
    }

    fn end(&mut self, history: &History) -> Result<(), ObserverError> {
        match &self.style {
            Style::Quiet => {}
            Style::Lines => self.say(format_args!("{}", history.reason)),
            Style::Bar { bar, .. } => bar.finish_and_clear(),
        }
        Ok(())
    }
}
