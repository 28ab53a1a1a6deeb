//! Networks exported as C have the bits of stackprop's typed networks, whatever the compiler and its optimisation.

#[path = "c/random.rs"]
mod random;
#[path = "c/toolchain.rs"]
mod toolchain;
#[path = "c/typed.rs"]
mod typed;

use std::path::{Path, PathBuf};
use std::process::Command;

use random::Random;
use stackprop::math::Elementary;
use stackprop::{Dense, Elu, Gelu, Sigmoid, Softmax, Softplus, Tanh, layers};
use stackprop_kit::c;
use stackprop_kit::model::{Activation, Layer, Model};
use toolchain::{
    STRICT, compile, directory, export, harness, installed, is_fused, numbers, output, run, same,
};
use typed::{Case, case, cases, digits};

/// How many inputs each network is given.
const SAMPLES: usize = 2000;

/// Compiles all networks with each of the commands, and compares the outputs with those of the typed networks.
fn check(test: &str, commands: &[&[&str]], runner: &[&str]) {
    let programs = commands.iter().filter_map(|command| command.first()).chain(runner.first());
    if !programs.into_iter().all(|program| installed(program)) || !is_fused() {
        return;
    }
    let (directory, cases) = (directory(test), cases());
    let mut sources = vec![harness("main.c")];
    let (mut includes, mut table) = (String::new(), String::from("#define NETWORKS(entry)"));
    for Case { name, model, .. } in &cases {
        export(&directory, model, name);
        sources.push(directory.join(format!("{name}.c")));
        includes += &format!("#include \"{name}.h\"\n");
        table += &format!(" entry({name}, {})", name.to_ascii_uppercase());
    }
    std::fs::write(directory.join("networks.h"), format!("{includes}\n{table}\n")).unwrap();

    let mut random = Random(1);
    let (mut input, mut expected) = (Vec::new(), Vec::new());
    for case in &cases {
        input.extend((SAMPLES as u32).to_ne_bytes());
        for sample in 0..SAMPLES {
            let x: Vec<f32> = (0..case.model.inputs).map(|_| random.input(sample)).collect();
            input.extend(x.iter().flat_map(|x| x.to_ne_bytes()));
            expected.push((case.name, sample, (case.predict)(&x)));
        }
    }
    for command in commands {
        let program = compile(&directory, command, &sources);
        let found = numbers(&run(runner, &program, input.clone()));
        let mut found = found.iter();
        for (name, sample, outputs) in &expected {
            for (j, a) in outputs.iter().enumerate() {
                let b = found.next().expect("as many outputs");
                assert!(
                    same(*a, *b),
                    "{command:?}: output {j} of `{name}`, sample {sample}: {a:e}, but in C {b:e}"
                );
            }
        }
        assert_eq!(found.next(), None);
    }
    let finite = expected.iter().flat_map(|(.., outputs)| outputs).filter(|a| a.is_finite()).count();
    let all: usize = expected.iter().map(|(.., outputs)| outputs.len()).sum();
    assert!(finite * 2 > all, "of {all} outputs, {finite} are finite");
}

const OFF: &str = "-ffp-contract=off";

#[test]
fn gcc() {
    check(
        "gcc",
        &[
            &["gcc", "-std=c99", "-O0"],
            &["gcc", "-std=c99", OFF, "-O2"],
            &["gcc", "-std=c99", OFF, "-Os"],
            &["gcc", "-std=c99", OFF, "-O3", "-march=native"],
            &["gcc", "-std=c99", OFF, "-O3", "-march=native", "-flto"],
        ],
        &[],
    );
}

// In the dialects of GNU, gcc fuses products and sums unless the pragma in the source forbids it.
#[test]
fn gcc_that_contracts() {
    check("gcc_that_contracts", &[&["gcc", "-std=gnu11", "-O3", "-march=native"]], &[]);
}

#[test]
fn clang() {
    check(
        "clang",
        &[
            &["clang", "-std=c99", "-O0"],
            &["clang", "-std=c99", OFF, "-O2"],
            &["clang", "-std=c99", OFF, "-O3", "-march=native"],
            &["clang", "-std=c99", "-ffp-contract=on", "-O3", "-march=native"],
        ],
        &[],
    );
}

#[test]
fn cpp() {
    check(
        "cpp",
        &[
            &["g++", "-std=c++17", "-x", "c++", OFF, "-O2"],
            &["g++", "-std=c++17", "-x", "c++", OFF, "-O3", "-march=native"],
        ],
        &[],
    );
}

