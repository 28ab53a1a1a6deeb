//! The example programs as users see them: exit codes and messages for output that cannot be written, wrong arguments
//! and files, and runs that learn nothing. (The programs themselves check what they teach.)
#![cfg(all(feature = "std", feature = "checkpoint", not(miri)))]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};

const ALL: [&str; 8] =
    ["xor", "equations", "saturation", "digits", "digits_pro", "compiled_sizes", "mnist", "cartpole"];

/// The program of an example. Builds the examples first, as `cargo test --test examples` does not (`cargo test` does).
fn program(name: &str) -> Command {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        // TARGET/[TRIPLE/]PROFILE/deps/examples-HASH
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let profile_name = match profile.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            name => name,
        };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--examples", "--profile", profile_name, "--target-dir"]).arg(target);
        let above = profile.parent().unwrap();
        if above.file_name() != target.file_name() {
            cargo.arg("--target").arg(above.file_name().unwrap());
        }
        if cfg!(feature = "exact") {
            cargo.args(["--features", "exact"]);
        }
        let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
        assert!(status.success(), "the examples do not build");
        profile.join("examples")
    });
    let mut command = Command::new(directory.join(name).with_extension(std::env::consts::EXE_EXTENSION));
    command.stdin(Stdio::null());
    command
}

/// An empty directory for one test.
fn directory(test: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples").join(test);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// How a program ended.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs the command, which must end within a minute. Keeps the output streams that `keep` names; the others go where
/// the command sends them.
fn run(command: &mut Command, keep: Keep) -> Ended {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file = |name: &str| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
        directory.join(format!("{name}-{}-{number}", std::process::id()))
    };
    let (out, err) = (file("out"), file("err"));
    if keep.out {
        command.stdout(File::create(&out).unwrap());
    }
    if keep.err {
        command.stderr(File::create(&err).unwrap());
    }
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("does not end: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let take = |path: &Path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let _ = fs::remove_file(path);
        text
    };
    Ended { code, out: take(&out), err: take(&err) }
}

#[derive(Clone, Copy)]
struct Keep {
    out: bool,
    err: bool,
}

const BOTH: Keep = Keep { out: true, err: true };
const ERR: Keep = Keep { out: false, err: true };

/// Asserts that the program ended with this code, printed this message on stderr, and did not panic.
#[track_caller]
fn assert_ends(ended: &Ended, code: i32, message: &str) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(ended.err.contains(message), "{message:?} is not in {ended:?}");
    assert!(!ended.err.contains("panicked"), "{ended:?}");
}

/// A program with arguments that keep its run short and write its drawings to `directory`.
fn small(name: &str, directory: &Path) -> Command {
    let mut command = program(name);
    match name {
        "saturation" => command.arg("--out").arg(directory),
        "digits" => command.args(["--epochs", "2", "--out"]).arg(directory),
        "cartpole" => command.args(["--updates", "2"]),
        "digits_pro" => command.args(["--networks", "1", "--epochs", "2"]),
        "compiled_sizes" => command.args(["--hidden", "8", "--epochs", "2"]),
        "mnist" => {
            write_mnist(directory);
            command.args(["--scaled", "--epochs", "5", "--data"]).arg(directory)
        }
        _ => &mut command,
    };
    command
}

/// Writes the four files. Each holds several copies of 10 images, one for each class: class c is black in rows
/// 2 c + 4 and 2 c + 5.
fn write_mnist(directory: &Path) {
    for (part, copies) in [("train", 20), ("t10k", 4)] {
        write_part(directory, part, &images(10 * copies), &labels(10 * copies));
    }
}

