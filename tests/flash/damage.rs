//! Slots that do not fit, other types, damaged and worn-out flash.

use stackprop::checkpoint::flash::{FlashError, Part, Slots};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{Adam, Dense, Momentum, Network, Parameters, Parts, Persist, Scalar, Sgd, Tanh, Trainer};

use super::simulated::{Failure, Flash};
use super::{Bits, HEADER_BYTES, Net, STATE_BYTES, State, Training};

type Chip = Flash<4, 8, 256>;
const SLOT: usize = 256;
/// Where the seal of a slot is, and where its numbers are.
const SEAL: usize = (HEADER_BYTES as usize).next_multiple_of(8);
const NUMBERS: usize = SEAL + 8;

/// The number of the save that was loaded, whether the other slot is lost, and the bits.
type Checkpoint = (u32, bool, Vec<u64>);

fn slots(flash: &mut Chip) -> Slots<&mut Chip> {
    Slots::new(flash, 0, SLOT as u32).unwrap()
}

fn save(flash: &mut Chip, state: &State) -> Result<(), FlashError<Failure>> {
    slots(flash).save(&state.network, &state.trainer, &state.own)
}

fn load(flash: &mut Chip) -> Result<Option<Checkpoint>, FlashError<Failure>> {
    let mut state = State::zeros();
    let loaded = slots(flash).load(&mut state.network, &mut state.trainer, &mut state.own)?;
    Ok(loaded.map(|loaded| (loaded.sequence, loaded.other_is_lost, state.bits())))
}

/// A flash with checkpoints 1 and 2, of which 2 is in the second slot, and their bits.
fn saved_twice() -> (Chip, [Vec<u64>; 2]) {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(5);
    let mut flash = Chip::new(2);
    let bits = [(); 2].map(|()| {
        let state = State::random(&mut rng);
        save(&mut flash, &state).unwrap();
        state.bits()
    });
    (flash, bits)
}

#[test]
fn a_slot_has_room_for_the_types() {
    // Pieces of one byte: the header, a seal of one byte, and the numbers.
    let bytes = Slots::<Flash<1, 1, 1>>::bytes_for::<f32, Net, Training, [u64; 3]>();
    assert_eq!(bytes, HEADER_BYTES + 1 + STATE_BYTES);
    // 40 bytes of header and 32 of seal, both in pieces of 32 bytes.
    let bytes = Slots::<Flash<4, 32, 32>>::bytes_for::<f32, Net, Training, [u64; 3]>();
    assert_eq!(bytes, 64 + 32 + STATE_BYTES.next_multiple_of(32));
    assert_eq!(Slots::<Flash<4, 32, 4096>>::bytes_for::<f32, Net, Training, [u64; 3]>(), 4096);

    let state = State::zeros();
    let error = Slots::new(Flash::<1, 1, 8>::new(40), 0, 152)
        .unwrap()
        .save(&state.network, &state.trainer, &state.own)
        .unwrap_err();
    assert_eq!(error, FlashError::TooLong { needed: HEADER_BYTES + 1 + STATE_BYTES, slot_bytes: 152 });
    assert_eq!(error.to_string(), "the checkpoint takes 157 bytes, but a slot has 152");
}

#[test]
fn slots_that_do_not_fit_are_refused() {
    let error = |start, slot_bytes| Slots::new(Chip::new(4), start, slot_bytes).err().unwrap();
    assert_eq!(error(128, 256), FlashError::Alignment { found: 128, erase_size: 256 });
    assert_eq!(error(0, 300), FlashError::Alignment { found: 300, erase_size: 256 });
    assert_eq!(error(256, 512), FlashError::Capacity { end: 1280, capacity: 1024 });
    let end = u64::from(u32::MAX - 255) * 3;
    assert_eq!(error(u32::MAX - 255, u32::MAX - 255), FlashError::Capacity { end, capacity: 1024 });
    assert_eq!(error(0, 0), FlashError::TooLong { needed: NUMBERS as u32, slot_bytes: 0 });
    assert!(Slots::new(Chip::new(4), 512, 256).is_ok());
    assert_eq!(error(0, 300).to_string(), "slots begin and end at multiples of 256 bytes, which 300 is not");
    assert_eq!(error(256, 512).to_string(), "the slots end at byte 1280, but the flash has 1024 bytes");
}

/// The part that is of another structure, if a checkpoint of `State` is loaded into these values. They must not change.
fn refused<T: Scalar, N: Parameters<T> + Persist, R: Persist, X: Persist>(
    mut network: N,
    mut run: R,
    mut own: X,
) -> Part {
    let (mut flash, [_, newest]) = saved_twice();
    let before = (flash.cells.clone(), bits(&network), bits(&run), bits(&own));
    let error = slots(&mut flash).load(&mut network, &mut run, &mut own).unwrap_err();
    assert!((flash.cells.clone(), bits(&network), bits(&run), bits(&own)) == before);
    assert_eq!(load(&mut flash), Ok(Some((2, false, newest))));
    let FlashError::Structure { part, found, needed } = error else { panic!("{error}") };
    let end = format!("is of another structure: its fingerprint is {found:016x}, not {needed:016x}");
    assert!(found != needed && error.to_string().ends_with(&end));
    part
}