#[test]
fn aarch64() {
    check(
        "aarch64",
        &[
            &["aarch64-linux-gnu-gcc", "-static", "-std=c99", OFF, "-O3"],
            &["aarch64-linux-gnu-gcc", "-static", "-O3"],
        ],
        &["qemu-aarch64"],
    );
}

#[test]
fn arm() {
    let compiler = "arm-linux-gnueabihf-gcc";
    check(
        "arm",
        &[
            &[compiler, "-static", "-std=c99", OFF, "-O2", "-mfpu=vfpv4"],
            &[compiler, "-static", "-std=c99", OFF, "-O2", "-mfpu=vfpv3-d16"], // no fused multiply-add
        ],
        &["qemu-arm"],
    );
}

// The program: from a model of PyTorch to a program in C that accepts its own example.
#[test]
fn command() {
    let directory = directory("command");
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/t_old.onnx");
    let stackprop = |arguments: &[&str], file: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stackprop"));
        command.current_dir(&directory).arg("export").arg(file).args(arguments).output().unwrap()
    };
    let exported = stackprop(&["--c", "new/directory", "--name", "digits"], &model);
    let (text, message) =
        (String::from_utf8_lossy(&exported.stdout), String::from_utf8_lossy(&exported.stderr));
    assert!(exported.status.success() && text.contains("wrote new/directory/digits.h\n"), "{text}{message}");
    if installed("gcc") {
        let sources = [harness("verify.c"), directory.join("new/directory/digits.c")];
        let program = compile(&directory.join("new/directory"), &["gcc", "-std=gnu11", "-O2"], &sources);
        output(&mut Command::new(program));
    }

    for (arguments, file, expected) in [
        (&["--c", "out"][..], Path::new("missing.onnx"), "missing.onnx: No such file or directory"),
        (&["--c", "out", "--name", "3d"], &model, "`3d` is not a name in C"),
        (&["--c", "new/directory/digits.h"], &model, "error: new/directory/digits.h: "),
    ] {
        let refused = stackprop(arguments, file);
        let message = String::from_utf8_lossy(&refused.stderr);
        assert!(refused.status.code() == Some(1) && message.contains(expected), "{message}");
        assert!(!directory.join("out").exists());
    }
}

// 64-64-10 has 4,810 parameters. Nothing of it may take RAM but the stack, which holds the 64 activations in between.
#[test]
fn cortex_m() {
    let compiler = "arm-none-eabi-gcc";
    if !installed(compiler) {
        return;
    }
    let (directory, case) = (directory("cortex_m"), digits());
    export(&directory, &case.model, case.name);
    let targets: [&[&str]; 2] = [
        &["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"],
        &["-mcpu=cortex-m0", "-mfloat-abi=soft"],
    ];
    for target in targets {
        output(
            Command::new(compiler)
                .current_dir(&directory)
                .args(STRICT)
                .args(["-std=c99", OFF, "-Os", "-mthumb", "-fstack-usage", "-c", "digits.c"])
                .args(target),
        );
        let sizes = output(Command::new("arm-none-eabi-size").current_dir(&directory).arg("digits.o"));
        let sizes: Vec<u64> =
            sizes.lines().nth(1).unwrap().split_whitespace().map_while(|n| n.parse().ok()).collect();
        let [flash, data, bss] = sizes[..3] else { panic!("three sizes") };
        let usage = std::fs::read_to_string(directory.join("digits.su")).unwrap();
        let stack =
            usage.lines().find(|line| line.contains("digits_predict")).unwrap().split('\t').nth(1).unwrap();
        println!("{target:?}: {flash} bytes of flash, {stack} of stack, {data} and {bss} of other RAM");
        let constants = 4 * (4810 + 64 + 10); // the parameters, and the example of `digits_verify`
        assert!((constants..constants + 1500).contains(&flash));
        assert_eq!((data, bss), (0, 0));
        assert!((256..256 + 100).contains(&stack.parse::<u64>().unwrap()));
    }
}

// A header is read by C++ of any year, and its functions link.
#[test]
fn header_in_cpp() {
    if !installed("g++") || !installed("gcc") {
        return;
    }
    let (directory, case) = (directory("header_in_cpp"), digits());
    export(&directory, &case.model, case.name);
    let main = "#include \"digits.h\"\nint main() { return digits_verify(); }\n";
    std::fs::write(directory.join("main.cpp"), main).unwrap();
    output(Command::new("gcc").current_dir(&directory).args(["-std=c99", OFF, "-c", "digits.c"]));
    output(Command::new("g++").current_dir(&directory).args(STRICT).args([
        "-std=c++98",
        "main.cpp",
        "digits.o",
        "-lm",
        "-o",
        "main",
    ]));
    output(&mut Command::new(directory.join("main")));
}

