//! Checks and times all contenders in one run, stackprop and each rival in turn.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::child::Process;
use crate::ours;
use crate::rivals::Rival;
use crate::run::{Error, Timing, answer, compare, median, time};
use crate::workload::Workload;

/// The number of training steps whose losses must agree.
const STEPS: usize = 100;

const TIMING: Timing = Timing { stretches: 5, seconds: 0.01 };

/// The results of all contenders.
#[derive(Debug, Serialize)]
pub struct Results {
    /// The vector instructions that we used.
    pub level: &'static str,
    /// Each rival's version, in the order of the table, or why it is missing.
    pub rivals: Vec<(&'static str, Result<String, String>)>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
pub struct Row {
    pub workload: Workload,
    /// Our seconds per sample.
    pub seconds: f64,
    /// For each rival that is not missing: its seconds divided by ours, or why it was not timed.
    pub ratios: BTreeMap<&'static str, Result<f64, String>>,
    /// Our seconds per sample in the fastest turn.
    pub least_seconds: f64,
    /// For the rivals that were timed, the quotients of the fastest turns: of theirs, and of as many of ours.
    pub least_ratios: BTreeMap<&'static str, f64>,
}

/// A rival, and its process or why it is missing.
pub type Contender = (Rival, Result<Process, String>);

/// Runs each of the `workloads` for `rounds` rounds.
pub fn contest(
    workloads: Vec<Workload>,
    contenders: &mut [Contender],
    rounds: usize,
) -> Result<Results, Error> {
    let rows =
        workloads.into_iter().map(|workload| row(workload, contenders, rounds)).collect::<Result<_, _>>()?;
    let rivals = contenders
        .iter()
        .map(|(rival, process)| {
            (rival.name(), process.as_ref().map(|p| p.version.clone()).map_err(String::clone))
        })
        .collect();
    Ok(Results { level: stackprop::level().name(), rivals, rows })
}

/// In each round, we run before and after each rival, and divide the rival's time by the mean of our two times. So
/// anything that slows the machine for longer than a turn slows both sides. The result is the median over the rounds. Other
/// load may slow one side more than the other, for example one that needs the caches more, so the fastest turns of each are
/// compared, too.
fn row(workload: Workload, contenders: &mut [Contender], rounds: usize) -> Result<Row, Error> {
    eprintln!("{}: {}", workload.name, workload.description());
    let answer = answer(&mut *ours::prepare(&workload)?, &workload, STEPS)?;
    let our_time = || time(&mut *ours::prepare(&workload)?, &workload, TIMING);

    let mut turns = vec![];
    for (rival, process) in contenders {
        let Ok(process) = process else { continue };
        let checked = process.check(&workload, STEPS).and_then(|theirs| compare(&answer, &theirs, &workload));
        turns.push((rival.name(), process, checked.map(|()| vec![]), [f64::INFINITY; 2]));
    }

    let mut seconds = vec![];
    for _ in 0..rounds {
        let mut before = our_time()?;
        seconds.push(before);
        for (_, process, outcome, least) in &mut turns {
            let Ok(ratios) = outcome else { continue };
            match process.time(&workload, TIMING) {
                Ok(theirs) => {
                    let after = our_time()?;
                    ratios.push(theirs / (0.5 * (before + after)));
                    seconds.push(after);
                    *least = [least[0].min(theirs), least[1].min(after)];
                    before = after;
                }
                Err(reason) => *outcome = Err(reason),
            }
        }
    }
    let least_seconds = seconds.iter().copied().fold(f64::INFINITY, f64::min);
    let timed = turns.iter().filter(|(_, _, outcome, _)| outcome.is_ok());
    let least_ratios = timed.map(|&(name, _, _, [theirs, ours])| (name, theirs / ours)).collect();
    let ratios = turns
        .into_iter()
        .map(|(name, _, outcome, _)| (name, outcome.map(|ratios| median(&ratios)).map_err(|e| e.to_string())))
        .collect();
    Ok(Row { seconds: median(&seconds), ratios, least_seconds, least_ratios, workload })
}
