#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    rootward_fuzz::run("response", data);
});