fn bits(value: &impl Persist) -> Vec<u64> {
    let mut bits = Bits(vec![]);
    Persist::walk([value], [], &mut bits);
    bits.0
}

#[test]
fn other_types_are_refused() {
    type Activated = Network<2, Dense<2, 3, Tanh>>;
    type Wide = Network<2, Dense<2, 4>>;
    type Double = Network<2, Dense<2, 3, stackprop::Identity, f64>, f64>;
    let own = [7_u64; 3];
    assert_eq!(refused(Activated::zeros(), Training::zeros(), own), Part::TheNetwork);
    assert_eq!(refused(Wide::zeros(), Training::zeros(), own), Part::TheNetwork);
    assert_eq!(refused(Double::zeros(), Training::zeros(), own), Part::TheNetwork);
    // A trainer of another optimiser, network or scalar, or none.
    assert_eq!(refused(Net::zeros(), Trainer::<Net, Adam, 1>::zeros(), own), Part::TheRun);
    assert_eq!(refused(Net::zeros(), Trainer::<Net, Sgd, 1>::zeros(), own), Part::TheRun);
    assert_eq!(refused(Net::zeros(), Trainer::<Wide, Momentum, 1>::zeros(), own), Part::TheRun);
    assert_eq!(refused(Net::zeros(), Trainer::<Double, Momentum<f64>, 1>::zeros(), own), Part::TheRun);
    assert_eq!(refused(Net::zeros(), (), own), Part::TheRun);
    // Own values of another length, type, or form.
    assert_eq!(refused(Net::zeros(), Training::zeros(), [7_u64; 2]), Part::YourOwn);
    assert_eq!(refused(Net::zeros(), Training::zeros(), [7.0_f64; 3]), Part::YourOwn);
    assert_eq!(refused(Net::zeros(), Training::zeros(), (7_u64, [7_u64; 2])), Part::YourOwn);
    assert_eq!(refused(Net::zeros(), Training::zeros(), ()), Part::YourOwn);
}

#[test]
fn a_changed_bit_is_found() {
    let (flash, [older, newer]) = saved_twice();
    for at in SLOT..SLOT + NUMBERS + STATE_BYTES as usize {
        for bit in 0..8 {
            let mut flash = flash.clone();
            flash.cells[at] ^= 1 << bit;
            let in_seal = (SEAL..NUMBERS).contains(&(at - SLOT));
            let expected = if in_seal { (2, false, newer.clone()) } else { (1, true, older.clone()) };
            assert_eq!(load(&mut flash), Ok(Some(expected)), "byte {at}, bit {bit}");
        }
    }
}

/// Also where the header is erased: a save was cut before it, or the page with the header was erased alone.
#[test]
fn a_slot_with_numbers_and_no_header_is_lost() {
    let (mut flash, [older, _]) = saved_twice();
    flash.cells[SLOT..SLOT + NUMBERS].fill(0xff);
    assert_eq!(load(&mut flash), Ok(Some((1, true, older.clone()))));
    flash.cells[SLOT + NUMBERS..].fill(0xff);
    assert_eq!(load(&mut flash), Ok(Some((1, false, older))));
}

#[test]
fn two_damaged_slots_are_an_error_and_a_save_starts_anew() {
    let (mut flash, _) = saved_twice();
    let state = State::random(&mut Xoshiro128PlusPlus::seed_from_u64(6));
    for slot in [0, SLOT] {
        flash.cells[slot + NUMBERS + 3] ^= 0x40;
    }
    assert_eq!(load(&mut flash), Err(FlashError::Damaged));
    let erased = flash.erases.clone();
    save(&mut flash, &state).unwrap();
    assert_eq!(load(&mut flash), Ok(Some((1, false, state.bits()))));
    // Both slots are erased: after a cut, one may read as damaged now and as save 2 later.
    assert!(flash.erases.iter().zip(erased).all(|(now, before)| *now == before + 1));

    // A flash that holds something else.
    let mut flash = Chip::new(2);
    flash.cells.fill(0x5a);
    assert_eq!(load(&mut flash), Err(FlashError::Damaged));
    save(&mut flash, &state).unwrap();
    assert_eq!(load(&mut flash), Ok(Some((1, false, state.bits()))));
    slots(&mut flash).erase().unwrap();
    assert_eq!(load(&mut flash), Ok(None));
}

/// A length behind the end of the slot, with any checksum, is not read.
#[test]
fn a_length_beyond_the_slot_is_damage() {
    for length in [u32::MAX, SLOT as u32, (SLOT - NUMBERS) as u32 + 1] {
        let (mut flash, [older, _]) = saved_twice();
        flash.cells[SLOT + 8..SLOT + 12].copy_from_slice(&length.to_le_bytes());
        assert_eq!(load(&mut flash), Ok(Some((1, true, older))));
    }
}

