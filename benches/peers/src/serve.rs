//! The rival's end of the protocol, for rivals in Rust.

use std::io::{BufRead, Write, stdin, stdout};

use crate::protocol::{Reply, Request};
use crate::rivals::Rival;
use crate::run::{Error, answer, time};

/// Answers the driver's requests until the input ends.
pub fn serve(rival: Rival) -> Result<(), Error> {
    say(&Reply::Hello(rival.locked_version()))?;
    for line in stdin().lock().lines() {
        let request = serde_json::from_str(&line?)?;
        say(&reply(rival, &request).unwrap_or_else(|reason| Reply::Cannot(reason.to_string())))?;
    }
    Ok(())
}

fn reply(rival: Rival, request: &Request) -> Result<Reply, Error> {
    Ok(match request {
        Request::Check { workload, steps } => {
            Reply::Answer(answer(&mut *rival.prepare(workload)?, workload, *steps)?)
        }
        Request::Time { workload, timing } => {
            Reply::Seconds(time(&mut *rival.prepare(workload)?, workload, *timing)?)
        }
    })
}

fn say(reply: &Reply) -> Result<(), Error> {
    let mut out = stdout().lock();
    writeln!(out, "{}", serde_json::to_string(reply)?)?;
    Ok(out.flush()?)
}