#[test]
fn flags_that_change_results_are_refused() {
    let (directory, case) = (directory("flags"), digits());
    export(&directory, &case.model, case.name);
    for compiler in ["gcc", "clang"] {
        for flag in ["-ffast-math", "-Ofast", "-ffinite-math-only"] {
            if installed(compiler) {
                let mut command = Command::new(compiler);
                command.current_dir(&directory).args(["-std=c99", flag, "-c", "digits.c", "-o", "digits.o"]);
                let output = command.output().unwrap();
                let message = String::from_utf8_lossy(&output.stderr);
                assert!(
                    !output.status.success() && message.contains("change results"),
                    "{command:?}: {message}"
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_exported() {
    let dense = |weight, activation| Layer::Dense {
        inputs: 1,
        outputs: 1,
        weights: vec![weight],
        biases: vec![0.0],
        activation,
    };
    let error =
        |layers: Vec<Layer>, name| c::export(&Model { inputs: 1, layers }, name).unwrap_err().to_string();
    let is_not = "is not a name in C, which is a letter and then letters, digits and underscores";
    for name in ["", "3d", "_net", "my-net", "größe"] {
        assert_eq!(error(vec![dense(1.0, Activation::Relu)], name), format!("`{name}` {is_not}"));
    }
    assert_eq!(error(vec![], "net"), "the model has no layers");
    assert_eq!(
        error(vec![dense(1e39, Activation::Relu)], "net"),
        "layer 0, a Dense: number 0 of `weight` is 1000000000000000000000000000000000000000, which is not a finite f32"
    );
    let variance = vec![-0.5];
    assert_eq!(
        error(vec![Layer::Standardize { mean: vec![0.0], variance, count: 1 }], "net"),
        "layer 0, a Standardize: variance 0 is -0.5, but a variance is at least 0"
    );
    // The example is -2: -2 * 3e38 is -infinity, and -infinity * 0 is NaN.
    assert_eq!(
        error(vec![dense(3e38, Activation::Identity), dense(0.0, Activation::Identity)], "net"),
        "output 0 is NaN for an example of small inputs: the parameters are too large"
    );
}

/// What `verify` returns if a piece of the source is replaced, in a mode of `tests/c/verify.c`.
fn verify(directory: &Path, from: &str, to: &str, mode: &str) -> Option<i32> {
    let source = std::fs::read_to_string(directory.join("digits.c")).unwrap();
    assert!(source.contains(from), "{from}");
    std::fs::write(directory.join("changed.c"), source.replace(from, to)).unwrap();
    let mut compiler = Command::new("gcc");
    compiler.current_dir(directory).args(["-std=c99", "-O2", "-I."]).arg(harness("verify.c"));
    output(compiler.args(["changed.c", "-lm", "-o", "program"]));
    Command::new(directory.join("program")).arg(mode).status().unwrap().code()
}

// Each condition for the bits is checked by itself, so that the result says what is wrong.
#[test]
fn verify_finds_what_changes_results() {
    if !installed("gcc") {
        return;
    }
    let (directory, case) = (directory("verify"), digits());
    export(&directory, &case.model, case.name);
    assert_eq!(verify(&directory, "", "", "default"), Some(0));
    for mode in ["upward", "downward", "towards zero"] {
        assert_eq!(verify(&directory, "", "", mode), Some(1), "{mode}");
    }
    if cfg!(target_arch = "x86_64") {
        assert_eq!(verify(&directory, "", "", "flush to zero"), Some(1));
    }
    // As newlib's fmaf does.
    assert_eq!(verify(&directory, "(bits - away_from_zero) | inexact", "bits", "default"), Some(2));
    // As compilers do.
    assert_eq!(verify(&directory, "x * x + z", "fused(x, x, z)", "default"), Some(3));
    let product = "fused(x[i], layer_1_weights[i][j], c0)";
    let rounded = "x[i] * layer_1_weights[i][j] + c0";
    assert_eq!(verify(&directory, product, rounded, "default"), Some(4));
}

/// A program of `tests/c/functions.c` for each of the commands.
fn function_programs(test: &str, commands: &[&[&str]]) -> Vec<PathBuf> {
    let layers = layers![
        Dense::<1, 2, Softmax>::new(),
        Dense::<2, 1, Elu>::new(),
        Dense::<1, 1, Softplus>::new(),
        Dense::<1, 1, Tanh>::new(),
        Dense::<1, 1, Sigmoid>::new(),
        Dense::<1, 1, Gelu>::new()
    ];
    let case = case::<1, 1, _>("functions_net", layers);
    let mut programs = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        let Some(compiler) = command.first() else { continue };
        if installed(compiler) {
            let directory = directory(&format!("{test}_{index}"));
            export(&directory, &case.model, case.name);
            programs.push(compile(&directory, command, &[harness("functions.c")]));
        }
    }
    programs
}

type Function = fn(f32) -> f32;

/// The functions that `tests/c/functions.c` applies, in its order.
const FUNCTIONS: [(&str, Function); 6] = [
    ("exp", Elementary::exp),
    ("exp_m1", Elementary::exp_m1),
    ("ln_1p", Elementary::ln_1p),
    ("tanh", Elementary::tanh),
    ("sigmoid", Elementary::sigmoid),
    ("gelu", Elementary::gelu),
];

/// Compares each function at `count` numbers whose bits are `step` apart.
fn sweep(program: &Path, first: u32, step: u32, count: u32) {
    for (index, (name, function)) in FUNCTIONS.iter().enumerate() {
        let input = [index as u32, first, step, count].map(u32::to_ne_bytes).concat();
        let found = numbers(&run(&[], program, input));
        assert_eq!(found.len(), count as usize);
        let mut bits = first;
        for found in found {
            let x = f32::from_bits(bits);
            let expected = function(x);
            assert!(
                same(expected, found),
                "{}: {name}({x:e}) is {expected:e}, in C {found:e}",
                program.display()
            );
            bits = bits.wrapping_add(step);
        }
    }
}

const FUNCTION_COMMANDS: [&[&str]; 3] = [
    &["gcc", "-std=c99", OFF, "-O2"],
    &["gcc", "-std=c99", OFF, "-O3", "-march=native"],
    &["clang", "-std=c99", OFF, "-O3", "-march=native"],
];

#[test]
fn functions() {
    for program in function_programs("functions", &FUNCTION_COMMANDS) {
        sweep(&program, 0, 4099, 1_047_809); // once around: 4099 * 1,047,809 is just above 2^32
    }
}

/// Each function at each `f32`: `cargo test --release --test c -- --ignored`.
#[test]
#[ignore = "half an hour with optimisation"]
fn functions_everywhere() {
    for program in function_programs("functions_everywhere", &FUNCTION_COMMANDS[1..2]) {
        for first in 0..256 {
            sweep(&program, first << 24, 1, 1 << 24);
        }
    }
}

/// The multiply-add in terms of `double`, for processors without an instruction, against the correctly rounded one of std.
#[test]
fn multiply_add_without_an_instruction() {
    let mut random = Random(3);
    // Sums near the middle of two floats: x y is 1 + 2^-11 + 2^-24, or other products of short numbers.
    let mut triples = vec![
        [1.0 + 1.0 / 4096.0, 1.0 + 1.0 / 4096.0, f32::from_bits(1)],
        [0.9474001, 4.639901e-7, -0.24325085], // openlibm, issue 160
        [f32::MAX, 1.0, f32::MAX],
        [f32::MAX, f32::MAX, f32::NEG_INFINITY],
        [f32::INFINITY, 0.0, 1.0],
        [1.0, -1.0, 1.0],
        [-1.0, 0.0, 0.0],
        [-1.0, 0.0, -0.0],
    ];
    for _ in 0..500_000 {
        let any = [(); 3].map(|()| f32::from_bits(random.bits() as u32));
        let [x, y] = [(); 2].map(|()| 1.0 + random.below(8192) as f32 / 4096.0);
        let scale = f32::from_bits((1 + random.below(254) as u32) << 23);
        let small = random.unit() * scale;
        triples.extend([any, [x, y, small], [x, -y, small], [x * f32::MIN_POSITIVE, y / 4096.0, small]]);
    }
    let input: Vec<u8> = 6_u32
        .to_ne_bytes()
        .into_iter()
        .chain(triples.iter().flatten().flat_map(|x| x.to_ne_bytes()))
        .collect();
    for program in
        function_programs("multiply_add", &[&["gcc", "-std=c99", "-O0"], &["gcc", "-std=c99", "-O3"]])
    {
        let found = numbers(&run(&[], &program, input.clone()));
        assert_eq!(found.len(), triples.len());
        for ([x, y, z], found) in triples.iter().zip(found) {
            let expected = x.mul_add(*y, *z);
            assert!(same(expected, found), "{x:e} * {y:e} + {z:e} is {expected:e}, in C {found:e}");
        }
    }
}