#[test]
fn a_save_in_worn_out_flash_fails() {
    let state = State::random(&mut Xoshiro128PlusPlus::seed_from_u64(6));
    for cell in [4, NUMBERS + 1, NUMBERS + STATE_BYTES as usize - 1] {
        let (mut flash, [_, newer]) = saved_twice();
        flash.worn_out = vec![cell];
        assert_eq!(save(&mut flash, &state), Err(FlashError::NotWritten));
        assert_eq!(load(&mut flash), Ok(Some((2, true, newer))));
    }
}

/// Each slot takes three reads, of the header, the numbers and the seal, before the numbers are read again.
const CHECKED: usize = 6;

#[test]
fn a_slot_that_changes_while_it_is_loaded_is_lost() {
    let (mut flash, [older, _]) = saved_twice();
    flash.changes_after = Some((CHECKED, SLOT + NUMBERS));
    assert_eq!(load(&mut flash), Ok(Some((1, true, older))));
}

#[test]
fn a_slot_that_changes_while_it_is_loaded_is_an_error_if_there_is_no_other() {
    // The other is damaged.
    let (mut flash, _) = saved_twice();
    flash.cells[NUMBERS] ^= 1;
    flash.changes_after = Some((CHECKED - 1, SLOT + NUMBERS));
    assert_eq!(load(&mut flash), Err(FlashError::Unstable));
    // The other is of other types.
    let (mut flash, _) = saved_twice();
    slots(&mut flash).save(&Net::zeros(), &(), &7_u64).unwrap();
    let state = State::random(&mut Xoshiro128PlusPlus::seed_from_u64(6));
    save(&mut flash, &state).unwrap();
    flash.changes_after = Some((CHECKED, SLOT + NUMBERS));
    assert_eq!(load(&mut flash), Err(FlashError::Unstable));
}

#[test]
fn the_sequence_wraps() {
    assert_eq!(sequences(u32::MAX - 1), [u32::MAX, 0, 1]);
    assert_eq!(sequences(i32::MAX as u32 - 1), [i32::MAX as u32, 1 << 31, (1 << 31) + 1]);
}

/// The numbers of three saves after save `start`.
fn sequences(start: u32) -> [u32; 3] {
    let (mut flash, _) = saved_twice();
    // Only the checkpoint in the second slot, with another number and the checksum that belongs to it.
    flash.cells[..SLOT].fill(0xff);
    let slot = &mut flash.cells[SLOT..];
    slot[4..8].copy_from_slice(&start.to_le_bytes());
    let covered = [&slot[NUMBERS..][..STATE_BYTES as usize], &slot[4..36]].concat();
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&covered);
    slot[36..40].copy_from_slice(&crc.to_le_bytes());
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(7);
    [(); 3].map(|()| {
        let state = State::random(&mut rng);
        save(&mut flash, &state).unwrap();
        let (sequence, lost, bits) = load(&mut flash).unwrap().unwrap();
        assert!(!lost && bits == state.bits());
        sequence
    })
}

/// Visits a number more if there are values.
struct Irregular(u32);

impl Persist for Irregular {
    fn walk<const R: usize, const W: usize>(
        read: [&Self; R],
        mut write: [&mut Self; W],
        parts: &mut impl Parts<R, W>,
    ) {
        parts.number("value", read.map(|value| &value.0), write.each_mut().map(|value| &mut value.0));
        if R > 0 {
            parts.number("value", read.map(|value| &value.0), write.map(|value| &mut value.0));
        }
    }
}

#[test]
fn an_irregular_walk_is_not_saved() {
    let (mut flash, [_, newer]) = saved_twice();
    let error = slots(&mut flash).save(&Net::zeros(), &(), &Irregular(1)).unwrap_err();
    assert_eq!(error, FlashError::Visited { visited: 9 * 4 + 8, declared: 9 * 4 + 4 });
    assert_eq!(load(&mut flash), Ok(Some((2, true, newer))));
}

#[test]
fn both_slots_wear_alike() {
    type Chip = Flash<4, 4, 128>;
    let bytes = Slots::<Chip>::bytes_for::<f32, Net, Training, [u64; 3]>();
    assert_eq!(bytes, 2 * 128);
    let mut flash = Chip::new(6);
    let mut state = State::random(&mut Xoshiro128PlusPlus::seed_from_u64(8));
    for save in 1..=1000 {
        state.own[0] = save;
        // A start before each save.
        let mut slots = Slots::new(&mut flash, 128, bytes).unwrap();
        slots.save(&state.network, &state.trainer, &state.own).unwrap();
    }
    // The first save erases both.
    assert_eq!(flash.erases, [0, 500, 500, 501, 501, 0]);
    let mut loaded = State::zeros();
    let mut slots = Slots::new(&mut flash, 128, bytes).unwrap();
    let newest = slots.load(&mut loaded.network, &mut loaded.trainer, &mut loaded.own).unwrap().unwrap();
    assert_eq!((newest.sequence, newest.other_is_lost), (1000, false));
    assert_eq!(loaded.bits(), state.bits());
}
