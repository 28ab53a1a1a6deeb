//! The power is cut at every step of a save, and again in the save after it.

use stackprop::checkpoint::flash::{FlashError, Loaded, Slots};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};

use super::simulated::{Cut, EFFECTS, Failure, Flash, Left, Step, Then};
use super::{HEADER_BYTES, Net, STATE_BYTES, State, Training};

type Error = FlashError<Failure>;

/// A flash with two slots that are not at its start.
struct Device<const READ: usize, const WRITE: usize, const ERASE: usize> {
    flash: Flash<READ, WRITE, ERASE>,
    slot_bytes: u32,
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> Device<READ, WRITE, ERASE> {
    fn new() -> Self {
        let slot_bytes = Slots::<Flash<READ, WRITE, ERASE>>::bytes_for::<f32, Net, Training, [u64; 3]>();
        let pages = slot_bytes as usize / ERASE;
        Self { flash: Flash::new(2 * pages + 1), slot_bytes }
    }

    fn slots(&mut self) -> Slots<&mut Flash<READ, WRITE, ERASE>> {
        Slots::new(&mut self.flash, ERASE as u32, self.slot_bytes).unwrap()
    }

    fn save(&mut self, state: &State) -> Result<(), Error> {
        self.slots().save(&state.network, &state.trainer, &state.own)
    }

    fn load(&mut self) -> Result<Option<(Loaded, Vec<u64>)>, Error> {
        let mut state = State::zeros();
        let loaded = self.slots().load(&mut state.network, &mut state.trainer, &mut state.own)?;
        Ok(loaded.map(|loaded| (loaded, state.bits())))
    }

    fn copy(&self) -> Self {
        Self { flash: self.flash.clone(), slot_bytes: self.slot_bytes }
    }
}

/// Where in a save a step is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    FirstErase,
    Erase,
    Numbers,
    Header,
    Seal,
}

/// The phases of the steps of a save into `pages` pages, from the format's description.
fn phases<const READ: usize, const WRITE: usize>(pages: usize, steps: &[Step]) -> Vec<Phase> {
    let unit = (1..).map(|n| n * WRITE).find(|bytes| bytes % READ == 0).unwrap();
    let words = |bytes: usize| bytes.next_multiple_of(unit) / WRITE;
    let mut phases = vec![Phase::FirstErase];
    phases.extend(vec![Phase::Erase; pages - 1]);
    phases.extend(vec![Phase::Numbers; words(STATE_BYTES as usize)]);
    phases.extend(vec![Phase::Header; words(HEADER_BYTES as usize)]);
    phases.extend(vec![Phase::Seal; unit / WRITE]);
    let kind = |phase: &Phase| {
        if matches!(phase, Phase::FirstErase | Phase::Erase) { Step::Erase } else { Step::Write }
    };
    assert_eq!(steps, phases.iter().map(kind).collect::<Vec<_>>());
    phases
}

fn random_states(seed: u64) -> [(State, Vec<u64>); 4] {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    std::array::from_fn(|_| {
        let state = State::random(&mut rng);
        let bits = state.bits();
        (state, bits)
    })
}

