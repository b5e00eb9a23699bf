//! The process's peak memory, for what the benchmarks print beside their times.

/// "peak memory 41,212 kB", where the operating system tells.
pub fn peak() -> String {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            status
                .lines()
                .find_map(|line| line.strip_prefix("VmHWM:"))
                .map(|size| format!("peak memory {}", size.trim()))
        })
        .unwrap_or_else(|| "peak memory not told".to_owned())
}
