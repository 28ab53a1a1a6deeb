//! Saves, loads and power cuts in any order, in flash with any content.
#![no_main]

libfuzzer_sys::fuzz_target!(|story: stackprop_fuzz::flash::Story| story.check());