/// A flash that holds checkpoints 1 and 2, before save 3.
struct Before<const READ: usize, const WRITE: usize, const ERASE: usize> {
    device: Device<READ, WRITE, ERASE>,
    /// Checkpoints 1 to 4 with their bits.
    states: [(State, Vec<u64>); 4],
    /// The phases of a save.
    phases: Vec<Phase>,
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> Before<READ, WRITE, ERASE> {
    fn new() -> Self {
        let states = random_states(1);
        let mut device = Device::<READ, WRITE, ERASE>::new();
        device.save(&states[0].0).unwrap();
        device.save(&states[1].0).unwrap();
        let mut after = device.copy();
        after.flash.reset(None);
        after.save(&states[2].0).unwrap();
        let phases = phases::<READ, WRITE>(device.slot_bytes as usize / ERASE, &after.flash.steps);
        assert_eq!(after.load().unwrap().unwrap().1, states[2].1);
        Self { device, states, phases }
    }

    /// Cuts save 3, and starts again. Returns also which checkpoint is loaded then.
    fn first_cut(&self, cut: Cut, what: &str) -> (Device<READ, WRITE, ERASE>, usize) {
        let mut device = self.device.copy();
        device.flash.reset(Some(cut));
        let result = device.save(&self.states[2].0);
        assert_eq!(result, Err(FlashError::Driver(Failure::NoPower)), "{what}");
        device.flash.reset(None);
        let (loaded, bits) = device.load().expect(what).expect(what);
        let phase = self.phases[cut.after];
        if bits == self.states[1].1 {
            let lost = loaded.other_is_lost || matches!(phase, Phase::FirstErase | Phase::Seal);
            assert!(loaded.sequence == 2 && lost, "{what}");
            (device, 1)
        } else {
            assert!(bits == self.states[2].1, "{what}");
            assert_eq!((loaded.sequence, phase), (3, Phase::Seal), "{what}");
            (device, 2)
        }
    }

    /// Cuts save 4, which follows on the first cut, and starts again. `loaded` was loaded before.
    fn second_cut(&self, mut device: Device<READ, WRITE, ERASE>, loaded: usize, cuts: [Cut; 2], what: &str) {
        device.flash.cut = Some(cuts[1]);
        device.flash.steps.clear();
        let result = device.save(&self.states[3].0);
        assert_eq!(result, Err(FlashError::Driver(Failure::NoPower)), "{what}");
        device.flash.reset(None);
        let (_, bits) = device.load().expect(what).expect(what);
        // As documented: a torn seal may count for the save and not for the load before it, or at the next start.
        let [first, second] = cuts.map(|cut| self.phases[cut.after]);
        let either = first == Phase::Seal
            && (cuts[0].then == Then::PerRead || cuts[0].then != Then::Stable && second == Phase::FirstErase);
        let allowed = if either { &[1, 2, 3][..] } else { &[loaded, 3] };
        assert!(allowed.iter().any(|state| bits == self.states[*state].1), "{what}");
        self.goes_on(device, 0, what);
    }

    /// A save without a cut can be loaded.
    fn goes_on(&self, mut device: Device<READ, WRITE, ERASE>, state: usize, what: &str) {
        device.save(&self.states[state].0).expect(what);
        device.flash.reset(None);
        assert_eq!(device.load().expect(what).expect(what).1, self.states[state].1, "{what}");
    }
}

/// Cuts a save at every step, and the save after the reset at each step of `stride`. Returns how many cuts there were,
/// and whether both outcomes of the first were seen.
fn cut<const READ: usize, const WRITE: usize, const ERASE: usize>(stride: usize) -> (usize, bool) {
    let before = Before::<READ, WRITE, ERASE>::new();
    let (mut cuts, mut found) = (0, [0; 3]);
    for after in 0..before.phases.len() {
        for (kind, (left, then)) in EFFECTS.into_iter().enumerate() {
            let first = Cut { after, left, then };
            let what = format!("{READ}/{WRITE}/{ERASE}, {:?}: {first:?}", before.phases[after]);
            let (device, loaded) = before.first_cut(first, &what);
            cuts += 1;
            found[loaded] += 1;
            before.goes_on(device.copy(), 3, &what);
            for after in (0..before.phases.len()).skip((after + kind) % stride).step_by(stride) {
                let (left, then) = EFFECTS[(first.after + after + kind) % EFFECTS.len()];
                let second = Cut { after, left, then };
                let what = format!("{what}, then {:?}: {second:?}", before.phases[after]);
                before.second_cut(device.copy(), loaded, [first, second], &what);
                cuts += 1;
            }
        }
    }
    let [_, old, new] = found;
    println!(
        "read {READ}, write {WRITE}, erase {ERASE}: {cuts} cuts. The first cut of two left {old} times the old \
         checkpoint and {new} times the new one."
    );
    (cuts, old > 0 && new > 0)
}

#[test]
fn a_cut_leaves_the_old_or_the_new_checkpoint() {
    let counts = [
        cut::<1, 1, 64>(11),
        cut::<1, 4, 128>(2),
        cut::<4, 4, 4096>(2),
        cut::<4, 8, 64>(1),
        cut::<1, 16, 256>(1),
        cut::<4, 32, 4096>(1),
        cut::<1, 256, 256>(1),
        // No powers of two: pieces of 12 bytes.
        cut::<4, 6, 36>(1),
    ];
    println!("{} cuts, none of which lost a checkpoint", counts.iter().map(|(cuts, _)| cuts).sum::<usize>());
    assert!(counts.iter().all(|(_, both)| *both));
}

/// Cuts the very first save, which has nothing to fall back to.
fn cut_the_first<const READ: usize, const WRITE: usize, const ERASE: usize>() {
    let [(new, new_bits), (next, next_bits), ..] = random_states(2);
    let mut device = Device::<READ, WRITE, ERASE>::new();
    let before = device.copy();
    assert_eq!(device.load(), Ok(None));
    device.save(&new).unwrap();
    // The first save erases both slots.
    let pages = 2 * device.slot_bytes as usize / ERASE;
    let phases = phases::<READ, WRITE>(pages, &device.flash.steps);
    for (after, phase) in phases.iter().enumerate() {
        for (left, then) in EFFECTS {
            let what = format!("{READ}/{WRITE}/{ERASE}, {phase:?} {after}: {left:?}, {then:?}");
            let mut device = before.copy();
            device.flash.reset(Some(Cut { after, left, then }));
            device.save(&new).expect_err(&what);
            device.flash.reset(None);
            match device.load() {
                Ok(None) => {}
                Ok(Some((loaded, bits))) => {
                    assert_eq!((loaded.sequence, bits), (1, new_bits.clone()), "{what}");
                    assert!(matches!(phase, Phase::Header | Phase::Seal), "{what}");
                }
                Err(FlashError::Unstable) => assert_eq!((*phase, then), (Phase::Header, Then::PerRead)),
                Err(error) => {
                    assert_eq!((error, then), (FlashError::Driver(Failure::Unreadable), Then::Unreadable));
                    assert_eq!(device.save(&next), Err(error), "{what}");
                    device.slots().erase().unwrap();
                }
            }
            device.save(&next).expect(&what);
            device.flash.reset(None);
            assert_eq!(device.load().expect(&what).expect(&what).1, next_bits, "{what}");
        }
    }
}

#[test]
fn a_cut_in_the_first_save_leaves_none_or_the_new_checkpoint() {
    cut_the_first::<1, 1, 64>();
    cut_the_first::<4, 8, 256>();
    cut_the_first::<4, 32, 4096>();
}

/// A header that was being written when the power was cut may read as whole now and not later. So the next save must
/// leave the other slot alone.
#[test]
fn a_torn_header_that_reads_as_whole_is_not_relied_on() {
    let before = Before::<4, 32, 4096>::new();
    let header = before.phases.iter().rposition(|phase| *phase == Phase::Header).unwrap();
    let cut = Cut { after: header, left: Left::After, then: Then::Stable };
    let (device, loaded) = before.first_cut(cut, "all but the seal");
    assert_eq!(loaded, 1);
    let second_slot = 2 * 4096..3 * 4096;
    for after in 0..before.phases.len() {
        let mut device = device.copy();
        device.flash.reset(Some(Cut { after, ..cut }));
        device.save(&before.states[3].0).unwrap_err();
        assert!(device.flash.cells[second_slot.clone()] == before.device.flash.cells[second_slot.clone()]);
    }
}

/// The power is cut in the seal of a save, and then while the other slot is erased. At each read, that one may be the old
/// checkpoint or half erased, so it may pass its check and not be whole any more when its numbers are read.
#[test]
fn a_torn_erase_that_reads_as_whole_for_a_moment_hides_no_checkpoint() {
    let before = Before::<4, 8, 64>::new();
    let torn = |after| Cut { after, left: Left::Torn, then: Then::PerRead };
    let (mut device, _) = before.first_cut(torn(before.phases.len() - 1), "the seal");
    let mut found = [0; 4];
    for turn in 0..40 {
        // (The next random numbers.)
        device.load().unwrap();
        let mut device = device.copy();
        device.flash.reset(Some(torn(0)));
        device.save(&before.states[3].0).unwrap_err();
        device.flash.reset(None);
        for load in 0..100 {
            let what = format!("turn {turn}, load {load}");
            let (_, bits) = device.load().expect(&what).expect(&what);
            found[before.states.iter().position(|(_, state)| *state == bits).expect(&what)] += 1;
        }
    }
    // Save 3 has erased save 1, and save 4 was cut in its first step.
    assert!(found[0] == 0 && found[1] > 0 && found[2] > 0 && found[3] == 0, "{found:?}");
}