fn write_part(directory: &Path, part: &str, images: &[u8], labels: &[u8]) {
    fs::write(directory.join(format!("{part}-images-idx3-ubyte")), images).unwrap();
    fs::write(directory.join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
}

fn header(magic: u32, sizes: &[u32]) -> Vec<u8> {
    [magic].iter().chain(sizes).flat_map(|word| word.to_be_bytes()).collect()
}

fn images(count: u32) -> Vec<u8> {
    let mut file = header(0x803, &[count, 28, 28]);
    for class in (0..10).cycle().take(count as usize) {
        let mut image = [0; 784];
        image[28 * (2 * class + 4)..][..56].fill(255);
        file.extend(image);
    }
    file
}

fn labels(count: u32) -> Vec<u8> {
    let mut file = header(0x801, &[count]);
    file.extend((0..10).cycle().take(count as usize));
    file
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn help_is_printed_and_unknown_arguments_are_refused() {
    for name in ALL {
        let help = run(program(name).arg("--help"), BOTH);
        assert_ends(&help, 0, "");
        assert!(help.out.contains(&format!("Usage: {name}")) && help.err.is_empty(), "{help:?}");

        let refused = run(program(name).arg("--nonsense"), BOTH);
        assert_ends(&refused, 2, "unexpected argument '--nonsense'");
        assert_eq!(refused.out, "", "{name} ran");
    }
}

#[test]
fn runs_that_go_well() {
    let directory = directory("well");
    for (name, last) in [
        ("xor", "4 of 4 right\n"),
        ("saturation", "saturation.svg\n"),
        ("digits", ""),
        ("mnist", "test accuracy: 1.0000\n"),
        ("cartpole", " of 500 steps\n"),
        ("digits_pro", ""),
        ("compiled_sizes", ""),
    ] {
        let ended = run(&mut small(name, &directory), BOTH);
        assert_ends(&ended, 0, "");
        assert!(ended.out.ends_with(last) && ended.err.is_empty(), "{ended:?}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let directory = directory("closed");
    for name in ALL {
        for (mut command, arguments) in [(small(name, &directory), None), (program(name), Some("--help"))] {
            let (reader, writer) = io::pipe().unwrap();
            drop(reader);
            let ended = run(command.args(arguments).stdout(writer), ERR);
            assert_ends(&ended, 0, "");
            assert_eq!(ended.err, "", "{name}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = || File::create("/dev/full").unwrap();
    let directory = directory("full");
    for name in ALL {
        for (mut command, arguments) in [(small(name, &directory), None), (program(name), Some("--help"))] {
            let ended = run(command.args(arguments).stdout(full()), ERR);
            assert_ends(&ended, 2, "error: standard output cannot be written: No space left on device");
        }
    }
    // If even the error message cannot be written, the exit code reports the error.
    for arguments in [["--batch", "0"], ["--out", "/dev/null/below"]] {
        let silent = run(program("digits").args(arguments).stderr(full()), Keep { out: true, err: false });
        assert_eq!((silent.code, silent.out.as_str()), (Some(2), ""));
    }
}

#[test]
fn a_drawing_that_cannot_be_written_is_an_error() {
    for (name, drawings) in
        [("saturation", &["saturation.svg"][..]), ("digits", &["learning-curve.svg", "misread.svg"])]
    {
        let directory = directory(name);
        let file = directory.join("file");
        fs::write(&file, "").unwrap();
        for place in [file.clone(), file.join("below")] {
            let ended = run(&mut small(name, &place), BOTH);
            assert_ends(&ended, 2, &format!("error: {}: cannot be made a directory", place.display()));
        }

        for drawing in drawings {
            let path = directory.join(drawing);
            fs::create_dir(&path).unwrap();
            let message = format!("error: {}: cannot be written: ", path.display());
            assert_ends(&run(&mut small(name, &directory), BOTH), 2, &message);
            fs::remove_dir(&path).unwrap();

            #[cfg(target_os = "linux")]
            {
                std::os::unix::fs::symlink("/dev/full", &path).unwrap();
                let ended = run(&mut small(name, &directory), BOTH);
                assert_ends(&ended, 2, &format!("{message}No space left on device"));
                fs::remove_file(&path).unwrap();
            }
        }
    }
}

#[test]
fn numbers_that_are_refused() {
    let (count, seed) = ("must be a whole number, 1 or more", "must be a whole number, 0 or more");
    let rate = "must be a number from 1e-45 to 3.4028235e38";
    let cases = [
        ("--seed", &["-1", "x", "1.5", ""][..], seed),
        ("--seed", &["18446744073709551616"], "must be at most 18446744073709551615"),
        ("--batch", &["0", "-3", "ten", "1e3"], count),
        ("--epochs", &["0", "-1", "0.5"], count),
        ("--learning-rate", &["0", "-0.1", "nan", "inf", "-inf", "1e39", "1e-60", "fast"], rate),
    ];
    let only_mnist = [
        ("--train", &["0", "-1", "all"][..], count),
        ("--recipe", &["chapter2", ""], "must be chapter3, chapter3-slow, more-data, ours or ours-augmented"),
        ("--hidden", &["20", "0", "-30", "x"], "must be 10, 30 or 100: the network's shape is a type"),
    ];
    for name in ["digits", "mnist"] {
        let more = if name == "mnist" { &only_mnist[..] } else { &[] };
        for (option, values, message) in cases.iter().chain(more) {
            for value in *values {
                let ended = run(program(name).args([option, value]), BOTH);
                assert_ends(&ended, 2, message);
                assert!(ended.err.starts_with("error: ") && ended.err.contains(option), "{ended:?}");
            }
        }
    }
}

#[test]
fn a_run_that_learns_nothing_says_so() {
    let directory = directory("nothing");
    let digits = |rate: &str| {
        let epochs = ["--epochs", "2", "--learning-rate", rate, "--out"];
        run(program("digits").args(epochs).arg(&directory), BOTH)
    };
    // 48 of the 360 digits are of the most frequent class: 48/360 + 3 sqrt(48/360 312/360 / 360) = 0.1871.
    let message = "at chance level (up to 0.1871); the learning rate 1e9 is probably too high";
    assert_ends(&digits("1e9"), 1, message);
    // With this rate, the average loss of an epoch is near or above the largest f32.
    assert_ends(&digits("1e17"), 1, "error: ");
    assert_ends(&digits("1e-9"), 1, "the learning rate 1e-9 is probably too low");
    let diverged = digits("1e30");
    assert_ends(&diverged, 1, "error: ");
    assert!(!diverged.out.contains("test accuracy"), "{diverged:?}");

    let ended = run(small("mnist", &directory).args(["--learning-rate", "1e9"]), BOTH);
    assert_ends(&ended, 1, "the learning rate 1e9 is probably too high");
}

#[test]
fn mnist_says_where_its_files_come_from() {
    let directory = directory("nowhere");
    let missing = format!("{}: no such file", directory.join("train-images-idx3-ubyte").display());
    let ended = [
        (run(&mut program("mnist"), BOTH), 2, "--data <DATA>"),
        (run(program("mnist").arg("--data").arg(&directory), BOTH), 2, missing.as_str()),
        (run(program("mnist").arg("--help"), BOTH), 0, ""),
    ];
    for (ended, code, message) in ended {
        assert_ends(&ended, code, message);
        for part in
            ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1", "https://"]
        {
            let text = if code == 0 { &ended.out } else { &ended.err };
            assert!(text.contains(part), "{part} is not in {ended:?}");
        }
    }
    // Not if the files exist and an argument is wrong.
    let ended = run(small("mnist", &directory).args(["--train", "201"]), BOTH);
    assert_ends(&ended, 2, "error: --train 201: must be at most 200, the number of training images\n");
}

#[test]
fn recipes_of_mnist() {
    let directory = directory("recipes");
    write_mnist(&directory);
    let recipe = |name: &str, more: &[&str]| {
        let mut command = program("mnist");
        run(command.args(["--recipe", name]).args(more).arg("--data").arg(&directory), BOTH)
    };
    for name in ["chapter3", "chapter3-slow", "more-data", "ours", "ours-augmented"] {
        // Of the 200 images, 40 are left for validation.
        let ended = recipe(name, &["--train", "160", "--batch", "10", "--epochs", "3"]);
        assert_ends(&ended, 0, "");
        assert!(
            ended.out.contains(" / 40\n") && ended.out.contains("\nbest validation accuracy: "),
            "{ended:?}"
        );
        assert!(
            ended.out.lines().last().is_some_and(|last| last.starts_with("test accuracy: ")),
            "{ended:?}"
        );
    }
    // Nothing is left to validate on, so the test images are read once.
    let ended = recipe("ours", &["--batch", "10", "--epochs", "3"]);
    assert_ends(&ended, 0, "");
    assert!(ended.out.contains("Epoch 2: loss ") && !ended.out.contains("best"), "{ended:?}");
    // Every second of 61 epochs, and the last.
    let ended = recipe("more-data", &["--train", "20", "--epochs", "61"]);
    assert_ends(&ended, 0, "");
    assert_eq!(ended.out.matches("Epoch ").count(), 31, "{ended:?}");

    for option in [&["--hidden", "30"][..], &["--scaled"]] {
        assert_ends(&recipe("ours", option), 2, "cannot be used with");
    }
}

/// Runs `mnist` on good files, one of which `spoil` replaces by a bad one. The message must name that file.
#[track_caller]
fn assert_refused(test: &str, file: &str, message: &str, spoil: impl FnOnce(&Path)) {
    let directory = directory(test);
    write_mnist(&directory);
    let path = directory.join(file);
    let _ = fs::remove_file(&path);
    spoil(&path);

    let mut command = program("mnist");
    // Limits the memory, so that reading a file that grows without bounds ends the program.
    #[cfg(target_os = "linux")]
    {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"ulimit -v 150000; exec "$0" "$@""#]).arg(command.get_program());
        command = shell;
    }
    let ended = run(command.arg("--data").arg(&directory), BOTH);
    assert_ends(&ended, 2, &format!("error: {}: {message}", path.display()));
    assert_eq!(ended.out, "");
    fs::remove_dir_all(directory).unwrap();
}

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "t10k-labels-idx1-ubyte";

#[test]
fn files_that_are_not_what_they_should_be() {
    let cut = |mut bytes: Vec<u8>, length: usize| {
        bytes.truncate(length);
        bytes
    };
    let put = |mut bytes: Vec<u8>, at: usize, byte: u8| {
        bytes[at] = byte;
        bytes
    };
    let with = |mut bytes: Vec<u8>, more: &[u8]| {
        bytes.extend(more);
        bytes
    };
    let zipped = zip(&images(200));
    let half = zipped.len() / 2;
    let damaged = put(zipped.clone(), zipped.len() - 5, !zipped[zipped.len() - 5]); // the checksum
    let unzipped = "cannot be read: corrupt gzip stream does not have a matching checksum";
    let wide = [header(0x803, &[200, 32, 32]), vec![0; 200 * 32 * 32]].concat();
    let images_gz = &format!("{IMAGES}.gz");

    let cases: [(&str, Vec<u8>, &str); 14] = [
        (IMAGES, vec![], "truncated: ends within the header, after 0 of 16 bytes"),
        (IMAGES, cut(images(200), 15), "truncated: ends within the header, after 15 of 16 bytes"),
        (IMAGES, labels(200), "wrong magic number 0x00000801, expected 0x00000803"),
        (LABELS, images(40), "wrong magic number 0x00000803, expected 0x00000801"),
        (IMAGES, wide, "images of 32x32 pixels, but the network has 784 inputs"),
        (IMAGES, images(0), "it has no rows, expected at least one"),
        (IMAGES, cut(images(200), 1000), "truncated: 984 bytes of data, but the header says 156800"),
        (IMAGES, with(images(200), &[0]), "trailing bytes: more data than the 156800 bytes"),
        (LABELS, labels(39), "39 targets, expected 40, one for each row of "),
        (LABELS, cut(labels(40), 47), "truncated: 39 bytes of data, but the header says 40"),
        (LABELS, put(labels(40), 8 + 17, 10), "label 17 is 10, expected 0 to 9"),
        (images_gz, cut(zipped.clone(), half), "truncated or damaged: the compressed data ends too early"),
        (images_gz, cut(zipped.clone(), 12), "truncated or damaged: the compressed data ends too early"),
        (images_gz, damaged, unzipped),
    ];
    for (file, bytes, message) in cases {
        assert_refused("wrong", file, message, |path| fs::write(path, bytes).unwrap());
    }

    // Good files: compressed, and uncompressed under the name of a compressed file.
    let directory = directory("zipped");
    for train in [zipped, images(200)] {
        let mut command = small("mnist", &directory);
        fs::remove_file(directory.join(IMAGES)).unwrap();
        fs::write(directory.join(images_gz), train).unwrap();
        let ended = run(&mut command, BOTH);
        assert_ends(&ended, 0, "");
        assert!(ended.out.ends_with("test accuracy: 1.0000\n"), "{ended:?}");
    }
}

#[test]
fn files_that_become_large() {
    // 250 kB that decompress to 250 MB: a gzip file may consist of several parts.
    let zeros = zip(&vec![0; 1_000_000]).repeat(250);
    let bomb = |head: &[u8]| [zip(head), zeros.clone()].concat();
    let gz = |file: &str| format!("{file}.gz");

    let one_image = bomb(&header(0x803, &[1, 28, 28]));
    assert_refused("bomb", &gz(IMAGES), "trailing bytes: more data than the 784 bytes", |path| {
        fs::write(path, one_image).unwrap()
    });
    let labels = bomb(&header(0x801, &[40]));
    assert_refused("bomb", &gz(LABELS), "trailing bytes: more data than the 40 bytes", |path| {
        fs::write(path, labels).unwrap()
    });
    let no_header = bomb(&[]);
    assert_refused("bomb", &gz(IMAGES), "wrong magic number 0x00000000", |path| {
        fs::write(path, no_header).unwrap()
    });
    let all_images = bomb(&header(0x803, &[u32::MAX, 28, 28]));
    assert_refused("bomb", &gz(IMAGES), "too large: [4294967295, 28, 28] bytes by its header", |path| {
        fs::write(path, all_images).unwrap()
    });
    // The program allocates memory for the bytes that exist, not for those that the header claims.
    let mut few = header(0x803, &[340_000, 28, 28]);
    few.push(0);
    assert_refused("bomb", IMAGES, "truncated: 1 bytes of data, but the header says 266560000", |path| {
        fs::write(path, few).unwrap()
    });
}

#[test]
fn things_that_are_no_files() {
    for file in [IMAGES, "train-images-idx3-ubyte.gz", LABELS] {
        assert_refused("thing", file, "a directory, expected a file", |path| fs::create_dir(path).unwrap());
        #[cfg(unix)]
        assert_refused("thing", file, "not a regular file (a FIFO? a device?)", |path| {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        });
        #[cfg(unix)]
        assert_refused("thing", file, "not a regular file (a FIFO? a device?)", |path| {
            std::os::unix::fs::symlink("/dev/zero", path).unwrap();
        });
    }
}
