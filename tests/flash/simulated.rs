//! Simulated NOR flash whose power can be cut at any step, with cells that are torn, half erased, or read differently
//! later.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};
use stackprop::rand::{Rng, RngExt, SeedableRng, rngs::Xoshiro128PlusPlus};

/// What a power cut leaves of the word that was being written, or of the page that was being erased.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Left {
    /// It is as before.
    Before,
    /// It is as it would be without the cut.
    After,
    /// Each bit that was to change has changed or not.
    Torn,
}

/// A power cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// How many words are still written, and pages erased, before it.
    pub after: usize,
    pub left: Left,
    pub then: Then,
}

/// How the cells that were being changed read later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// Always the same.
    Stable,
    /// After each reset, as before the cut, as without it, or torn.
    PerReset,
    /// The same at each read.
    PerRead,
    /// With an error of the driver, as flash with error correction.
    Unreadable,
}

/// All that a cut may leave.
pub const EFFECTS: [(Left, Then); 9] = [
    (Left::Before, Then::Stable),
    (Left::After, Then::Stable),
    (Left::Torn, Then::Stable),
    (Left::Before, Then::PerReset),
    (Left::After, Then::PerReset),
    (Left::Torn, Then::PerReset),
    (Left::Torn, Then::PerRead),
    (Left::After, Then::PerRead),
    (Left::Torn, Then::Unreadable),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is no power.
    NoPower,
    /// A word cannot be read.
    Unreadable,
}

impl NorFlashError for Failure {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

/// Cells that were being changed when the power was cut.
#[derive(Clone)]
struct Doubtful {
    at: usize,
    before: Vec<u8>,
    after: Vec<u8>,
    then: Then,
}

/// What was done to a flash, one step after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Erase,
    Write,
}

#[derive(Clone)]
pub struct Flash<const READ: usize, const WRITE: usize, const ERASE: usize> {
    pub cells: Vec<u8>,
    /// Whether a word may be written.
    clean: Vec<bool>,
    doubtful: Vec<Doubtful>,
    /// How often each page was erased.
    pub erases: Vec<usize>,
    /// The steps since the last reset.
    pub steps: Vec<Step>,
    pub cut: Option<Cut>,
    power: bool,
    /// Cells that do not change any more.
    pub worn_out: Vec<usize>,
    /// Reads after which a bit of the cell changes.
    pub changes_after: Option<(usize, usize)>,
    rng: Xoshiro128PlusPlus,
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> Flash<READ, WRITE, ERASE> {
    /// Erased flash.
    pub fn new(pages: usize) -> Self {
        Self {
            cells: vec![0xff; pages * ERASE],
            clean: vec![true; pages * ERASE / WRITE],
            doubtful: vec![],
            erases: vec![0; pages],
            steps: vec![],
            cut: None,
            power: true,
            worn_out: vec![],
            changes_after: None,
            rng: Xoshiro128PlusPlus::seed_from_u64(1),
        }
    }

    /// Power on, with a cut to come.
    pub fn reset(&mut self, cut: Option<Cut>) {
        (self.power, self.cut, self.steps) = (true, cut, vec![]);
        self.read_again(Then::PerReset);
    }

    /// Chooses anew what the doubtful cells read as.
    fn read_again(&mut self, then: Then) {
        for cells in self.doubtful.iter().filter(|cells| cells.then == then) {
            let left = [Left::Before, Left::After, Left::Torn][self.rng.random_range(0..3)];
            let read = left.of(&cells.before, &cells.after, &mut self.rng);
            self.cells[cells.at..][..read.len()].copy_from_slice(&read);
        }
    }

    /// Changes cells, unless the power is cut here.
    fn step(&mut self, step: Step, at: usize, after: &[u8]) -> Result<(), Failure> {
        if !self.power {
            return Err(Failure::NoPower);
        }
        let range = at..at + after.len();
        let before = self.cells[range.clone()].to_vec();
        let cut = self.cut.filter(|cut| cut.after == self.steps.len());
        self.steps.push(step);
        // What was doubtful in the page, or in the word, is no more, or is doubtful in another way.
        self.doubtful.retain(|cells| !range.contains(&cells.at));
        self.clean[at / WRITE..][..after.len() / WRITE].fill(step == Step::Erase && cut.is_none());
        if let Some(cut) = cut {
            self.power = false;
            self.cells[range].copy_from_slice(&cut.left.of(&before, after, &mut self.rng));
            if cut.then != Then::Stable {
                self.doubtful.push(Doubtful { at, before, after: after.to_vec(), then: cut.then });
            }
            return Err(Failure::NoPower);
        }
        for (cell, after) in range.zip(after) {
            if !self.worn_out.contains(&cell) {
                self.cells[cell] = *after;
            }
        }
        Ok(())
    }
}

impl Left {
    fn of(self, before: &[u8], after: &[u8], rng: &mut impl Rng) -> Vec<u8> {
        let mixed = |(before, after): (&u8, &u8)| {
            let changed: u8 = rng.random();
            before & !changed | after & changed
        };
        match self {
            Left::Before => before.to_vec(),
            Left::After => after.to_vec(),
            Left::Torn => before.iter().zip(after).map(mixed).collect(),
        }
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> ErrorType for Flash<READ, WRITE, ERASE> {
    type Error = Failure;
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> ReadNorFlash for Flash<READ, WRITE, ERASE> {
    const READ_SIZE: usize = READ;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failure> {
        check_read(self, offset, bytes.len()).unwrap();
        if !self.power {
            return Err(Failure::NoPower);
        }
        self.read_again(Then::PerRead);
        if let Some((reads, cell)) = &mut self.changes_after {
            match reads.checked_sub(1) {
                Some(left) => *reads = left,
                None => self.cells[*cell] ^= 1,
            }
        }
        let (from, to) = (offset as usize, offset as usize + bytes.len());
        let overlap = |cells: &Doubtful| cells.at < to && from < cells.at + cells.before.len();
        if self.doubtful.iter().any(|cells| cells.then == Then::Unreadable && overlap(cells)) {
            return Err(Failure::Unreadable);
        }
        bytes.copy_from_slice(&self.cells[from..to]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl<const READ: usize, const WRITE: usize, const ERASE: usize> NorFlash for Flash<READ, WRITE, ERASE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Failure> {
        check_erase(self, from, to).unwrap();
        for page in from as usize / ERASE..to as usize / ERASE {
            self.step(Step::Erase, page * ERASE, &[0xff; ERASE])?;
            self.erases[page] += 1;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failure> {
        check_write(self, offset, bytes.len()).unwrap();
        for (index, word) in bytes.chunks_exact(WRITE).enumerate() {
            let at = offset as usize + index * WRITE;
            assert!(self.clean[at / WRITE], "the word at {at} is written twice, or was not erased");
            self.step(Step::Write, at, word)?;
        }
        Ok(())
    }
}
